package templates_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// R3: both Fargate providers, Container Insights on, and its log group there first.
func TestCluster(t *testing.T) {
	f := file(t, "cluster.yaml")
	_, c := only(t, f, "AWS::ECS::Cluster")
	if diff := cmp.Diff([]string{"FARGATE", "FARGATE_SPOT"}, texts(c.Properties["CapacityProviders"])); diff != "" {
		t.Error(diff)
	}
	if at(c.Properties, "ClusterSettings", 0, "Name") != "containerInsights" || at(c.Properties, "ClusterSettings", 0, "Value") != "enhanced" {
		t.Errorf("settings: %v", c.Properties["ClusterSettings"])
	}
	id, group := only(t, f, "AWS::Logs::LogGroup")
	if want := "/aws/ecs/containerinsights/" + text(c.Properties["ClusterName"]) + "/performance"; text(group.Properties["LogGroupName"]) != want || !slices.Contains(c.DependsOn, id) {
		t.Errorf("log group %v, want %s; the cluster waits for %v", group.Properties["LogGroupName"], want, c.DependsOn)
	}
}

// R9: a private namespace of this VPC.
func TestNamespaceIsPrivate(t *testing.T) {
	_, n := only(t, file(t, "cluster.yaml"), "AWS::ServiceDiscovery::PrivateDnsNamespace")
	if text(n.Properties["Vpc"]) != "${Vpc}" || text(n.Properties["Name"]) != "payments-${EnvironmentSuffix}.internal" {
		t.Errorf("namespace: %v", n.Properties)
	}
}

// R17: the application releases ECS services.
func TestApplicationIsForECS(t *testing.T) {
	_, a := only(t, file(t, "cluster.yaml"), "AWS::CodeDeploy::Application")
	if a.Properties["ComputePlatform"] != "ECS" {
		t.Errorf("platform: %v", a.Properties["ComputePlatform"])
	}
}
