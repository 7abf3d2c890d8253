package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/templates"
)

// allowed maps each Sid of a role's inline policy to its actions and resources.
func allowed(r resource) map[string][]string {
	found := map[string][]string{}
	for _, p := range items(r.Properties["Policies"]) {
		for _, s := range items(at(p, "PolicyDocument", "Statement")) {
			found[at(s, "Sid").(string)] = append(texts(at(s, "Action")), texts(at(s, "Resource"))...)
		}
	}
	return found
}

// R16: one task role and one execution role a service, with exactly what it needs.
func TestRolesOfServices(t *testing.T) {
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		task := map[string][]string{"SendTraces": {"xray:PutTelemetryRecords", "xray:PutTraceSegments", "*"}}
		repository := "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/ecr-"
		execution := map[string][]string{
			"PullImages": {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
				repository + s.Name + "-${EnvironmentSuffix}", repository + "envoy-${EnvironmentSuffix}", repository + "collector-${EnvironmentSuffix}"},
			"LogInToRegistry": {"ecr:GetAuthorizationToken", "*"},
			"WriteLogs":       {"logs:CreateLogStream", "logs:PutLogEvents", "${" + id + "LogGroup.Arn}"},
		}
		if s.Database {
			for _, role := range []map[string][]string{task, execution} {
				role["ReadSecrets"] = []string{"secretsmanager:GetSecretValue", "${" + id + "DatabaseSecret}"}
				role["DecryptSecrets"] = []string{"kms:Decrypt", "${SecretsKey}"}
			}
		}
		if diff := cmp.Diff(task, allowed(f.Resources[id+"TaskRole"])); diff != "" {
			t.Errorf("task role: %s", diff)
		}
		if diff := cmp.Diff(execution, allowed(f.Resources[id+"ExecutionRole"])); diff != "" {
			t.Errorf("execution role: %s", diff)
		}
		p := f.Resources[id+"TaskDefinition"].Properties
		if text(p["TaskRoleArn"]) != "${"+id+"TaskRole.Arn}" || text(p["ExecutionRoleArn"]) != "${"+id+"ExecutionRole.Arn}" {
			t.Error("the task runs with other roles")
		}
	})
}

// R14: the credentials are generated, encrypted, injected, and readable by the service, its starter and the rotation.
func TestDatabaseSecrets(t *testing.T) {
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		application := container(t, f, id+"TaskDefinition", "application")
		if !s.Database {
			if len(f.ofType("AWS::SecretsManager::Secret")) > 0 || application["Secrets"] != nil || variable(application, "Environment", "DATABASE_HOST", "Value") != nil {
				t.Error("a service without database knows of it")
			}
			return
		}
		secret := f.Resources[id+"DatabaseSecret"]
		if text(secret.Properties["KmsKeyId"]) != "${SecretsKey}" || text(secret.Properties["Name"]) != "secret-"+s.Name+"-${EnvironmentSuffix}" ||
			at(secret.Properties, "GenerateSecretString", "PasswordLength") != 32 || secret.Metadata["Stateful"] != true {
			t.Errorf("secret: %v", secret)
		}
		for name, key := range map[string]string{"DATABASE_USERNAME": "username", "DATABASE_PASSWORD": "password"} {
			if got := text(variable(application, "Secrets", name, "ValueFrom")); got != "${"+id+"DatabaseSecret}:"+key+"::" {
				t.Errorf("%s comes from %q", name, got)
			}
		}
		for name, want := range map[string]string{"DATABASE_HOST": "${DatabaseEndpoint}", "DATABASE_SSLMODE": "verify-full", "DATABASE_SECRET_ARN": "${" + id + "DatabaseSecret}"} {
			if got := text(variable(application, "Environment", name, "Value")); got != want {
				t.Errorf("%s is %q", name, got)
			}
		}
		statements := items(at(f.Resources[id+"DatabaseSecretPolicy"].Properties, "ResourcePolicy", "Statement"))
		administration := "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-task-administration-${EnvironmentSuffix}"
		want := [][]string{
			{"${" + id + "TaskRole.Arn}", "${" + id + "ExecutionRole.Arn}", "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-deploy-${EnvironmentSuffix}", administration},
			{administration},
		}
		for i, action := range []string{"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"} {
			if at(statements[i], "Effect") != "Deny" || at(statements[i], "Principal") != "*" || !slices.Contains(texts(at(statements[i], "Action")), action) {
				t.Errorf("statement %d: %v", i, statements[i])
			}
			if diff := cmp.Diff(want[i], texts(at(statements[i], "Condition", "ArnNotEquals", "aws:PrincipalArn"))); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// CodeDeploy may shift this service's traffic and nothing else.
func TestDeploymentRole(t *testing.T) {
	services(t, func(t *testing.T, s templates.Service, f template, id string) {
		got := allowed(f.Resources[id+"DeploymentRole"])
		want := map[string][]string{
			"ReadAndSwitchService":     {"ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet", "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/${Cluster}/service-" + s.Name + "-${EnvironmentSuffix}"},
			"CreateTaskSet":            {"ecs:CreateTaskSet", "*"},
			"DeleteTaskSet":            {"ecs:DeleteTaskSet", "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-set/${Cluster}/service-" + s.Name + "-${EnvironmentSuffix}/*"},
			"ReadLoadBalancer":         {"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth", "*"},
			"ShiftTraffic":             {"elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule", "${Listener}", "${" + id + "ListenerRule}"},
			"ReadAlarms":               {"cloudwatch:DescribeAlarms", "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"},
			"StartTasksWithTheirRoles": {"iam:PassRole", "${" + id + "TaskRole.Arn}", "${" + id + "ExecutionRole.Arn}"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Promises about every policy of every template (R16): no wildcard action, no unexplained wildcard resource, PassRole
// only with its condition.
func TestPolicies(t *testing.T) {
	files, err := defaultFiles()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for name, f := range files {
		for id, r := range f.Resources {
			for _, statement := range statements(r.Properties) {
				checked++
				checkStatement(t, name+" "+id, r, statement)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d statements were found", checked)
	}
}

// statements finds every policy statement below a value.
func statements(value any) (found []map[string]any) {
	switch v := value.(type) {
	case map[string]any:
		if v["Effect"] != nil && (v["Action"] != nil || v["NotAction"] != nil) {
			return []map[string]any{v}
		}
		for _, inside := range v {
			found = append(found, statements(inside)...)
		}
	case []any:
		for _, inside := range v {
			found = append(found, statements(inside)...)
		}
	}
	return found
}

func checkStatement(t *testing.T, where string, r resource, s map[string]any) {
	t.Helper()
	sid, _ := s["Sid"].(string)
	where += " " + sid
	if s["NotAction"] != nil || s["NotResource"] != nil || s["NotPrincipal"] != nil {
		t.Errorf("%s says what it does not mean", where)
	}
	if s["Effect"] == "Deny" {
		return
	}
	actions, targets := texts(s["Action"]), texts(s["Resource"])
	for _, a := range actions {
		if strings.Contains(a, "*") {
			t.Errorf("%s allows %s", where, a)
		}
	}
	isOwnResource := s["Principal"] != nil // policies of a key, bucket, topic, endpoint: about the thing they are attached to
	if slices.Contains(targets, "*") && !isOwnResource && at(r.Metadata, "AnyResource", sid) == nil {
		t.Errorf("%s allows any resource without a reason", where)
	}
	if slices.Contains(actions, "iam:PassRole") && at(s, "Condition", "StringEquals", "iam:PassedToService") == nil {
		t.Errorf("%s passes roles to anybody", where)
	}
}

// The administration task alone reads the master user's password, and only when it is started.
func TestAdministrationRoles(t *testing.T) {
	f := file(t, "administration.yaml")
	secrets := []string{"${ServiceSecretsPaymentApi}", "${ServiceSecretsTransactionProcessor}"}
	want := map[string][]string{
		"RotateSecrets": append([]string{"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
			"secretsmanager:UpdateSecretVersionStage"}, secrets...),
		"EncryptSecrets":    {"kms:Decrypt", "kms:GenerateDataKey", "${SecretsKey}"},
		"GeneratePasswords": {"secretsmanager:GetRandomPassword", "*"},
	}
	if diff := cmp.Diff(want, allowed(f.Resources["AdministrationTaskRole"])); diff != "" {
		t.Error(diff)
	}
	if got := allowed(f.Resources["AdministrationExecutionRole"])["ReadSecrets"]; !slices.Equal(got, []string{"secretsmanager:GetSecretValue", "${MasterSecret}"}) {
		t.Errorf("execution role reads %v", got)
	}
	c := container(t, f, "AdministrationTaskDefinition", "administration")
	if text(variable(c, "Secrets", "MASTER_PASSWORD", "ValueFrom")) != "${MasterSecret}:password::" ||
		text(variable(c, "Environment", "PAYMENT_API_SECRET_ARN", "Value")) != "${ServiceSecretsPaymentApi}" {
		t.Errorf("container: %v", c)
	}
	for name := range allFiles(t) {
		if name != "administration.yaml" && name != "platform.yaml" && file(t, name).Parameters["MasterSecret"] != nil {
			t.Errorf("%s knows the master secret", name)
		}
	}
}

func allFiles(t *testing.T) map[string]template {
	t.Helper()
	files, err := defaultFiles()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// The schedule starts the newest revision in the private subnets every day, and somebody hears when it fails.
func TestAdministrationSchedule(t *testing.T) {
	f := file(t, "administration.yaml")
	schedule := f.Resources["AdministrationSchedule"].Properties
	parameters := at(schedule, "Target", "EcsParameters")
	family := "task-administration-${EnvironmentSuffix}"
	if got := text(at(parameters, "TaskDefinitionArn")); !strings.HasSuffix(got, ":task-definition/"+family) {
		t.Errorf("starts %s", got)
	}
	if schedule["ScheduleExpression"] != "cron(17 8 * * ? *)" || at(parameters, "LaunchType") != "FARGATE" ||
		at(parameters, "NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp") != "DISABLED" {
		t.Errorf("schedule: %v", schedule)
	}
	role := f.Resources["AdministrationScheduleRole"]
	want := map[string][]string{
		"RunTask": {"ecs:RunTask", "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/" + family,
			"arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/" + family + ":*"},
		"PassTaskRoles": {"iam:PassRole", "${AdministrationTaskRole.Arn}", "${AdministrationExecutionRole.Arn}"},
	}
	if diff := cmp.Diff(want, allowed(role)); diff != "" {
		t.Error(diff)
	}
	if got := texts(at(role.Properties, "AssumeRolePolicyDocument", "Statement", 0, "Condition", "ArnEquals", "aws:SourceArn")); !slices.Equal(got, []string{"${AdministrationScheduleGroup.Arn}"}) {
		t.Errorf("any schedule may assume the role: %v", got)
	}
	rule := f.Resources["AdministrationFailureRule"].Properties
	if got := texts(at(rule, "EventPattern", "detail", "group")); !slices.Equal(got, []string{"family:" + family}) {
		t.Errorf("failure rule watches %v", got)
	}
	if text(at(rule, "Targets", 0, "Arn")) != "${Topic}" {
		t.Error("a failure tells nobody")
	}
}
