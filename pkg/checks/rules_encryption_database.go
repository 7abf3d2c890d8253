package checks

import (
	"slices"
	"strings"
)

// checkAdministrators holds clusters, and instances without cluster, to a managed master password and a master user that is
// not the engine's default (AWS Security Hub User Guide, controls RDS.24 and RDS.25).
func checkAdministrators(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::RDS::DBCluster", "AWS::RDS::DBInstance") {
		restored := r.At("SnapshotIdentifier").Exists() || r.At("DBSnapshotIdentifier").Exists() || r.At("SourceDBInstanceIdentifier").Exists()
		if r.At("DBClusterIdentifier").Exists() && r.Type == "AWS::RDS::DBInstance" {
			continue
		}
		l.Look()
		if v := r.At("ManageMasterUserPassword"); !v.True() {
			l.FailUnlessExcused(r, "ManageMasterUserPassword", v, "true", "let RDS keep the password in Secrets Manager and rotate it")
		}
		v := r.At("MasterUsername")
		if known := []string{"", "admin", "administrator", "postgres", "rdsadmin", "root", "sa"}; !restored && slices.Contains(known, strings.ToLower(v.String())) {
			l.FailUnlessExcused(r, "MasterUsername", v, "a name that is not the engine's default", "name the administrator")
		}
	}
}
