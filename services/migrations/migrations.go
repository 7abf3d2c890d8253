// Package migrations holds the schema of the database as SQL files: the migrations, applied once each in the order of
// their names, and the grants of the services' roles, applied by every run of the administration program.
package migrations

import "embed"

//go:embed *.sql grants/*.sql
var files embed.FS

// Files returns the migrations at the top and the grants below the folder grants, in one file for each role.
func Files() embed.FS { return files }
