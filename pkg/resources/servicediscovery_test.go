package resources_test

import (
	"testing"

	"github.com/tierform/tierform/pkg/resources"
)

// A name that was asked for too early is asked for again soon.
func TestPrivateNamespaceForgetsUnknownNames(t *testing.T) {
	n := resources.PrivateNamespace("x.internal", "Services", "vpc")
	if ttl := *n.Properties.DnsProperties.SOA.TTL; n.Name != "x.internal" || n.Vpc != "vpc" || ttl < 1 || ttl > 60 {
		t.Errorf("namespace: %+v, unknown names for %v s", n, ttl)
	}
}
