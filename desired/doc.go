// Package desired builds the schemas that people name.
//
// A history of migrations and a file of SQL are replayed into a throw-away
// database and read back from its catalogs, since PostgreSQL alone knows what
// they mean. A live database is read as it is. Either way a schema is what a
// server printed, so any two of them can be compared.
package desired
