package templates_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// only is the one resource of a type in a file.
func only(t *testing.T, f template, resourceType string) (string, resource) {
	t.Helper()
	found := f.ofType(resourceType)
	if len(found) != 1 {
		t.Fatalf("%d resources of type %s, want one", len(found), resourceType)
	}
	for id, r := range found {
		return id, r
	}
	panic("unreachable")
}

// databaseInstances are those of the data tier and of the reader tier.
func databaseInstances(t *testing.T) map[string]resource {
	t.Helper()
	all := file(t, "data.yaml").ofType("AWS::RDS::DBInstance")
	maps.Copy(all, file(t, "reader.yaml").ofType("AWS::RDS::DBInstance"))
	return all
}

// R11: nothing that services wait for waits for the reader, and an empty cluster gets the writer first: the reader's cluster comes from the
// data tier, by name of its outputs.
func TestReaderComesAfterTheWriter(t *testing.T) {
	root := file(t, "platform.yaml")
	for id, r := range root.Resources {
		if strings.Contains(fmt.Sprint(r), "ReaderStack.Outputs") || slices.Contains(r.DependsOn, "ReaderStack") {
			t.Errorf("%s waits for the reader", id)
		}
	}
	parameters := root.Resources["ReaderStack"].Properties
	for name, want := range map[string]string{"Cluster": "${DataStack.Outputs.Cluster}", "Writer": "${DataStack.Outputs.Writer}", "InstanceParameters": "${DataStack.Outputs.InstanceParameters}"} {
		if got := text(at(parameters, "Parameters", name)); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if got := text(file(t, "reader.yaml").Resources["Reader"].Properties["DBClusterIdentifier"]); got != "${Cluster}" {
		t.Errorf("the reader belongs to %s", got)
	}
}

// R11: two instances in different zones, in the isolated subnets, behind the database's security group only.
func TestDatabaseSpansZones(t *testing.T) {
	f, zones := file(t, "data.yaml"), map[string]bool{}
	instances := databaseInstances(t)
	for id, i := range instances {
		stack := map[string]string{"Writer": "DataStack", "Reader": "ReaderStack"}[id]
		zones[text(at(file(t, "platform.yaml").Resources[stack].Properties, "Parameters", strings.Trim(text(i.Properties["AvailabilityZone"]), "${}")))] = true
		if i.Properties["PubliclyAccessible"] != false || i.Properties["DBInstanceClass"] != "db.serverless" {
			t.Errorf("%s: public %v, class %v", id, i.Properties["PubliclyAccessible"], i.Properties["DBInstanceClass"])
		}
		if tier := i.Properties["PromotionTier"].(int); tier > 1 {
			t.Errorf("%s has promotion tier %d: it would not grow with the writer", id, tier)
		}
	}
	if len(instances) < 2 || len(zones) < 2 {
		t.Errorf("%d instances in %d zones", len(instances), len(zones))
	}
	_, c := only(t, f, "AWS::RDS::DBCluster")
	if diff := cmp.Diff([]string{"${Group}"}, texts(c.Properties["VpcSecurityGroupIds"])); diff != "" {
		t.Error(diff)
	}
	_, subnets := only(t, f, "AWS::RDS::DBSubnetGroup")
	for i, want := range []string{"A", "B", "C"} {
		if got := text(at(file(t, "platform.yaml").Resources["DataStack"].Properties, "Parameters", "Subnets"+want)); got != "${NetworkStack.Outputs.IsolatedSubnets"+want+"}" {
			t.Errorf("subnet %d of the database is %s", i, got)
		}
	}
	if len(texts(subnets.Properties["SubnetIds"])) < 3 {
		t.Error("the database does not span the zones")
	}
}

// R11: capacity is bounded by the root's parameters.
func TestDatabaseCapacity(t *testing.T) {
	_, c := only(t, file(t, "data.yaml"), "AWS::RDS::DBCluster")
	scaling := at(c.Properties, "ServerlessV2ScalingConfiguration")
	if text(at(scaling, "MinCapacity")) != "${MinCapacity}" || text(at(scaling, "MaxCapacity")) != "${MaxCapacity}" {
		t.Errorf("scaling: %v", scaling)
	}
	if text(c.Properties["BackupRetentionPeriod"]) != "${BackupDays}" {
		t.Errorf("backups: %v", c.Properties["BackupRetentionPeriod"])
	}
}

// R14, R15: storage and master secret have keys of their own, no password stands anywhere, RDS rotates the secret.
func TestMasterPasswordIsManagedByRDS(t *testing.T) {
	_, c := only(t, file(t, "data.yaml"), "AWS::RDS::DBCluster")
	if c.Properties["StorageEncrypted"] != true || text(c.Properties["KmsKeyId"]) != "${DataKey}" || text(at(c.Properties, "MasterUserSecret", "KmsKeyId")) != "${SecretsKey}" {
		t.Errorf("keys: %v, %v", c.Properties["KmsKeyId"], c.Properties["MasterUserSecret"])
	}
	if c.Properties["ManageMasterUserPassword"] != true || c.Properties["MasterUserPassword"] != nil {
		t.Error("RDS does not manage the master password")
	}
	if name := c.Properties["MasterUsername"]; name == "postgres" || name == "admin" {
		t.Errorf("master user is %v", name)
	}
	for id, i := range databaseInstances(t) {
		if text(i.Properties["PerformanceInsightsKMSKeyId"]) != "${DataKey}" {
			t.Errorf("Performance Insights of %s has another key", id)
		}
	}
}

// PCI DSS 4.2.1, 10.2, 3.3: TLS only, audited, and neither parameters nor passwords nor rows in the log.
func TestDatabaseLogHoldsNoCardData(t *testing.T) {
	f := file(t, "data.yaml")
	_, g := only(t, f, "AWS::RDS::DBClusterParameterGroup")
	for name, want := range map[string]string{
		"rds.force_ssl": "1", "ssl_min_protocol_version": "TLSv1.2", "log_connections": "1", "log_disconnections": "1",
		"log_statement": "none", "log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0",
		"log_error_verbosity": "terse", "pgaudit.log_parameter": "0", "password_encryption": "scram-sha-256",
	} {
		if got := at(g.Properties, "Parameters", name); got != want {
			t.Errorf("%s is %v, want %s", name, got, want)
		}
	}
	libraries := strings.Split(at(g.Properties, "Parameters", "shared_preload_libraries").(string), ",")
	audited := strings.Split(at(g.Properties, "Parameters", "pgaudit.log").(string), ",")
	if !slices.Contains(libraries, "pgaudit") || !slices.Contains(audited, "ddl") || !slices.Contains(audited, "role") {
		t.Errorf("libraries %v, audited %v", libraries, audited)
	}
	_, c := only(t, f, "AWS::RDS::DBCluster")
	if text(c.Properties["DBClusterParameterGroupName"]) != "${ClusterParameterGroup}" {
		t.Errorf("the cluster uses %v", c.Properties["DBClusterParameterGroupName"])
	}
	_, instance := only(t, f, "AWS::RDS::DBParameterGroup")
	for id, i := range databaseInstances(t) {
		if got, want := text(i.Properties["DBParameterGroupName"]), map[string]string{"Writer": "${InstanceParameterGroup}", "Reader": "${InstanceParameters}"}[id]; got != want {
			t.Errorf("%s uses %s, want %s", id, got, want)
		}
	}
	// What instances set wins over what the cluster sets.
	for name := range at(instance.Properties, "Parameters").(map[string]any) {
		if at(g.Properties, "Parameters", name) != nil {
			t.Errorf("%s is set for the cluster and again for instances", name)
		}
	}
}

// R13: every log the cluster exports goes to a group that exists before it, with our key and retention.
func TestDatabaseLogGroupsExistFirst(t *testing.T) {
	f := file(t, "data.yaml")
	_, c := only(t, f, "AWS::RDS::DBCluster")
	exports := texts(c.Properties["EnableCloudwatchLogsExports"])
	if len(exports) == 0 {
		t.Error("the database's log is not exported")
	}
	for _, kind := range exports {
		found := false
		for id, g := range f.ofType("AWS::Logs::LogGroup") {
			if text(g.Properties["LogGroupName"]) == "/aws/rds/cluster/"+text(c.Properties["DBClusterIdentifier"])+"/"+kind {
				found = true
				if !slices.Contains(c.DependsOn, id) {
					t.Errorf("the cluster does not wait for %s", id)
				}
			}
		}
		if !found {
			t.Errorf("RDS would create the group of the log %s itself", kind)
		}
	}
}

// R20: nothing of the database stays.
func TestDatabaseLeavesNothing(t *testing.T) {
	f := file(t, "data.yaml")
	_, c := only(t, f, "AWS::RDS::DBCluster")
	if c.Properties["DeletionProtection"] != false || c.Properties["DeleteAutomatedBackups"] != true || c.Metadata["Stateful"] != true {
		t.Errorf("protection %v, backups deleted %v, metadata %v", c.Properties["DeletionProtection"], c.Properties["DeleteAutomatedBackups"], c.Metadata)
	}
	all := databaseInstances(t)
	maps.Copy(all, f.Resources)
	for id, r := range all {
		stays := strings.HasPrefix(r.Type, "AWS::RDS::DBCluster") && r.Type == "AWS::RDS::DBCluster" || r.Type == "AWS::RDS::DBInstance" || r.Type == "AWS::Logs::LogGroup"
		if stays && (r.DeletionPolicy != "Delete" || r.UpdateReplacePolicy != "Delete") {
			t.Errorf("%s: deletion policy %q, replace policy %q", id, r.DeletionPolicy, r.UpdateReplacePolicy)
		}
	}
}

// Security Hub RDS.19 to RDS.22: what must be told of each kind of source.
func TestDatabaseEvents(t *testing.T) {
	want := map[string][]string{
		"db-cluster": {"failover", "failure", "maintenance"}, "db-instance": {"configuration change", "failure", "maintenance"},
		"db-parameter-group": {"configuration change"}, "db-security-group": {"configuration change", "failure"},
	}
	subscriptions := file(t, "reader.yaml").ofType("AWS::RDS::EventSubscription")
	maps.Copy(subscriptions, file(t, "data.yaml").ofType("AWS::RDS::EventSubscription"))
	for id, s := range subscriptions {
		kind := s.Properties["SourceType"].(string)
		for _, category := range want[kind] {
			if !slices.Contains(texts(s.Properties["EventCategories"]), category) {
				t.Errorf("%s does not tell of %s", id, category)
			}
		}
		if text(s.Properties["SnsTopicArn"]) != "${Topic}" || s.Properties["Enabled"] != true {
			t.Errorf("%s tells nobody", id)
		}
		if kind != "db-security-group" && len(items(s.Properties["SourceIds"])) == 0 {
			t.Errorf("%s tells of everybody's databases", id)
		}
		delete(want, kind)
	}
	if len(want) > 0 {
		t.Errorf("no subscription to %v", want)
	}
}
