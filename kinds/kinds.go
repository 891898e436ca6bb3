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
	// roles,
	// memberships,
	schemas,
	// extensions,
	// languages,
	// accessMethods,
	// foreignDataWrappers,
	// foreignServers,
	// userMappings,
	// collations,
	// conversions,
	// baseTypes,
	// enums,
	// domains,
	// domainConstraints,
	// compositeTypes,
	// attributes,
	// ranges,
	// textSearchParsers, textSearchTemplates, textSearchDictionaries, textSearchConfigurations,
	// sequences,
	// functions,
	// aggregates,
	// operators,
	// operatorFamilies,
	// operatorClasses,
	// casts,
	// transforms,
	tables,
	// foreignTables,
	columns,
	notNulls,
	// identities,
	defaults,
	// sequenceOwners,
	constraints,
	// constraintIndexes,
	indexes,
	// statistics,
	views,
	// materializedViews,
	// viewColumns,
	// rules,
	// triggers,
	// policies,
	// eventTriggers,
	// publications,
	// publicationTables,
	// publicationSchemas,
	// subscriptions,
	// largeObjects,
	// owners,
	// privileges,
	comments,
	// securityLabels,
	// defaultPrivileges,
	// settings,
}
