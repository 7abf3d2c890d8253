package pictures_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tierform/tierform/internal/pictures"
	"github.com/tierform/tierform/pkg/templates"
)

// repository are the files that pictures are made from, to be changed by a test.
func repository(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, pattern := range []string{"golden/*.yaml", "environments/prod.yaml"} {
		names, err := fs.Glob(os.DirFS("../.."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			files[name] = &fstest.MapFile{Data: []byte(read(t, name))}
		}
	}
	return files
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// sources are the pictures by name.
func sources(t *testing.T, files fs.FS) map[string]string {
	t.Helper()
	list, err := pictures.Pictures(files)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, p := range list {
		found[p.Name] = p.Source
	}
	return found
}

// change is an edit of the files in one place, and what a picture says because of it.
type change struct{ file, old, new, picture, want string }

// What the templates and the parameters say in one place is what the pictures say. Changes that stand in each other's way
// are in another round.
func TestAChangeShows(t *testing.T) {
	before := sources(t, repository(t))
	for name, round := range map[string][]change{
		"first": {
			{"golden/platform.yaml", "Topic: !GetAtt SecurityStack.Outputs.Topic", "Topic: !GetAtt SecurityStack.Outputs.Horn", "stacks", "Horn"},
			{"golden/platform.yaml", "AuditArchiveKeyArn: !Ref AuditArchiveKeyArn\n", "AuditArchiveKeyArn: none\n        More: !Ref More\n        Much: ''\n", "stacks", "root parameters: 5"},
			{"golden/platform.yaml", "        Stream: !GetAtt ArchiveStack.Outputs.Stream\n", "", "stacks", "</font>&#160;SubscriptionRole<"},
			{"golden/network.yaml", "FromPort: 5432", "FromPort: 5431", "network", `" 5431-5432 "`},
			{"golden/network.yaml", "use1-az2", "use1-az6", "network", ">use1-az6<"},
			{"golden/platform.yaml", "Zone: !GetAtt NetworkStack.Outputs.DatabaseZonesB", "Zone: !GetAtt NetworkStack.Outputs.DatabaseZonesA", "network", ">writer, reader<"},
			{"golden/egress.yaml", ".xray", ".sqs", "network", "sqs"},
			{"golden/service-payment-api.yaml", "TargetValue: 1000", "TargetValue: 900", "services", "RequestCount a task 900"},
			{"golden/service-payment-api.yaml", "          Name: envoy\n", "          Name: proxy\n", "services", `port="proxy"`},
			{"golden/service-payment-api.yaml", "Essential: false", "Essential: true", "services", ">collector<"},
			{"golden/service-payment-api.yaml", `"max_pending_requests": 50`, `"max_pending_requests": 51`, "services", "≤ 51 wait"},
			{"golden/service-payment-api.yaml", "- /payments\n", "- /pay\n", "services", `"/pay…"`},
			{"golden/service-transaction-processor.yaml", "Weight: 3", "Weight: 1", "services", "Spot: 50 % beyond 1"},
			{"golden/service-payment-api.yaml", "ECSLinear10PercentEvery1Minutes", "ECSLinear10PercentEvery3Minutes", "release", "every 3 min"},
			{"golden/service-payment-api.yaml", "TerminationWaitTimeInMinutes: 10", "TerminationWaitTimeInMinutes: 12", "release-time", ">36<"},
			{"golden/service-payment-api.yaml", "          - DEPLOYMENT_STOP_ON_REQUEST\n", "", "release", "on a failure, an alarm<"},
			{"golden/service-payment-api.yaml", "Alarm on payment-api: latency", "Alarm on payment-api: slowness", "release", "alarms: errors, slowness"},
			{"golden/service-payment-api.yaml", "HealthyThresholdCount: 2", "HealthyThresholdCount: 4", "release", "4 times, 30 s apart"},
			{"environments/prod.yaml", "PaymentApiMaxTasks: 40", "PaymentApiMaxTasks: 44", "services", "6–44 tasks"},
		},
		"second": {
			{"golden/service-payment-api.yaml", "ECSLinear10PercentEvery1Minutes", "ECSCanary10Percent5Minutes", "release", "all after 5 min"},
			{"golden/service-payment-api.yaml", "'Alarm on payment-api: latency'", "''", "release", "alarms: errors, alarm-payment-api-latency-prod"},
			{"golden/service-payment-api.yaml", "- Name: !GetAtt PaymentApiGreenTargetGroup.TargetGroupName", "- Name: others", "release", "beside blue, until<br/>healthy"},
			{"golden/service-payment-api.yaml", "ContainerPort: 8080", "ContainerPort: 8081", "services", `"alb-payments-prod":"e" -> "payment-api" [`},
		},
		"third": {
			{"golden/service-payment-api.yaml", "CodeDeployDefault.ECSLinear10PercentEvery1Minutes", "AtNight", "release", "AtNight"},
			{"golden/service-payment-api.yaml", "Name: !Ref PaymentApiLatencyAlarm", "Name: others", "release", "alarms: errors, others"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			files := repository(t)
			for _, c := range round {
				text := string(files[c.file].Data)
				changed := strings.ReplaceAll(text, c.old, c.new)
				if changed == text {
					t.Fatalf("%s does not hold %q", c.file, c.old)
				}
				files[c.file] = &fstest.MapFile{Data: []byte(changed)}
			}
			after := sources(t, files)
			for _, c := range round {
				if strings.Contains(before[c.picture], c.want) || !strings.Contains(after[c.picture], c.want) {
					t.Errorf("%s does not say %q because of a change, but\n%s", c.picture, c.want, after[c.picture])
				}
			}
		})
	}
}

// A path that nothing permits any more has no arrow; the call that somebody still declares keeps its own.
func TestARemovedPathHasNoArrow(t *testing.T) {
	const arrow = `"payment-api" -> "transaction-processor" [`
	files := repository(t)
	if network := sources(t, files)["network"]; !strings.Contains(network, arrow) {
		t.Fatalf("no arrow %s before:\n%s", arrow, network)
	}
	const name = "golden/network.yaml"
	before, rest, found := strings.Cut(string(files[name].Data), "  PaymentApiToTransactionProcessorEgress:\n")
	_, after, ended := strings.Cut(rest, "\n\n")
	if !found || !ended {
		t.Fatal("the rule is not in network.yaml")
	}
	files[name] = &fstest.MapFile{Data: []byte(before + after)}
	got := sources(t, files)
	if strings.Contains(got["network"], arrow) {
		t.Errorf("the network still shows the path:\n%s", got["network"])
	}
	if !strings.Contains(got["services"], `"payment-api":"envoy" -> "transaction-processor":"application"`) {
		t.Errorf("the services do not show the call:\n%s", got["services"])
	}
}

// A service of the catalogue is in all pictures, with its paths, and stands in a frame of its own where it is released
// another way.
func TestAnAddedServiceIsInAllPictures(t *testing.T) {
	config := templates.Default()
	config.Services = append(config.Services, templates.Service{
		Name: "ledger", ShortName: "ledger", Description: "Keeps the books",
		CPU: 1024, Memory: 2048, Port: 9104, Paths: []string{"/ledger"}, Priority: 400,
		Capacity: templates.Capacity{OnDemandBase: 1, SpotShare: 50}, Tasks: templates.Tasks{Min: 2, Max: 4},
		Calls:    []templates.Call{{Service: "notification-service", RequestTimeout: 3 * time.Second, MaxConnections: 7, MaxPendingRequests: 5, MaxRequests: 9}},
		Database: true, Scaling: templates.Scaling{Metric: templates.RequestsPerTask, Target: 50},
	})
	rendered, err := templates.Render(config)
	if err != nil {
		t.Fatal(err)
	}
	files := repository(t)
	for _, f := range rendered.Templates {
		data := f.Data
		if f.Name == "service-ledger.yaml" {
			data = []byte(strings.ReplaceAll(string(data), "ECSLinear10PercentEvery1Minutes", "ECSAllAtOnce"))
		}
		files["golden/"+f.Name] = &fstest.MapFile{Data: data}
	}
	got := sources(t, files)
	for _, tc := range []struct{ picture, want string }{
		{"stacks", `"EgressStack" -> "ServicePaymentApiStack" [style="dashed", lhead="cluster_services"]`},
		{"stacks", `"DataStack" -> "ServiceLedgerStack" []`},
		{"network", `"ledger" -> "db-payments-prod" [label=" 5432 "]`},
		{"network", `"ledger" -> "notification-service" [label=" 8080 "]`},
		{"services", `"ledger":"envoy" -> "notification-service":"application" [label="8080"`},
		{"services", "≤ 9 calls, ≤ 5 wait"},
		{"release", `label="Release of payment-api, transaction-processor, notification-service"`},
		{"release", `label="Release of ledger"`},
		{"release-time", ">Release of ledger, in time<"},
		{"release", `"rollback 0" -> "start 1" [style="invis"]`},
	} {
		if !strings.Contains(got[tc.picture], tc.want) {
			t.Errorf("%s does not say %s:\n%s", tc.picture, tc.want, got[tc.picture])
		}
	}
}
