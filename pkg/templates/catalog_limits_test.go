package templates_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tierform/tierform/pkg/templates"
)

// largestCatalogue is how many services one platform holds: with one more the root has too many parameters.
const largestCatalogue = 34

// manyServices is a platform of n services in all zones with names as long as they can be; each may call the ones before.
func manyServices(n int, edit func(i int, s *templates.Service)) templates.Config {
	config := templates.Config{Zones: allZones().Zones}
	for i := range n {
		s := ledger()
		s.Name, s.ShortName = fmt.Sprintf("service-whose-name-is-rather-l%02d", i), fmt.Sprintf("svc%02d", i)
		s.Port, s.Priority, s.Paths = 9101+i, 100+i, []string{fmt.Sprintf("/p%d", i), fmt.Sprintf("/p%d/*", i)}
		s.Calls, s.Secrets = nil, nil
		if edit != nil {
			edit(i, &s)
		}
		config.Services = append(config.Services, s)
	}
	return config
}

// callsOf are calls of the first n services.
func callsOf(n int) (calls []templates.Call) {
	for i := range n {
		calls = append(calls, templates.Call{Service: fmt.Sprintf("service-whose-name-is-rather-l%02d", i)})
	}
	return calls
}

// The largest catalogue is accepted and rendered within all limits of the compiler; its root has as many parameters as
// the check reckons with, and its network as many resources.
func TestLargestCatalogue(t *testing.T) {
	config := manyServices(largestCatalogue, func(i int, s *templates.Service) {
		if i > 0 {
			s.Calls = callsOf(1)
		}
	})
	files, err := renderAll(config)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(files["platform.yaml"].Parameters); got != 199 {
		t.Errorf("root has %d parameters; the check reckons with 29 and 5 a service", got)
	}
	if got := len(files["network.yaml"].Resources); got != templates.NetworkResources(config) {
		t.Errorf("network has %d resources; the check reckons with %d", got, templates.NetworkResources(config))
	}
	for name, f := range files {
		if len(f.Parameters) > 200 || len(f.Resources) > 500 {
			t.Errorf("%s has %d parameters and %d resources", name, len(f.Parameters), len(f.Resources))
		}
	}
}

func TestNetworkResourcesAreCounted(t *testing.T) {
	if got, want := len(file(t, "network.yaml").Resources), templates.NetworkResources(templates.Default()); got != want {
		t.Errorf("network has %d resources; the check reckons with %d", got, want)
	}
}

// What passes a limit is refused with limit and count, before an account refuses it in the middle of an update.
func TestCataloguesBeyondALimitAreRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		config templates.Config
		want   []string
	}{
		"one too many":        {manyServices(largestCatalogue+1, nil), []string{"Services is 35, which takes 204 parameters of the root; allowed: services that take at most 200"}},
		"target groups":       {manyServices(51, nil), []string{"102 target groups", "at most 100"}},
		"listener rules":      {manyServices(101, nil), []string{"101 listener rules", "at most 100"}},
		"load balancer group": {manyServices(60, nil), []string{"61 rules out of the load balancer's group", "at most 60"}},
		"database group":      {manyServices(60, nil), []string{"61 rules into the database's group", "at most 60"}},
		"endpoint group":      {manyServices(60, func(_ int, s *templates.Service) { s.Database = false }), []string{"61 rules into the endpoints' group", "at most 60"}},
		"network": {manyServices(largestCatalogue, func(i int, s *templates.Service) { s.Calls = callsOf(min(i, 2)) }),
			[]string{"530 resources in the network tier", "at most 500"}},
		"out of a service": {manyServices(37, func(i int, s *templates.Service) {
			if i == 36 {
				s.Calls = callsOf(36)
			}
		}), []string{`"service-whose-name-is-rather-l36"`, "61 rules out of its group", "at most 60"}},
		"into a service": {manyServices(61, func(i int, s *templates.Service) {
			if i > 0 {
				s.Calls = callsOf(1)
			}
		}), []string{`"service-whose-name-is-rather-l00"`, "61 rules into its group", "at most 60"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.config.Validate()
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in %v", want, err)
				}
			}
			if bad := new(templates.ConfigError); !errors.As(err, &bad) {
				t.Errorf("error is %T", err)
			}
		})
	}
}

// A service may have as many rules as fit beside the operator's prefix list.
func TestCataloguesAtALimitAreAccepted(t *testing.T) {
	for name, config := range map[string]templates.Config{
		"services": manyServices(largestCatalogue, nil),
		"calls": manyServices(largestCatalogue, func(i int, s *templates.Service) {
			if i == largestCatalogue-1 {
				s.Calls = callsOf(largestCatalogue - 1)
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			if err := config.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}
