// Package plumb holds what the program of that name carries with it: the
// platform's own migrations, for plumb demo.
package plumb

import "embed"

// Migrations are the platform's phase folders, below migrations/.
//
//go:embed migrations/*/*.sql
var Migrations embed.FS
