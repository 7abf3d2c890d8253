package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/rds"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// clusterParameters are PostgreSQL's settings for all instances. Values and their meaning:
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Reference.ParameterGroups.html
//
// What is logged must tell who did what (PCI DSS 10.2) and must not hold card data or passwords (3.3, 8.3.2):
//   - pgaudit, not log_statement, records changes of schema and roles: it blanks passwords, which log_statement writes out.
//     https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_LogAccess.Concepts.PostgreSQL.Query_Logging.html
//   - bound parameters are never logged, neither with slow statements nor with errors;
//   - errors come without DETAIL, which quotes the values of the row that violates a constraint.
//
// Statements with literals instead of parameters can still be logged when they are slow or fail: services must bind.
func clusterParameters() map[string]string {
	return map[string]string{
		// Encrypted connections only (4.2.1).
		"rds.force_ssl":            "1",
		"ssl_min_protocol_version": "TLSv1.2",
		// Passwords: strong hashes; only members of rds_password, such as the master user, may set them.
		"password_encryption":            "scram-sha-256",
		"rds.restrict_password_commands": "1",
		// Who came and went.
		"log_connections":    "1",
		"log_disconnections": "1",
		// What changed. What the role rds_pgaudit is granted on a table, such as SELECT, is recorded for that table, whoever
		// does it (10.2.1.1): a migration that makes a table for card data grants it.
		"shared_preload_libraries": "pg_stat_statements,pgaudit",
		"pgaudit.log":              "ddl,role",
		"pgaudit.log_parameter":    "0",
		"pgaudit.role":             "rds_pgaudit",
		"log_statement":            "none",
		// What is slow, without the values.
		"log_min_duration_statement":        "1000",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		"log_error_verbosity":               "terse",
	}
}

// instanceParameters are what may differ between instances: limits that keep a session which hangs in a transaction from
// holding its locks, in milliseconds.
func instanceParameters() map[string]string {
	return map[string]string{
		"idle_in_transaction_session_timeout": "60000",
		"log_lock_waits":                      "1",
	}
}

// addDatabaseParameters declares the parameter groups. Their names hold the family, so that a new major version can get
// groups beside them.
func addDatabaseParameters(t *cfn.Template, in DataInputs) (cfn.Resource[*rds.DBClusterParameterGroup], cfn.Resource[*rds.DBParameterGroup]) {
	cluster := cfn.Add(t, "ClusterParameterGroup", "Settings of all instances: TLS, audit, and what the log must not hold", &rds.DBClusterParameterGroup{
		DBClusterParameterGroupName: new(in.Name("parameters", "cluster", resources.AuroraFamily)),
		Description:                 "Payment database: TLS only, audited, no values in the log",
		Family:                      resources.AuroraFamily,
		Parameters:                  clusterParameters(),
	})
	instance := cfn.Add(t, "InstanceParameterGroup", "Settings of a single instance: limits of sessions", &rds.DBParameterGroup{
		DBParameterGroupName: new(in.Name("parameters", "instance", resources.AuroraFamily)),
		Description:          "Payment database: limits of sessions",
		Family:               resources.AuroraFamily,
		Parameters:           instanceParameters(),
	})
	return cluster, instance
}
