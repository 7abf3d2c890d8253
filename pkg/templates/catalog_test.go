package templates_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/templates"
)

// ledger is a fourth service that uses everything an entry can say.
func ledger() templates.Service {
	return templates.Service{
		Name: "ledger", ShortName: "ledger", Description: "Keeps the books",
		CPU: 1024, Memory: 2048, Port: 9104, Paths: []string{"/ledger"}, Priority: 400,
		Capacity: templates.Capacity{OnDemandBase: 1, SpotShare: 50}, Tasks: templates.Tasks{Min: 2, Max: 4},
		Calls:    []templates.Call{{Service: "notification-service", RequestTimeout: 3 * time.Second, MaxConnections: 7, MaxPendingRequests: 5, MaxRequests: 9, Retries: 1}},
		Database: true, External: true, Secrets: []string{"signing-key"},
		Scaling: templates.Scaling{Metric: templates.RequestsPerTask, Target: 50},
	}
}

// Each entry is the default catalogue with one fault; the error names service, field, value and what is allowed.
func TestBadCatalogueEntriesAreRefused(t *testing.T) {
	for _, tc := range []struct {
		field, value string
		fault        func(*templates.Service)
	}{
		{"Name", `"Ledger"`, func(s *templates.Service) { s.Name = "Ledger" }},
		{"Name", `""`, func(s *templates.Service) { s.Name = "" }},
		{"Name", `"ledger-"`, func(s *templates.Service) { s.Name = "ledger-" }},
		{"Name", "at most 32", func(s *templates.Service) { s.Name = strings.Repeat("l", 33) }},
		{"Name", "payment-api", func(s *templates.Service) { s.Name = "payment-api" }},
		{"Name", "envoy", func(s *templates.Service) { s.Name = "envoy" }},
		{"Name", "administration", func(s *templates.Service) { s.Name = "administration" }},
		{"ShortName", `"elevenchars"`, func(s *templates.Service) { s.ShortName = "elevenchars" }},
		{"ShortName", `"1st"`, func(s *templates.Service) { s.ShortName = "1st" }},
		{"ShortName", "txn", func(s *templates.Service) { s.ShortName = "txn" }},
		{"Description", "a sentence", func(s *templates.Service) { s.Description = "" }},
		{"CPU", "512", func(s *templates.Service) { s.CPU = 512 }},
		{"Memory", "2048 to 8192 MiB in steps of 1024", func(s *templates.Service) { s.Memory = 1024 }},
		{"Memory", "8193", func(s *templates.Service) { s.Memory = 8193 }},
		{"Memory", "16384 to 61440 MiB in steps of 4096", func(s *templates.Service) { s.CPU, s.Memory = 8192, 17408 }},
		{"Port", "8999", func(s *templates.Service) { s.Port = 8999 }},
		{"Port", "9800", func(s *templates.Service) { s.Port = 9800 }},
		{"Port", "transaction-processor has it", func(s *templates.Service) { s.Port = 9102 }},
		{"Priority", "0", func(s *templates.Service) { s.Priority = 0 }},
		{"Priority", "50001", func(s *templates.Service) { s.Priority = 50001 }},
		{"Priority", "payment-api has it", func(s *templates.Service) { s.Priority = 100 }},
		{"Paths", "1 to 4", func(s *templates.Service) { s.Paths = nil }},
		{"Paths", "1 to 4", func(s *templates.Service) { s.Paths = []string{"/1", "/2", "/3", "/4", "/5"} }},
		{"Paths", `"ledger"`, func(s *templates.Service) { s.Paths = []string{"ledger"} }},
		{"Paths", "at most 128", func(s *templates.Service) { s.Paths = []string{"/" + strings.Repeat("l", 128)} }},
		{"Paths", "payment-api has it", func(s *templates.Service) { s.Paths = []string{"/payments/*"} }},
		{"Capacity.OnDemandBase", "at least 1", func(s *templates.Service) { s.Capacity.OnDemandBase = 0 }},
		{"Capacity.SpotShare", "91", func(s *templates.Service) { s.Capacity.SpotShare = 91 }},
		{"Capacity.SpotShare", "-1", func(s *templates.Service) { s.Capacity.SpotShare = -1 }},
		{"Capacity.SpotShare", "0 for a public service", func(s *templates.Service) { s.Public, s.Tasks.Min = true, 3 }},
		{"Tasks.Min", "1", func(s *templates.Service) { s.Tasks.Min = 1 }},
		{"Tasks.Min", "is 2", func(s *templates.Service) { s.Public, s.Capacity.SpotShare = true, 0 }},
		{"Tasks.Max", "Tasks.Min to 100", func(s *templates.Service) { s.Tasks.Max = 1 }},
		{"Tasks.Max", "101", func(s *templates.Service) { s.Tasks.Max = 101 }},
		{"Calls", "payment-api, transaction-processor, notification-service", func(s *templates.Service) { s.Calls[0].Service = "nobody" }},
		{"Calls", `"ledger"`, func(s *templates.Service) { s.Calls[0].Service = "ledger" }},
		{"Calls", "each service once", func(s *templates.Service) { s.Calls = append(s.Calls, s.Calls[0]) }},
		{"Calls.Retries", "-2", func(s *templates.Service) { s.Calls[0].Retries = -2 }},
		{"Calls.MaxConnections", "-1", func(s *templates.Service) { s.Calls[0].MaxConnections = -1 }},
		{"Secrets", `"Signing"`, func(s *templates.Service) { s.Secrets = []string{"Signing"} }},
		{"Secrets", "each secret once", func(s *templates.Service) { s.Secrets = []string{"key", "key"} }},
		{"Scaling.Metric", `"Luck"`, func(s *templates.Service) { s.Scaling.Metric = "Luck" }},
		{"Scaling.Target", "more than 0", func(s *templates.Service) { s.Scaling.Target = 0 }},
	} {
		t.Run(tc.field+" "+tc.value, func(t *testing.T) {
			config := templates.Default()
			bad := ledger()
			tc.fault(&bad)
			config.Services = append(config.Services, bad)
			err := config.Validate()
			var found *templates.ConfigError
			if !errors.As(err, &found) {
				t.Fatalf("not refused: %v", err)
			}
			if found.Service != bad.Name || found.Field != tc.field || !strings.Contains(err.Error(), tc.value) || found.Allowed == "" {
				t.Errorf("error does not name service %q, field %s and %q: %v", bad.Name, tc.field, tc.value, err)
			}
			if _, err := templates.Platform(config); err == nil {
				t.Error("Platform renders it")
			}
			if _, err := templates.Foundation(config); err == nil {
				t.Error("Foundation renders it")
			}
		})
	}
}

func TestEdgesOfTheCatalogueAreAccepted(t *testing.T) {
	for name, edit := range map[string]func(*templates.Service){
		"as it is":       func(*templates.Service) {},
		"longest names":  func(s *templates.Service) { s.Name, s.ShortName = strings.Repeat("l", 32), strings.Repeat("l", 10) },
		"four vCPUs":     func(s *templates.Service) { s.CPU, s.Memory = 4096, 30*1024 },
		"eight vCPUs":    func(s *templates.Service) { s.CPU, s.Memory = 8192, 60*1024 },
		"largest task":   func(s *templates.Service) { s.CPU, s.Memory = 16384, 120*1024 },
		"smallest port":  func(s *templates.Service) { s.Port = 9000 },
		"largest port":   func(s *templates.Service) { s.Port = 9799 },
		"last priority":  func(s *templates.Service) { s.Priority = 50000 },
		"first priority": func(s *templates.Service) { s.Priority = 1 },
		"four paths":     func(s *templates.Service) { s.Paths = []string{"/1", "/2", "/3", "/" + strings.Repeat("4", 127)} },
		"most tasks":     func(s *templates.Service) { s.Tasks.Max = 100 },
		"mostly Spot":    func(s *templates.Service) { s.Capacity.SpotShare = 90 },
		"public": func(s *templates.Service) {
			s.Public, s.Capacity.SpotShare, s.Tasks.Min = true, 0, 3
			s.Paths = []string{"/1", "/2", "/3", "/4", "/5"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := templates.Default()
			s := ledger()
			edit(&s)
			config.Services = append(config.Services, s)
			if _, err := templates.Render(config); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestBadShapesAreRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		config templates.Config
		want   string
	}{
		"no service":  {templates.Config{Zones: templates.Default().Zones}, "Services"},
		"two zones":   {templates.Config{Services: templates.Catalog(), Zones: []string{"use1-az1", "use1-az2"}}, "3 to 6"},
		"seven zones": {templates.Config{Services: templates.Catalog(), Zones: []string{"use1-az1", "use1-az2", "use1-az3", "use1-az4", "use1-az5", "use1-az6", "use1-az7"}}, "3 to 6"},
		"zone name":   {templates.Config{Services: templates.Catalog(), Zones: []string{"us-east-1a", "use1-az2", "use1-az4"}}, "us-east-1a"},
		"zone twice":  {templates.Config{Services: templates.Catalog(), Zones: []string{"use1-az1", "use1-az1", "use1-az4"}}, "each zone once"},
		"called too wide": {func() templates.Config {
			c := templates.Default()
			c.Services[1].Tasks.Max = 9
			return c
		}(), "Tasks.Min to 8"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tc.config.Validate(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	if err := templates.Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestAllFaultsAreReportedTogether(t *testing.T) {
	config := templates.Default()
	config.Zones = nil
	config.Services[0].CPU = 3
	config.Services[2].Port = 1
	err := config.Validate()
	for _, want := range []string{"Zones", `service "payment-api": CPU is 3`, `service "notification-service": Port is 1`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
}

// A fourth service is one entry: of the first three, nothing changes but who may reach them.
func TestFourthServiceChangesNothingOfTheOthers(t *testing.T) {
	config := templates.Default()
	config.Services = append(config.Services, ledger())
	before, after := renderFiles(t, templates.Default()), renderFiles(t, config)
	for _, name := range []string{"service-payment-api.yaml", "service-transaction-processor.yaml", "service-notification-service.yaml",
		"security.yaml", "egress.yaml", "archive.yaml", "data.yaml", "cluster.yaml", "ingress.yaml"} {
		if diff := cmp.Diff(before[name], after[name]); diff != "" {
			t.Errorf("%s changed:\n%s", name, diff)
		}
	}
	if after["service-ledger.yaml"] == "" {
		t.Error("service-ledger.yaml is not rendered")
	}
	all, err := renderAll(config)
	if err != nil {
		t.Fatal(err)
	}
	base := file(t, "network.yaml")
	for id, r := range base.Resources {
		if diff := cmp.Diff(r, all["network.yaml"].Resources[id]); diff != "" {
			t.Errorf("network.yaml %s changed:\n%s", id, diff)
		}
	}
	for id := range all["network.yaml"].Resources {
		if _, old := base.Resources[id]; !old && !strings.Contains(id, "Ledger") {
			t.Errorf("network.yaml has a new resource %s that is not about the new service", id)
		}
	}
}

// What only the fourth service uses arrives in its template.
func TestEverythingAnEntryCanSayIsRendered(t *testing.T) {
	config := templates.Default()
	config.Services = append(config.Services, ledger())
	all, err := renderAll(config)
	if err != nil {
		t.Fatal(err)
	}
	service := all["service-ledger.yaml"]
	application := container(t, service, "LedgerTaskDefinition", "application")
	if got := variable(application, "Secrets", "SIGNING_KEY", "ValueFrom"); text(got) != "${LedgerSigningKeySecret}" {
		t.Errorf("SIGNING_KEY comes from %v", got)
	}
	if got := variable(application, "Environment", "NOTIFICATION_SERVICE_URL", "Value"); got != "http://127.0.0.1:9103" {
		t.Errorf("NOTIFICATION_SERVICE_URL is %v", got)
	}
	command := text(items(container(t, service, "LedgerTaskDefinition", "envoy")["Command"])[1])
	for _, want := range []string{`"max_connections": 7`, `"max_pending_requests": 5`, `"max_requests": 9`, `"num_retries": 1`, `"timeout": "3s"`,
		"notification-service.payments-${EnvironmentSuffix}.internal"} {
		if !strings.Contains(command, want) {
			t.Errorf("Envoy's configuration lacks %s", want)
		}
	}
	for sid, want := range map[string][]string{
		"OnlyReadersRead":  {"${LedgerExecutionRole.Arn}", "role/role-deploy-${EnvironmentSuffix}", "role/role-operator-${EnvironmentSuffix}"},
		"OnlyWritersWrite": {"role/role-operator-${EnvironmentSuffix}"},
	} {
		var excepted []string
		for _, s := range items(at(service.Resources["LedgerSigningKeySecretPolicy"].Properties, "ResourcePolicy", "Statement")) {
			if text(at(s, "Sid")) == sid {
				for _, role := range items(at(s, "Condition", "ArnNotEquals", "aws:PrincipalArn")) {
					excepted = append(excepted, strings.TrimPrefix(text(role), "arn:${AWS::Partition}:iam::${AWS::AccountId}:"))
				}
			}
		}
		if diff := cmp.Diff(want, excepted); diff != "" {
			t.Errorf("%s excepts other roles (-want +got):\n%s", sid, diff)
		}
	}
	if reason := text(at(service.Resources["LedgerSigningKeySecret"].Metadata, "Exemptions", "GenerateSecretString")); reason == "" {
		t.Error("the secret does not say why nobody rotates it")
	}
}

func TestImpossibleCallIsReportedWhenCompiled(t *testing.T) {
	config := templates.Default()
	config.Services[0].Calls[0].Retries = 99
	_, err := templates.Render(config)
	var problems cfn.Problems
	if !errors.As(err, &problems) || problems[0].Kind != cfn.InvalidInput || !strings.Contains(err.Error(), "Envoy configuration") {
		t.Errorf("got %v", err)
	}
}

func renderFiles(t *testing.T, config templates.Config) map[string]string {
	t.Helper()
	rendered, err := templates.Render(config)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range rendered.Templates {
		files[f.Name] = string(f.Data)
	}
	return files
}

// container finds a container of a task definition.
func container(t *testing.T, in template, taskDefinition, name string) map[string]any {
	t.Helper()
	for _, c := range items(in.Resources[taskDefinition].Properties["ContainerDefinitions"]) {
		if at(c, "Name") == name {
			return c.(map[string]any)
		}
	}
	t.Fatalf("%s has no container %s", taskDefinition, name)
	return nil
}

// variable finds the value of a container's environment variable or secret.
func variable(container map[string]any, list, name, field string) any {
	for _, v := range items(container[list]) {
		if at(v, "Name") == name {
			return at(v, field)
		}
	}
	return nil
}

func TestConfigErrorSpeaksForItself(t *testing.T) {
	err := &templates.ConfigError{Service: "x", Field: "Port", Value: 3, Allowed: "9000 to 9799"}
	if got := err.Error(); got != `service "x": Port is 3; allowed: 9000 to 9799` {
		t.Error(got)
	}
	if !reflect.DeepEqual(fmt.Sprint(&templates.ConfigError{Field: "Zones", Value: 1, Allowed: "3"}), "configuration: Zones is 1; allowed: 3") {
		t.Error("an error about the configuration names a service")
	}
}

func TestRenderNeedsACompiler(t *testing.T) {
	broken := errors.New("no schema")
	rendered, err := templates.RenderWith(templates.Default(), func() (*cfn.Compiler, error) { return nil, broken })
	if !errors.Is(err, broken) || rendered.Templates != nil {
		t.Errorf("got %v, %v", rendered.Templates, err)
	}
}
