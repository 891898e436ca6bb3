package random

import "slices"

// A maker writes the statements of one kind of element; no statements where
// there is nothing that the element could be about.
type maker struct {
	kind string
	// weight says how often the kind is taken.
	weight int
	sql    func(*draw) []string
	// ref is how COMMENT ON and GRANT refer to the element; nil: they do not.
	ref func(*draw) string
}

var makers []maker

func init() {
	makers = slices.Concat(typeMakers(), tableMakers(), codeMakers(), otherMakers())
}

// typeMakers make what columns are of.
func typeMakers() []maker {
	return []maker{
		{"schema", 2, newSchema, noun("SCHEMA", (*draw).name)},
		{"enum", 3, newEnum, noun("TYPE", (*draw).qualified)},
		{"domain", 3, newDomain, noun("DOMAIN", (*draw).qualified)},
		{"domain check", 2, newDomainCheck, domainCheckReference},
		{"composite", 3, newComposite, noun("TYPE", (*draw).qualified)},
		{"range", 1, newRange, noun("TYPE", (*draw).qualified)},
		{"collation", 1, newCollation, noun("COLLATION", (*draw).qualified)},
		{"base type", 1, newBaseType, noun("TYPE", (*draw).qualified)},
		{"shell type", 1, newShellType, noun("TYPE", (*draw).qualified)},
		{"extension", 2, newExtension, noun("EXTENSION", (*draw).extension)},
		{"sequence", 3, newSequence, noun("SEQUENCE", (*draw).qualified)},
	}
}

// tableMakers make tables and what belongs to them.
func tableMakers() []maker {
	return []maker{
		{"table", 8, newTable, noun("TABLE", (*draw).qualified)},
		{"partitioned table", 2, newTable, noun("TABLE", (*draw).qualified)},
		{"partition", 5, newPartition, noun("TABLE", (*draw).qualified)},
		{"child", 3, newChild, noun("TABLE", (*draw).qualified)},
		{"typed table", 1, newTyped, noun("TABLE", (*draw).qualified)},
		{"column setting", 4, newColumnSetting, nil},
		{"table setting", 4, newTableSetting, nil},
		{"not null", 2, newNotNull, nil},
		{"key", 6, newKey, onTable("CONSTRAINT")},
		{"foreign key", 6, newForeignKey, nil},
		{"check", 5, newCheck, onTable("CONSTRAINT")},
		{"exclusion", 1, newExclusion, onTable("CONSTRAINT")},
		{"index", 8, newIndex, noun("INDEX", indexName)},
		{"attached index", 2, newAttachedIndex, nil},
		{"statistics", 2, newStatistics, noun("STATISTICS", (*draw).qualified)},
		{"rows", 8, newRows, nil},
	}
}

// codeMakers make what is run, or reads tables.
func codeMakers() []maker {
	return []maker{
		{"view", 9, newView, noun("VIEW", (*draw).qualified)},
		{"matview", 4, newMatview, noun("MATERIALIZED VIEW", (*draw).qualified)},
		{"view default", 1, newViewDefault, nil},
		{"function", 5, newFunction, noun("FUNCTION", functionName)},
		{"row function", 4, newRowFunction, noun("FUNCTION", rowFunctionName)},
		{"atomic function", 4, newAtomicFunction, noun("FUNCTION", atomicFunctionName)},
		{"typed function", 4, newTypedFunction, noun("FUNCTION", typedFunctionName)},
		{"trigger function", 2, newTriggerFunction, noun("FUNCTION", triggerFunctionName)},
		{"procedure", 2, newProcedure, noun("PROCEDURE", procedureName)},
		{"aggregate", 2, newAggregate, noun("AGGREGATE", aggregateName)},
		{"operator", 1, newOperator, noun("OPERATOR", operatorName)},
		{"cast", 1, newCast, noun("CAST", castName)},
		{"transform", 1, newTransform, noun("TRANSFORM FOR", transformName)},
		{"trigger", 5, newTrigger, onTable("TRIGGER")},
		{"trigger state", 2, newTriggerState, nil},
		{"view trigger", 1, newViewTrigger, nil},
		{"rule", 2, newRule, onTable("RULE")},
		{"event trigger", 1, newEventTrigger, noun("EVENT TRIGGER", (*draw).name)},
		{"language", 1, newLanguage, noun("LANGUAGE", (*draw).name)},
		{"operator class", 1, newOperatorClass, noun("OPERATOR CLASS", operatorClassName)},
		{"operator family", 1, newOperatorFamily, noun("OPERATOR FAMILY", operatorClassName)},
		{"access method", 1, newAccessMethod, noun("ACCESS METHOD", (*draw).name)},
	}
}

// otherMakers make what is said of others, and what stands by itself.
func otherMakers() []maker {
	return []maker{
		{"policy", 4, newPolicy, onTable("POLICY")},
		{"comment", 6, newComment, nil},
		{"column comment", 3, newColumnComment, nil},
		{"owner", 4, newOwner, nil},
		{"grant", 6, newGrant, nil},
		{"column grant", 2, newColumnGrant, nil},
		{"default privilege", 1, newDefaultPrivilege, nil},
		{"publication", 1, newPublication, noun("PUBLICATION", (*draw).name)},
		{"wrapper", 1, newWrapper, noun("FOREIGN DATA WRAPPER", (*draw).name)},
		{"server", 2, newServer, noun("SERVER", (*draw).name)},
		{"user mapping", 2, newUserMapping, nil},
		{"foreign table", 3, newForeignTable, noun("FOREIGN TABLE", (*draw).qualified)},
		{"template", 1, newTemplate, noun("TEXT SEARCH TEMPLATE", (*draw).qualified)},
		{"parser", 1, newParser, noun("TEXT SEARCH PARSER", (*draw).qualified)},
		{"dictionary", 1, newDictionary, noun("TEXT SEARCH DICTIONARY", (*draw).qualified)},
		{"configuration", 1, newConfiguration, noun("TEXT SEARCH CONFIGURATION", (*draw).qualified)},
		{"conversion", 1, newConversion, noun("CONVERSION", (*draw).qualified)},
		{"large object", 1, newLargeObject, noun("LARGE OBJECT", largeObjectName)},
	}
}

// noun writes a reference out of a noun and a name.
func noun(noun string, name func(*draw) string) func(*draw) string {
	return func(d *draw) string { return noun + " " + name(d) }
}

// onTable writes a reference to what has its name on a table.
func onTable(noun string) func(*draw) string {
	return func(d *draw) string {
		t := d.target()
		if t == nil {
			return ""
		}
		return noun + " " + d.name() + " ON " + t.qualified()
	}
}

// reference is how statements refer to the element; "" if they cannot.
func (d *draw) reference() string {
	for _, m := range makers {
		if m.kind == d.e.Kind && m.ref != nil {
			return m.ref(d)
		}
	}
	return ""
}

// kindsWith lists the kinds that statements can refer to.
func kindsWith(ok func(maker) bool) []string {
	var out []string
	for _, m := range makers {
		if m.ref != nil && ok(m) {
			out = append(out, m.kind)
		}
	}
	return out
}
