package checks

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ownArchive are production's values with the archive in the platform's own account, where everything can be judged.
func ownArchive(t testing.TB) map[string]string {
	values := goldenParameters(t, "prod")
	delete(values, "AuditArchiveBucketName")
	delete(values, "AuditArchiveKeyArn")
	maps.Copy(values, ownPipelines())
	return values
}

// ownPipelines are the values with which the foundation has the roles of pipelines.
func ownPipelines() map[string]string {
	return map[string]string{"PipelineProviderArn": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com", "PlanSubject": "repo:example/payments:*",
		"PipelineSubject": "repo:example/payments:environment:prod", "PublishSubject": "repo:example/payments:ref:refs/heads/main"}
}

// permissionRules are all rules of this topic.
func permissionRules() []Rule { return append(identityRules(), enoughRules()...) }

func TestGoldenKeepsPermissions(t *testing.T) {
	for name, parameters := range map[string]map[string]string{"own archive": ownArchive(t), "development": goldenParameters(t, "dev")} {
		t.Run(name, func(t *testing.T) {
			w := goldenWorldOf(t, parameters)
			for _, result := range Verify(w, permissionRules()) {
				for _, f := range result.Findings {
					if f.Outcome != Exempt {
						t.Errorf("%s %s: %s:%d %s %s: %s; needed %s", f.Outcome, f.Rule, f.Template, f.Line, f.LogicalID, f.Path, f.Found, f.Needed)
					}
					if f.Outcome == Exempt && f.Reason == "" {
						t.Errorf("%s %s %s is exempt without a reason", f.Rule, f.LogicalID, f.Path)
					}
				}
				// Development has neither trail nor interface endpoints.
				if result.Subjects == 0 && (name == "own archive" || result.Rule.ID != "ENO012" && result.Rule.ID != "IAM029") {
					t.Errorf("%s judges nothing", result.Rule.ID)
				}
			}
		})
	}
}

// The archive of production is another account's: its policies are not in the templates, so they are unknown.
func TestExternalArchiveIsUnknown(t *testing.T) {
	w := goldenWorld(t)
	for _, c := range []struct{ rule, id string }{{"ENO009", "ArchiveStream"}, {"ENO012", "Trail"}} {
		result := resultOf(t, w, permissionRules(), c.rule)
		if result.Outcome != Unsure {
			t.Errorf("%s is %s, want unknown", c.rule, result.Outcome)
		}
		for _, f := range result.Findings {
			if f.LogicalID != c.id || !strings.Contains(f.Reason, "is not in the templates") {
				t.Errorf("%s: %s %s: %s", c.rule, f.LogicalID, f.Path, f.Reason)
			}
		}
	}
}

func TestRuleIDsAreInOrder(t *testing.T) {
	for prefix, rules := range map[string][]Rule{"IAM": identityRules(), "ENO": enoughRules()} {
		for i, rule := range rules {
			want := prefix + string([]byte{'0', '0' + byte((i+1)/10), '0' + byte((i+1)%10)})
			if rule.ID != want || rule.Title == "" || len(rule.Requirements) == 0 || rule.Severity == "" {
				t.Errorf("rule %d is %+v, want ID %s with title, requirements and severity", i, rule, want)
			}
		}
	}
}

// fault is a change of golden in one place and the finding that must follow.
type faultCase struct {
	name     string
	rule     string
	edit     edit
	template string
	id       string
	path     string
	// line is what stands on the line of the finding.
	line    string
	outcome Outcome
}

func checkFaults(t *testing.T, cases []faultCase) {
	original, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.rule+" "+c.name, func(t *testing.T) {
			files := maps.Clone(original)
			c.edit(t, files)
			result := resultOf(t, goldenWorldOf(t, ownArchive(t), c.edit), permissionRules(), c.rule)
			want := Finding{Rule: c.rule, Outcome: c.outcome, Template: c.template, LogicalID: c.id, Path: c.path}
			if want.Outcome == "" {
				want.Outcome = Fail
			}
			var others []string
			for _, f := range result.Findings {
				got := Finding{Rule: f.Rule, Outcome: f.Outcome, Template: f.Template, LogicalID: f.LogicalID, Path: f.Path}
				if cmp.Equal(want, got) {
					// What is a map or list may begin on its key's line or the next.
					text := strings.Join(strings.Split(files[f.Template], "\n")[f.Line-2:f.Line], "\n")
					if !strings.Contains(text, c.line) {
						t.Errorf("the finding is on line %d: %q, want one with %q", f.Line, text, c.line)
					}
					if f.Found == "" || f.Needed == "" {
						t.Errorf("the finding does not say what is found and needed: %+v", f)
					}
					return
				}
				if f.Outcome != Exempt {
					others = append(others, string(f.Outcome)+" "+f.Template+" "+f.LogicalID+" "+f.Path+": "+f.Found)
				}
			}
			t.Errorf("no finding %s %s %s %s; found:\n%s", want.Outcome, want.Template, want.LogicalID, want.Path, strings.Join(others, "\n"))
		})
	}
}

// replaceAfter replaces the first occurrence of a text behind a marker within one resource of a golden template.
func replaceAfter(file, id, marker, old, replacement string) edit {
	return func(t testing.TB, files map[string]string) {
		t.Helper()
		start, end := resourceSpan(t, files, file, id)
		text := files[file]
		at := strings.Index(text[start:end], marker)
		if at < 0 {
			t.Fatalf("%s %s does not hold %q", file, id, marker)
		}
		begin := start + at + len(marker)
		next := strings.Index(text[begin:end], old)
		if next < 0 {
			t.Fatalf("%s %s does not hold %q behind %q", file, id, old, marker)
		}
		files[file] = text[:begin+next] + replacement + text[begin+next+len(old):]
	}
}

func BenchmarkPermissionRules(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := goldenWorldOf(b, ownArchive(b))
		b.StartTimer()
		Verify(w, permissionRules())
	}
}

// manyServices is a flat platform of services with roles, secret, log group and repository each, numbered from first.
func manyServices(first, n int) string {
	var b strings.Builder
	b.WriteString("Resources:\n  Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: [" +
		"{Effect: Allow, Principal: {AWS: 'arn:aws:iam::111122223333:root'}, Action: kms:Decrypt, Resource: '*', Condition: {ArnLike: {aws:PrincipalArn: 'arn:aws:iam::111122223333:role/r-*'}, StringEquals: {kms:ViaService: secretsmanager.us-east-1.amazonaws.com}}}]}}}\n")
	const service = `
  RoleN: {Type: AWS::IAM::Role, Properties: {RoleName: r-task-N, AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: sts:AssumeRole}}, Policies: [{PolicyDocument: {Statement: [
    {Effect: Allow, Action: [secretsmanager:GetSecretValue], Resource: !Ref SecretN}, {Effect: Allow, Action: kms:Decrypt, Resource: !GetAtt Key.Arn}]}}]}}
  ExecutionN: {Type: AWS::IAM::Role, Properties: {RoleName: r-execution-N, AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: sts:AssumeRole}}, Policies: [{PolicyDocument: {Statement: [
    {Effect: Allow, Action: [secretsmanager:GetSecretValue], Resource: !Ref SecretN}, {Effect: Allow, Action: kms:Decrypt, Resource: !GetAtt Key.Arn},
    {Effect: Allow, Action: [logs:CreateLogStream, logs:PutLogEvents], Resource: !GetAtt GroupN.Arn}, {Effect: Allow, Action: [ecr:BatchGetImage], Resource: !GetAtt RepositoryN.Arn}]}}]}}
  SecretN: {Type: AWS::SecretsManager::Secret, Properties: {Name: secret-N, KmsKeyId: !GetAtt Key.Arn}}
  PolicyN: {Type: AWS::SecretsManager::ResourcePolicy, Properties: {SecretId: !Ref SecretN, ResourcePolicy: {Statement: {Effect: Deny, Principal: '*', Action: secretsmanager:GetSecretValue, Resource: '*', Condition: {ArnNotEquals: {aws:PrincipalArn: [!GetAtt RoleN.Arn, !GetAtt ExecutionN.Arn]}}}}}}
  GroupN: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: log-N, KmsKeyId: !GetAtt Key.Arn}}
  RepositoryN: {Type: AWS::ECR::Repository, Properties: {RepositoryName: app-N}}
  TaskN: {Type: AWS::ECS::TaskDefinition, Properties: {Family: task-N, TaskRoleArn: !GetAtt RoleN.Arn, ExecutionRoleArn: !GetAtt ExecutionN.Arn, ContainerDefinitions: [{Image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/app-N, Secrets: [{Name: A, ValueFrom: !Ref SecretN}],
    LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: !Ref GroupN, awslogs-stream-prefix: app}}, Environment: [{Name: SECRET_ARN, Value: !Ref SecretN}]}]}}
  ServiceN: {Type: AWS::ECS::Service, Properties: {ServiceName: service-N, TaskDefinition: task-N}}
  ReleaseN: {Type: AWS::CodeDeploy::DeploymentGroup, Properties: {ServiceRoleArn: !GetAtt RoleN.Arn, ECSServices: [{ClusterName: cluster, ServiceName: service-N}]}}
  AlarmN: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: alarm-N, AlarmActions: ['arn:aws:sns:us-east-1:111122223333:topic']}}
`
	numbered := regexp.MustCompile(`(Role|Execution|Secret|Policy|Group|Repository|Task|Service|Release|Alarm|r-task-|r-execution-|secret-|log-|app-|task-|service-|alarm-)N`)
	for i := first; i < first+n; i++ {
		b.WriteString(numbered.ReplaceAllString(service, fmt.Sprint("${1}", i)))
	}
	return b.String()
}

func BenchmarkPermissionRulesOfThousandServices(b *testing.B) {
	files := map[string]string{}
	for first := 0; first < 1000; first += 40 {
		files[fmt.Sprintf("app%d.yaml", first)] = manyServices(first, 40)
	}
	for b.Loop() {
		b.StopTimer()
		w := worldOf(b, nil, files)
		b.StartTimer()
		Verify(w, permissionRules())
	}
}
