package resources_test

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

func database(master string) resources.DatabaseClusterInput {
	return resources.DatabaseClusterInput{
		Identifier: "db", Database: "payments", MasterUsername: master, Port: 5432, SubnetGroup: "subnets", ParameterGroup: "parameters",
		SecurityGroup: "sg", DataKey: "arn:data", SecretsKey: "arn:secrets", MinCapacity: 0.5, MaxCapacity: 4, BackupDays: 7,
		BackupWindow: "07:00-08:00", MaintenanceWindow: "sun:08:30-sun:09:00",
	}
}

// Security Hub RDS.24: the master user's name is not one that everybody tries first.
func TestDatabaseClusterRefusesWellKnownMasters(t *testing.T) {
	for name, want := range map[string]string{"payadmin": "", "postgres": "well-known", "Admin": "well-known", "": "well-known"} {
		t.Run(name, func(t *testing.T) {
			wantInvalid(t, want, func(root *cfn.Template) {
				resources.AddDatabaseCluster(root, "Cluster", "Holds data", database(name))
			})
		})
	}
}

// A cluster is encrypted with the two keys, its password is made and rotated by RDS, and it goes without a trace.
func TestDatabaseClusterDefaults(t *testing.T) {
	root := cfn.NewTemplate("root", "A test")
	resources.AddDatabaseCluster(root, "Cluster", "Holds data", database("payadmin"))
	compiler, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	files, err := compiler.Compile(root)
	if err != nil {
		t.Fatal(err)
	}
	text := string(files[0].Data)
	for _, want := range []string{
		"DeletionPolicy: Delete\n", "UpdateReplacePolicy: Delete\n", "Stateful: true\n", "StorageEncrypted: true\n",
		"KmsKeyId: arn:data\n", "MasterUserSecret:\n        KmsKeyId: arn:secrets\n", "ManageMasterUserPassword: true\n",
		"DeletionProtection: false\n", "DeleteAutomatedBackups: true\n", "DatabaseInsightsMode: standard\n",
		"EnableIAMDatabaseAuthentication: false\n", "PerformanceInsightsRetentionPeriod: 7\n", "MinCapacity: 0.5\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\n      MasterUserPassword:") {
		t.Error("a password stands in the template")
	}
}

func TestDatabaseInstanceHasNoPublicAddress(t *testing.T) {
	i := resources.DatabaseInstance(resources.DatabaseInstanceInput{
		Identifier: "db-writer", Cluster: "db", ParameterGroup: "parameters", Zone: "us-east-1a", PromotionTier: 1, DataKey: "arn:data", MaintenanceWindow: "sun:09:00-sun:09:30",
	})
	if *i.PubliclyAccessible || *i.DBInstanceClass != "db.serverless" || *i.PromotionTier != 1 || *i.PerformanceInsightsKMSKeyId != "arn:data" ||
		i.AWSCloudFormationDeletionPolicy != "Delete" || i.MonitoringInterval != nil {
		t.Errorf("instance: %+v", i)
	}
}
