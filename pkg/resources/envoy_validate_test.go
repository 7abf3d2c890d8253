package resources_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/resources"
)

func TestEnvoyValidateNamesFieldValueAndAllowedValues(t *testing.T) {
	type config = resources.EnvoyConfig
	first := func(change func(*resources.EnvoyUpstream)) func(*config) {
		return func(c *config) { change(&c.Upstreams[0]) }
	}
	type upstream = resources.EnvoyUpstream
	const label = `lower-case letters, digits and inner hyphens`
	for name, test := range map[string]struct {
		change func(*config)
		want   string
	}{
		"node":             {func(c *config) { c.Node = "a b" }, `Node is "a b": allowed are 1 to 253 characters: letters, digits, dots, underscores and hyphens`},
		"cluster":          {func(c *config) { c.Cluster = "ä" }, `Cluster is "ä": allowed are 1 to 253 characters: letters, digits, dots, underscores and hyphens`},
		"admin port":       {func(c *config) { c.AdminPort = 70000 }, `AdminPort is 70000: allowed are 1 to 65535`},
		"downstream":       {func(c *config) { c.MaxDownstreamConnections = -1 }, `MaxDownstreamConnections is -1: allowed are 1 to 2147483647`},
		"same name":        {func(c *config) { c.Upstreams[1].Name = c.Upstreams[0].Name }, `Upstreams[1].Name is "transaction-processor": allowed are names that no other upstream has`},
		"same listen port": {func(c *config) { c.Upstreams[1].ListenPort = 9101 }, `Upstreams[1].ListenPort is 9101: allowed are ports not taken in the task, this one is by Upstreams[0].ListenPort`},
		"admin's port":     {first(func(u *upstream) { u.ListenPort = 9901 }), `Upstreams[0].ListenPort is 9901: allowed are ports not taken in the task, this one is by AdminPort`},
		"collector's port": {first(func(u *upstream) { u.ListenPort = 4317 }), `Upstreams[0].ListenPort is 4317: allowed are ports not taken in the task, this one is by the collector`},
		"no listen port":   {first(func(u *upstream) { u.ListenPort = 0 }), `Upstreams[0].ListenPort is 0: allowed are 1 to 65535`},
		"no port":          {first(func(u *upstream) { u.Port = 0 }), `Upstreams[0].Port is 0: allowed are 1 to 65535`},
		"no name":          {first(func(u *upstream) { u.Name = "" }), `Upstreams[0].Name is "": allowed are 1 to 63 characters: ` + label},
		"dotted name":      {first(func(u *upstream) { u.Name = "a.b" }), `Upstreams[0].Name is "a.b": allowed are 1 to 63 characters: ` + label},
		"long name":        {first(func(u *upstream) { u.Name = strings.Repeat("a", 64) }), `: allowed are 1 to 63 characters: ` + label},
		"retries": {first(func(u *upstream) {
			u.Retries = 6
			u.PerTryTimeout = 800 * time.Millisecond
			u.ConnectTimeout = 100 * time.Millisecond
		}), `Upstreams[0].Retries is 6: allowed are -1 to 5`},
		"request timeout":  {first(func(u *upstream) { u.RequestTimeout = 3 * time.Minute }), `Upstreams[0].RequestTimeout is 3m0s: allowed are 10ms to 2m0s`},
		"per try":          {first(func(u *upstream) { u.PerTryTimeout = time.Millisecond; u.ConnectTimeout = 500 * time.Microsecond }), `Upstreams[0].PerTryTimeout is 1ms: allowed are 10ms to 2m0s`},
		"connect":          {first(func(u *upstream) { u.ConnectTimeout = -time.Second }), `Upstreams[0].ConnectTimeout is -1s: allowed are 10ms to 2m0s`},
		"connect too long": {first(func(u *upstream) { u.ConnectTimeout = 2 * time.Second }), `Upstreams[0].ConnectTimeout is 2s: allowed are values below PerTryTimeout, 2s`},
		"tries too long": {first(func(u *upstream) { u.PerTryTimeout = 3 * time.Second }), `Upstreams[0].PerTryTimeout is 3s: allowed are values whose product ` +
			`with the number of attempts, here 9s, is at most RequestTimeout, 6s`},
		"DNS refresh":         {first(func(u *upstream) { u.DNSRefresh = 2 * time.Hour }), `Upstreams[0].DNSRefresh is 2h0m0s: allowed are 10ms to 1h0m0s`},
		"connections":         {first(func(u *upstream) { u.MaxConnections = -1 }), `Upstreams[0].MaxConnections is -1: allowed are 1 to 2147483647`},
		"pending requests":    {first(func(u *upstream) { u.MaxPendingRequests = -1 }), `Upstreams[0].MaxPendingRequests is -1: allowed are 1 to 2147483647`},
		"requests":            {first(func(u *upstream) { u.MaxRequests = -1 }), `Upstreams[0].MaxRequests is -1: allowed are 1 to 2147483647`},
		"budget":              {first(func(u *upstream) { u.RetryBudgetPercent = 101 }), `Upstreams[0].RetryBudgetPercent is 101: allowed are 1 to 100`},
		"retry concurrency":   {first(func(u *upstream) { u.MinRetryConcurrency = -1 }), `Upstreams[0].MinRetryConcurrency is -1: allowed are 1 to 2147483647`},
		"consecutive errors":  {first(func(u *upstream) { u.Outlier.Consecutive5xx = -1 }), `Upstreams[0].Outlier.Consecutive5xx is -1: allowed are 1 to 2147483647`},
		"interval":            {first(func(u *upstream) { u.Outlier.Interval = 1 }), `Upstreams[0].Outlier.Interval is 1ns: allowed are 10ms to 1h0m0s`},
		"base ejection":       {first(func(u *upstream) { u.Outlier.BaseEjection = -1 }), `Upstreams[0].Outlier.BaseEjection is -1ns: allowed are 10ms to 1h0m0s`},
		"ejection percentage": {first(func(u *upstream) { u.Outlier.MaxEjectionPercent = 101 }), `Upstreams[0].Outlier.MaxEjectionPercent is 101: allowed are 1 to 100`},
	} {
		t.Run(name, func(t *testing.T) {
			c := sidecarWith(processorUpstream(), notifierUpstream())
			test.change(&c)
			err := c.Validate()
			if err == nil {
				t.Fatalf("accepted, want %q", test.want)
			}
			if got := err.Error(); !strings.HasSuffix(got, test.want) && !slices.Contains(strings.Split(got, "\n"), test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestEnvoyValidateSaysEverythingAtOnce(t *testing.T) {
	config := resources.EnvoyConfig{AdminPort: -1, Upstreams: []resources.EnvoyUpstream{{Name: "a", Address: "a.internal"}}}
	err := config.Validate()
	if err == nil {
		t.Fatal("accepted a configuration with three mistakes")
	}
	want := []string{
		"AdminPort is -1: allowed are 1 to 65535",
		"Upstreams[0].Port is 0: allowed are 1 to 65535",
		"Upstreams[0].ListenPort is 0: allowed are 1 to 65535",
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestEnvoyAddresses(t *testing.T) {
	addresses := map[string]bool{
		"transaction-processor.payments.internal": true,
		"127.0.0.1":                              true,
		tokenAddress:                             true,
		"\uFDD0Ra\uFDD1":                         true,
		"a-\uFDD0outer\uFDD0inner\uFDD1\uFDD1.b": true,
		strings.Repeat("a", 63) + ".b":           true,
		"":                                       false,
		"a..b":                                   false,
		"a_b.internal":                           false,
		"-a.internal":                            false,
		"A.internal":                             false,
		"a.internal:80":                          false,
		"http://a":                               false,
		"a-\uFDD0open":                           false,
		"a-\uFDD0x\uFDD0y\uFDD1":                 false,
		"a\uFDD1":                                false,
		"a\uFDD2b":                               false,
		"a-\uFDD0x\uFDD1-.b":                     false,
		strings.Repeat("a", 64):                  false,
		strings.Repeat("a.", 127):                false,
		strings.Repeat("a.", 127) + "a":          false,
	}
	for _, address := range slices.Sorted(maps.Keys(addresses)) {
		upstream := processorUpstream()
		upstream.Address = address
		err := sidecarWith(upstream).Validate()
		if valid := err == nil; valid != addresses[address] {
			t.Errorf("%q is valid: %v, want %v (%v)", address, valid, addresses[address], err)
		}
		if err != nil && !strings.Contains(err.Error(), "Upstreams[0].Address is ") {
			t.Errorf("%q: the message names no field: %v", address, err)
		}
	}
}
