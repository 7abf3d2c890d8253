package templates_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bySid maps the policy statements below a value by Sid, conditional ones included.
func bySid(t *testing.T, value any) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	for _, s := range statements(value) {
		sid := s["Sid"].(string)
		if found[sid] != nil {
			t.Errorf("two statements %s", sid)
		}
		found[sid] = s
	}
	return found
}

// fits tells whether a name with references in short form is one that a pattern with * and ? means.
func fits(pattern, name string) bool {
	if pattern == "" {
		return name == ""
	}
	switch {
	case pattern[0] == '*':
		return fits(pattern[1:], name) || name != "" && fits(pattern, name[1:])
	case name == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == name[0]) && fits(pattern[1:], name[1:])
}

func fitsOne(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return fits(p, name) })
}

const (
	roleARN   = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"
	secretARN = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"
	logsARN   = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
)

// use says in a line who may do what with a key, and under which conditions on the request.
func use(s map[string]any) string {
	var who, when []string
	for _, role := range texts(at(s, "Condition", "ArnLike", "aws:PrincipalArn")) {
		who = append(who, strings.ReplaceAll(strings.TrimPrefix(role, roleARN), "-${EnvironmentSuffix}", ""))
	}
	who = append(who, texts(at(s, "Principal", "Service"))...)
	for _, service := range texts(at(s, "Condition", "StringEquals", "kms:ViaService")) {
		when = append(when, "via "+strings.TrimSuffix(service, ".${AWS::Region}.${AWS::URLSuffix}"))
	}
	conditions, _ := s["Condition"].(map[string]any)
	for _, keys := range conditions {
		for key := range keys.(map[string]any) {
			if !slices.Contains([]string{"aws:PrincipalArn", "kms:ViaService", "kms:CallerAccount"}, key) {
				when = append(when, key)
			}
		}
	}
	slices.Sort(when)
	return fmt.Sprint(strings.Join(who, " "), ": ", strings.ReplaceAll(strings.Join(texts(s["Action"]), " "), "kms:", ""), "; ", strings.Join(when, ", "))
}

// R15: who uses which key for what. Whoever needs more than this changes this table, where a reviewer sees it.
func TestKeysAreUsedByTheNamedOnly(t *testing.T) {
	encrypt := "Decrypt GenerateDataKey; "
	for key, want := range map[string]map[string]string{
		"DataKey": {
			"DatabaseDeployment": "role-deploy: Decrypt DescribeKey GenerateDataKey; via rds",
			"DatabaseGrants":     "role-deploy: CreateGrant; kms:GrantIsForAWSResource, via rds",
		},
		"LogsKey": {
			"CloudWatchLogs":    "logs.${AWS::Region}.${AWS::URLSuffix}: Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo; kms:EncryptionContext:aws:logs:arn",
			"CloudTrailEncrypt": "cloudtrail.amazonaws.com: GenerateDataKey; aws:SourceArn, kms:EncryptionContext:aws:cloudtrail:arn",
			"CloudTrailUse":     "cloudtrail.amazonaws.com: Decrypt DescribeKey; aws:SourceArn",
			"ArchiveDelivery":   "role-archive: " + encrypt + "kms:EncryptionContext:aws:s3:arn, via s3",
			"Auditors":          "role-auditor: Decrypt; kms:EncryptionContext:aws:s3:arn, via s3",
			"StreamDeployment":  "role-deploy: DescribeKey; via firehose",
			"StreamGrants":      "role-deploy: CreateGrant; kms:GrantIsForAWSResource, via firehose",
			"StreamProducers":   "role-subscription: " + encrypt + "via firehose",
			"AlarmPublishers":   "cloudwatch.amazonaws.com events.rds.amazonaws.com: " + encrypt + "aws:SourceAccount, kms:EncryptionContext:aws:sns:topicArn",
			"EventPublisher":    "events.amazonaws.com: " + encrypt + "kms:EncryptionContext:aws:sns:topicArn",
		},
		"SecretsKey": {
			"Describe":               "role-deploy: DescribeKey; via rds, via secretsmanager",
			"SecretDeployment":       "role-deploy: " + encrypt + "kms:EncryptionContext:SecretARN, via secretsmanager",
			"MasterSecretDeployment": "role-deploy: " + encrypt + "via rds",
			"MasterSecretGrants":     "role-deploy: CreateGrant; kms:GrantIsForAWSResource, via rds, via secretsmanager",
			"Readers":                "role-execution-* role-task-*: Decrypt; kms:EncryptionContext:SecretARN, via secretsmanager",
			"Administration":         "role-task-administration: " + encrypt + "kms:EncryptionContext:SecretARN, via secretsmanager",
			"MasterSecretReader":     "role-execution-administration: Decrypt; kms:EncryptionContext:SecretARN, via secretsmanager",
		},
	} {
		r := file(t, "security.yaml").Resources[key]
		got := map[string]string{}
		for sid, s := range bySid(t, r.Properties["KeyPolicy"]) {
			if sid == "Administrators" {
				continue
			}
			got[sid] = use(s)
			if at(s, "Principal", "AWS") != nil && (at(s, "Condition", "ArnLike", "aws:PrincipalArn") == nil || at(s, "Condition", "StringEquals", "kms:CallerAccount") == nil) {
				t.Errorf("%s %s: the whole account uses the key", key, sid)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
		if r.Properties["EnableKeyRotation"] != true || at(r.Metadata, "Stateful") != true {
			t.Errorf("%s is %v", key, r)
		}
	}
}

// Statements that are for something optional go with it.
func TestKeyStatementsUnderConditions(t *testing.T) {
	got := map[string]any{}
	for _, key := range []string{"DataKey", "LogsKey", "SecretsKey"} {
		for _, s := range items(at(file(t, "security.yaml").Resources[key].Properties, "KeyPolicy", "Statement")) {
			if sid, ok := at(s, "Fn::If", 1, "Sid").(string); ok {
				got[sid] = at(s, "Fn::If", 0)
			}
		}
	}
	want := map[string]any{"CloudTrailEncrypt": "TrailIntoOwnArchive", "CloudTrailUse": "TrailIntoOwnArchive", "ArchiveDelivery": "OwnArchive", "Auditors": "OwnArchive"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestKeysHaveNames(t *testing.T) {
	f := file(t, "security.yaml")
	for name, key := range map[string]string{"data": "DataKey", "logs": "LogsKey", "secrets": "SecretsKey"} {
		alias := f.Resources[key+"Alias"].Properties
		if text(alias["AliasName"]) != "alias/"+name+"-${EnvironmentSuffix}" || text(alias["TargetKeyId"]) != "${"+key+".Arn}" {
			t.Errorf("alias is %v", alias)
		}
	}
}

// R13: CloudWatch Logs refuses a group whose key does not name it.
func TestLogsKeyNamesEveryLogGroup(t *testing.T) {
	policy := bySid(t, file(t, "security.yaml").Resources["LogsKey"].Properties["KeyPolicy"])
	patterns := texts(at(policy["CloudWatchLogs"], "Condition", "ArnLike", "kms:EncryptionContext:aws:logs:arn"))
	groups := 0
	for name, f := range allFiles(t) {
		for id, r := range f.ofType("AWS::Logs::LogGroup") {
			groups++
			if !fitsOne(patterns, logsARN+text(r.Properties["LogGroupName"])) {
				t.Errorf("%s %s: %v is none of %v", name, id, r.Properties["LogGroupName"], patterns)
			}
			if key := text(r.Properties["KmsKeyId"]); key != "${LogsKey}" {
				t.Errorf("%s %s is encrypted with %s", name, id, key)
			}
		}
	}
	if groups < 8 {
		t.Errorf("only %d groups were found", groups)
	}
	if fitsOne(patterns, logsARN+"log-payment-api-other") {
		t.Error("the key is for groups of other environments")
	}
}

// R14: Secrets Manager refuses whom the key does not name.
func TestSecretsKeyNamesEverySecret(t *testing.T) {
	policy := bySid(t, file(t, "security.yaml").Resources["SecretsKey"].Properties["KeyPolicy"])
	secrets := 0
	for name, f := range allFiles(t) {
		for id, r := range f.ofType("AWS::SecretsManager::Secret") {
			secrets++
			arn := secretARN + text(r.Properties["Name"]) + "-AbCdEf"
			for _, sid := range []string{"SecretDeployment", "Readers", "Administration"} {
				if !fitsOne(texts(at(policy[sid], "Condition", "StringLike", "kms:EncryptionContext:SecretARN")), arn) {
					t.Errorf("%s %s: %s does not name it", name, id, sid)
				}
			}
		}
	}
	if secrets == 0 {
		t.Error("no secret was found")
	}
	const master = secretARN + "rds!cluster-1234-AbCdEf"
	for sid, want := range map[string]bool{"SecretDeployment": true, "MasterSecretReader": true, "Readers": false, "Administration": false} {
		if got := fitsOne(texts(at(policy[sid], "Condition", "StringLike", "kms:EncryptionContext:SecretARN")), master); got != want {
			t.Errorf("%s: master secret %v, want %v", sid, got, want)
		}
	}
}

// Least privilege is enough privilege: each role that is given a key by its own policy is let in by the key's.
func TestKeysLetInWhoeverNeedsThem(t *testing.T) {
	policies := map[string]map[string]map[string]any{}
	for _, key := range []string{"LogsKey", "SecretsKey"} {
		policies[key] = bySid(t, file(t, "security.yaml").Resources[key].Properties["KeyPolicy"])
	}
	checked := 0
	for name, f := range allFiles(t) {
		for id, r := range f.ofType("AWS::IAM::Role") {
			for _, s := range statements(r.Properties["Policies"]) {
				for key, policy := range policies {
					if !slices.Contains(texts(s["Resource"]), "${"+key+"}") {
						continue
					}
					checked++
					if !letIn(policy, roleARN+text(r.Properties["RoleName"]), texts(s["Action"]), texts(at(s, "Condition", "StringEquals", "kms:ViaService"))) {
						t.Errorf("%s %s: %s does not let %s do %v", name, id, key, text(r.Properties["RoleName"]), s["Action"])
					}
				}
			}
		}
	}
	if checked < 6 {
		t.Errorf("only %d uses of keys were found", checked)
	}
}

// letIn tells whether one statement of a key policy allows a role these actions through this service.
func letIn(policy map[string]map[string]any, role string, actions, via []string) bool {
	for _, s := range policy {
		allowed := !slices.ContainsFunc(actions, func(a string) bool { return !slices.Contains(texts(s["Action"]), a) })
		services := texts(at(s, "Condition", "StringEquals", "kms:ViaService"))
		if allowed && len(via) == 1 && slices.Contains(services, via[0]) && fitsOne(texts(at(s, "Condition", "ArnLike", "aws:PrincipalArn")), role) {
			return true
		}
	}
	return false
}

// R18, R20: the archive is ours or somebody else's, and ours can be destroyed.
func TestArchiveBucket(t *testing.T) {
	f := file(t, "security.yaml")
	bucket, policy := f.Resources["ArchiveBucket"], f.Resources["ArchiveBucketPolicy"]
	if bucket.Condition != "OwnArchive" || policy.Condition != "OwnArchive" || f.Resources["AccessLogBucket"].Condition != "" {
		t.Error("archive is made although there is one, or access logs have nowhere to go")
	}
	if diff := cmp.Diff(map[string]any{"Fn::If": []any{"OwnArchive", map[string]any{"Ref": "ArchiveBucket"}, map[string]any{"Ref": "AuditArchiveBucketName"}}},
		at(f.Outputs["ArchiveBucket"], "Value")); diff != "" {
		t.Error(diff)
	}
	if text(bucket.Properties["BucketName"]) != "bucket-archive-${AWS::AccountId}-${EnvironmentSuffix}" || bucket.Properties["ObjectLockEnabled"] != nil {
		t.Errorf("bucket is %v", bucket.Properties)
	}
	if got := text(at(bucket.Properties, "BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "KMSMasterKeyID")); got != "${LogsKey.Arn}" {
		t.Errorf("bucket is encrypted with %s", got)
	}
	if text(at(bucket.Properties, "LoggingConfiguration", "DestinationBucketName")) != "${AccessLogBucket}" {
		t.Error("requests to the archive are not recorded")
	}
	trail := items(at(policy.Properties, "PolicyDocument", "Statement"))[3:]
	for _, s := range trail {
		if at(s, "Fn::If", 0) != "TrailEnabled" {
			t.Errorf("CloudTrail writes without a trail: %v", s)
		}
	}
	if len(trail) != 2 {
		t.Errorf("%d statements for CloudTrail", len(trail))
	}
}

// CloudTrail's digests name no key, so objects without one must pass; another key must not.
func TestArchiveRefusesForeignKeys(t *testing.T) {
	s := bySid(t, file(t, "security.yaml").Resources["ArchiveBucketPolicy"].Properties)["DenyForeignKeys"]
	want := map[string]any{
		"Null":            map[string]any{"s3:x-amz-server-side-encryption-aws-kms-key-id": []any{"false"}},
		"StringNotEquals": map[string]any{"s3:x-amz-server-side-encryption-aws-kms-key-id": []any{map[string]any{"Fn::GetAtt": "LogsKey.Arn"}}},
	}
	if diff := cmp.Diff(want, s["Condition"]); diff != "" || s["Effect"] != "Deny" {
		t.Errorf("%v %s", s["Effect"], diff)
	}
}

// The load balancer's attributes, the bucket's policy and the reasons for what is weak about both belong together.
func TestAccessLogs(t *testing.T) {
	f := file(t, "security.yaml")
	bucket, policy := f.Resources["AccessLogBucket"], f.Resources["AccessLogBucketPolicy"]
	s := bySid(t, policy.Properties)
	if got := texts(s["LoadBalancerLogs"]["Resource"]); !slices.Equal(got, []string{"arn:${AWS::Partition}:s3:::${AccessLogBucket}/AWSLogs/${AWS::AccountId}/*"}) {
		t.Errorf("load balancers write to %v", got)
	}
	if text(at(s["LoadBalancerLogs"], "Principal", "Service", 0)) != "logdelivery.elasticloadbalancing.amazonaws.com" || at(policy.Metadata, "Exemptions", "LoadBalancerLogs") == nil {
		t.Errorf("statement is %v", s["LoadBalancerLogs"])
	}
	for _, balancer := range file(t, "ingress.yaml").ofType("AWS::ElasticLoadBalancingV2::LoadBalancer") {
		for _, attribute := range items(balancer.Properties["LoadBalancerAttributes"]) {
			if at(attribute, "Key") == "access_logs.s3.prefix" {
				t.Error("the bucket's policy knows of no prefix")
			}
		}
	}
	if got := texts(at(s["ArchiveRequestLogs"], "Condition", "ArnLike", "aws:SourceArn")); !slices.Equal(got, []string{"arn:${AWS::Partition}:s3:::bucket-archive-${AWS::AccountId}-${EnvironmentSuffix}"}) {
		t.Errorf("S3 writes logs of %v", got)
	}
	for _, weak := range []string{"BucketEncryption", "LoggingConfiguration"} {
		if at(bucket.Metadata, "Exemptions", weak) == nil {
			t.Errorf("no reason for %s", weak)
		}
	}
}

func TestTopicOfAlarms(t *testing.T) {
	f := file(t, "security.yaml")
	policy := f.Resources["AlarmTopicPolicy"]
	for sid, s := range bySid(t, policy.Properties) {
		if s["Effect"] != "Allow" {
			continue
		}
		if account := at(s, "Condition", "StringEquals", "aws:SourceAccount"); (account == nil) != (at(policy.Metadata, "Exemptions", sid) != nil) {
			t.Errorf("%s: source account %v, exemption %v", sid, account, at(policy.Metadata, "Exemptions", sid))
		}
		if at(s, "Principal", "Service") == nil || !slices.Equal(texts(s["Action"]), []string{"sns:Publish"}) {
			t.Errorf("%s is %v", sid, s)
		}
	}
	if text(f.Resources["AlarmTopic"].Properties["KmsMasterKeyId"]) != "${LogsKey.Arn}" || text(f.Resources["AlarmTopic"].Properties["TopicName"]) != "topic-alarms-${EnvironmentSuffix}" {
		t.Errorf("topic is %v", f.Resources["AlarmTopic"])
	}
	subscription := f.Resources["AlarmSubscription"]
	if subscription.Condition != "AlarmEmailGiven" || text(subscription.Properties["Endpoint"]) != "${AlarmEmail}" {
		t.Errorf("subscription is %v", subscription)
	}
}
