package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/checks"
	"github.com/tierform/tierform/pkg/templates"
)

// rendered runs the command.
func rendered(args ...string) (code int, stdout, stderr string) {
	var out, failed bytes.Buffer
	code = run(args, templates.Default(), &out, &failed, time.Now)
	return code, out.String(), failed.String()
}

// The repository's templates keep their promises with the values of each environment, and with none.
func TestVerifyPassesGolden(t *testing.T) {
	for _, args := range [][]string{
		{"verify", "../../golden"},
		{"verify", "-e", "prod", "--params", "../../environments/prod.yaml", "../../golden"},
		{"verify", "-e", "dev", "--params", "../../environments/dev.yaml", "../../golden"},
	} {
		if code, stdout, stderr := rendered(args...); code != exitOK {
			_, broken, _ := strings.Cut(stdout, "Broken promises")
			t.Errorf("%v: exit code %d\n%s\n%s", args, code, stderr, broken)
		}
	}
}

// A service that uses all that an entry can say, as docs/adding-a-service.md adds it, keeps the promises, too.
func TestVerifyPassesAFourthService(t *testing.T) {
	config := templates.Default()
	config.Services[0].Calls = append(config.Services[0].Calls, templates.Call{Service: "fraud-screening", RequestTimeout: 2 * time.Second})
	config.Services = append(config.Services, templates.Service{
		Name: "fraud-screening", ShortName: "fraud", Description: "Screens payments for fraud before they are taken",
		CPU: 1024, Memory: 2048, Port: 9110, Paths: []string{"/screenings", "/screenings/*"}, Priority: 500,
		Capacity: templates.Capacity{OnDemandBase: 1, SpotShare: 75}, Tasks: templates.Tasks{Min: 2, Max: 6},
		Database: true, Secrets: []string{"provider-api-key"}, External: true,
		Scaling: templates.Scaling{Metric: templates.BacklogPerTask, Target: 50},
	})
	dir := t.TempDir()
	var out, failed bytes.Buffer
	if code := run([]string{"--out", dir}, config, &out, &failed, time.Now); code != exitOK {
		t.Fatal(failed.String())
	}
	if code, stdout, stderr := rendered("verify", dir); code != exitOK {
		_, broken, _ := strings.Cut(stdout, "Broken promises")
		t.Errorf("exit code %d\n%s\n%s", code, stderr, broken)
	}
}

// The generated documents are what the rules and templates say.
func TestDocumentsAreFresh(t *testing.T) {
	for name, args := range map[string][]string{
		"pci-dss.md": {"pci", "--dir", "../../golden"},
		"checks.md":  {"pci", "--checks"},
	} {
		_, want, stderr := rendered(args...)
		have, err := os.ReadFile(filepath.Join("../../docs", name))
		if err != nil {
			t.Fatal(err, stderr)
		}
		if diff := cmp.Diff(want, string(have)); diff != "" {
			t.Errorf("docs/%s is out of date: run go run ./cmd/render %s --write docs/%s\n(-want +have):\n%s", name, strings.Replace(strings.Join(args, " "), " --dir ../../golden", "", 1), name, diff)
		}
	}
}

// fault is one thing done wrong in the templates.
type fault struct {
	name, file, id string
	// old is replaced within the resource. The finding points to the first line from there that holds at; without at the
	// fault is something missing, and the finding points to whoever needs it.
	old, replacement, at string
	rule                 string
}

// wrongDatabaseUser lets a service reach the database that does not say it uses it.
const wrongDatabaseUser = `  WrongEgress:
    Type: AWS::EC2::SecurityGroupEgress
    Properties:
      Description: notification-service to database
      DestinationSecurityGroupId: !GetAtt DatabaseSecurityGroup.GroupId
      FromPort: 5432
      GroupId: !GetAtt NotificationServiceSecurityGroup.GroupId
      IpProtocol: tcp
      ToPort: 5432

  WrongIngress:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      Description: notification-service to database
      FromPort: 5432
      GroupId: !GetAtt DatabaseSecurityGroup.GroupId
      IpProtocol: tcp
      SourceSecurityGroupId: !GetAtt NotificationServiceSecurityGroup.GroupId
      ToPort: 5432

`

func faults() []fault {
	return []fault{
		{"open port", "network.yaml", "PaymentApiFromLoadBalancerIngress", "SourceSecurityGroupId: !GetAtt LoadBalancerSecurityGroup.GroupId", "CidrIp: 0.0.0.0/0", "CidrIp", "NET002"},
		{"wildcard action", "service-payment-api.yaml", "PaymentApiExecutionRole", "- secretsmanager:GetSecretValue", "- secretsmanager:*", "- secretsmanager:*", "IAM001"},
		{"removed key", "cluster.yaml", "ContainerInsightsLogGroup", "      KmsKeyId: !Ref LogsKey\n", "", "LogGroupName", "LOG001"},
		{"Retain", "data.yaml", "Cluster", "DeletionPolicy: Delete", "DeletionPolicy: Retain", "DeletionPolicy", "LIF001"},
		{"unencrypted implicit log group", "data.yaml", "PostgresqlLogGroup", "      KmsKeyId: !Ref LogsKey\n", "", "LogGroupName", "LOG001"},
		{"tasks with public addresses", "service-payment-api.yaml", "PaymentApiService", "AssignPublicIp: DISABLED", "AssignPublicIp: ENABLED", "AssignPublicIp", "NET009"},
		{"public subnet for tasks", "network.yaml", "PrivateSubnetA", "MapPublicIpOnLaunch: false", "MapPublicIpOnLaunch: true", "MapPublicIpOnLaunch", "NET009"},
		{"database reachable from the wrong service", "network.yaml", "DatabaseFromPaymentApiIngress", "ToPort: 5432\n\n", "ToPort: 5432\n\n" + wrongDatabaseUser, "", "NET007"},
		{"missing egress for a declared call", "network.yaml", "PaymentApiToTransactionProcessorEgress", "GroupId: !GetAtt PaymentApiSecurityGroup.GroupId", "GroupId: !GetAtt LoadBalancerSecurityGroup.GroupId", "", "NET012"},
		{"execution role without kms:Decrypt", "service-payment-api.yaml", "PaymentApiExecutionRole", "- kms:Decrypt", "- kms:DescribeKey", "", "ENO003"},
		{"key policy without the logs service", "security.yaml", "LogsKey", "!Sub logs.${AWS::Region}.${AWS::URLSuffix}", "codebuild.amazonaws.com", "", "ENO016"},
		{"key policy without the trail", "security.yaml", "LogsKey", "- kms:GenerateDataKey\n              Resource:\n                - '*'\n              Condition:\n                StringEquals:\n                  aws:SourceArn:\n                    - !Sub arn:${AWS::Partition}:cloudtrail", "- kms:DescribeKey\n              Resource:\n                - '*'\n              Condition:\n                StringEquals:\n                  aws:SourceArn:\n                    - !Sub arn:${AWS::Partition}:cloudtrail", "", "ENO012"},
	}
}

// Planted faults are each found, by the rule that is about them and on the line they are on.
func TestVerifyFindsPlantedFaults(t *testing.T) {
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			dir, line := planted(t, f)
			code, stdout, _ := rendered("verify", "--format", "json", dir)
			var report struct {
				Rules []struct {
					ID       string
					Findings []checks.Finding
				}
			}
			if err := json.Unmarshal([]byte(stdout), &report); err != nil {
				t.Fatal(err)
			}
			var found []checks.Finding
			for _, rule := range report.Rules {
				for _, finding := range rule.Findings {
					if finding.Outcome == checks.Fail {
						found = append(found, finding)
					}
				}
			}
			onLine := func(finding checks.Finding) bool {
				return finding.Rule == f.rule && (f.at == "" || finding.Template == f.file && finding.LogicalID == f.id && finding.Line == line)
			}
			if code != exitFailure || !slices.ContainsFunc(found, onLine) {
				t.Errorf("exit code %d; no %s on %s:%d in %+v", code, f.rule, f.file, line, found)
			}
		})
	}
}

// planted copies golden with a fault, and gives the directory and the line of the fault.
func planted(t *testing.T, f fault) (dir string, line int) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../golden")); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, f.file)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, resource, ok := strings.Cut(string(data), "\n  "+f.id+":\n")
	if !ok || !strings.Contains(resource, f.old) {
		t.Fatalf("%s %s has no %q", f.file, f.id, f.old)
	}
	resource = strings.Replace(resource, f.old, f.replacement, 1)
	if err := os.WriteFile(name, []byte(before+"\n  "+f.id+":\n"+resource), 0o644); err != nil {
		t.Fatal(err)
	}
	above, _, _ := strings.Cut(resource, f.at)
	return dir, strings.Count(before, "\n") + 3 + strings.Count(above, "\n")
}
