// Package kinds is what plumb knows about PostgreSQL: one file per kind of
// object, its catalog query beside the code that writes its statements.
//
// To add a kind, write its file, add it to All, and give it a case in
// testdata/diff.
package kinds

import "github.com/tvl-platform/plumb/schema"

// All lists every kind in the order in which objects are preferably made:
// where the dependencies leave a choice, an earlier kind goes first.
var All = schema.Kinds{
	schemas,
	extensions,
	languages,
	accessMethods,
	foreignDataWrappers,
	foreignServers,
	userMappings,
	collations,
	conversions,
	shellTypes,
	baseTypes,
	enums,
	domains,
	domainDefaults,
	domainConstraints,
	compositeTypes,
	attributes,
	ranges,
	textSearchParsers, textSearchTemplates, textSearchDictionaries, textSearchConfigurations,
	sequences,
	functions,
	procedures,
	aggregates,
	operators,
	operatorFamilies,
	operatorClasses,
	familyOperators,
	familyFunctions,
	casts,
	transforms,
	tables,
	partitions,
	inheritances,
	typings,
	foreignTables,
	columns,
	notNulls,
	identities,
	defaults,
	sequenceOwners,
	constraints,
	constraintIndexes,
	indexes,
	attachedIndexes,
	clusterings,
	replicaIdentities,
	toastOptions,
	statistics,
	views,
	materializedViews,
	viewColumns,
	rules,
	triggers,
	partitionTriggers,
	extensionDependencies,
	policies,
	publications,
	publicationTables,
	publicationSchemas,
	subscriptions,
	largeObjects,
	eventTriggers, // so that they fire on as little of a plan as can be
	owners,
	privileges,
	comments,
	securityLabels,
	defaultPrivileges,
}

// Cluster lists the kinds that databases share or that belong to a database as
// a whole. They are compared on request only (--cluster), and go before All.
var Cluster = schema.Kinds{
	roles,
	memberships,
	databases,
	settings,
	clusterPrivileges,
}
