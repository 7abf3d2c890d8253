package resources_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/resources"
)

// R3: both providers are there; what says nothing runs on Fargate.
func TestClusterDefaults(t *testing.T) {
	c := resources.Cluster("cluster")
	if diff := cmp.Diff([]string{resources.Fargate, resources.FargateSpot}, c.CapacityProviders); diff != "" {
		t.Error(diff)
	}
	if s := c.DefaultCapacityProviderStrategy; len(s) != 1 || *s[0].CapacityProvider != resources.Fargate {
		t.Errorf("default strategy: %+v", s)
	}
	if s := c.ClusterSettings; len(s) != 1 || *s[0].Name != "containerInsights" || *s[0].Value != "enhanced" {
		t.Errorf("settings: %+v", s)
	}
}
