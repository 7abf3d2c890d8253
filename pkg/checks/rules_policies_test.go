package checks

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The statements of the archive's and the foundation's policies that the tests below change.
const (
	foundationFile  = "foundation.yaml"
	archivePolicy   = "ArchiveBucketPolicy"
	foreignKeysDeny = "'Null':\n                s3:x-amz-server-side-encryption-aws-kms-key-id:\n                  - 'false'"
	accountRoot     = "- !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root"
)

// An exemption for a condition that a service cannot take does not let others in.
func TestExemptionsExcuseConditionsOnly(t *testing.T) {
	checkFaults(t, []faultCase{
		{"anybody beside a service", "IAM008", replaceInResource(securityFile, "AccessLogBucketPolicy", "- logdelivery.elasticloadbalancing.amazonaws.com", "- logdelivery.elasticloadbalancing.amazonaws.com\n                - '*'"),
			securityFile, "AccessLogBucketPolicy", "PolicyDocument.Statement[2].Principal", "Principal:", ""},
		{"anybody for our trail", "IAM008", replaceAfter(securityFile, archivePolicy, "Sid: CloudTrailCheck", "Principal:\n                Service:\n                  - cloudtrail.amazonaws.com", "Principal: '*'"),
			securityFile, archivePolicy, "PolicyDocument.Statement[3].Principal", "Principal: '*'", ""},
		{"anybody to a topic", "IAM008", replaceAfter(securityFile, "AlarmTopicPolicy", "Sid: EventBridge", "Principal:\n              Service:\n                - events.amazonaws.com", "Principal: '*'"),
			securityFile, "AlarmTopicPolicy", "PolicyDocument.Statement[3].Principal", "Principal: '*'", ""},
		{"anybody for a service that sends no source", "IAM007", replaceInResource(paymentsFile, "PaymentApiDeploymentRole", "Principal:\n              Service:\n                - codedeploy.amazonaws.com", "Principal: '*'"),
			paymentsFile, "PaymentApiDeploymentRole", trustStatement + ".Principal", "Principal: '*'", ""},
		{"a bucket that somebody else may have one day", "IAM009", replaceAfter(securityFile, "AccessLogBucketPolicy", "Sid: ArchiveRequestLogs", "aws:SourceAccount", "aws:Other"),
			securityFile, "AccessLogBucketPolicy", "PolicyDocument.Statement[3].Condition", "Condition:", ""},
		{"schedules of any group", "IAM006", replaceInResource(administration, "AdministrationScheduleRole", "- !GetAtt AdministrationScheduleGroup.Arn", "- !Sub arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/*"),
			administration, "AdministrationScheduleRole", trustStatement + ".Condition", "Condition:", ""},
		{"log groups of any name", "IAM002", replaceInResource("ingress.yaml", "WafLogDeliveryPolicy", "log-group:aws-waf-logs-payments-${EnvironmentSuffix}:", "log-group:*:"),
			"ingress.yaml", "WafLogDeliveryPolicy", "PolicyDocument.Statement[0].Resource[0]", "PolicyDocument: ", ""},
	})
}

func TestDenials(t *testing.T) {
	denyEndpoint := func(name, sid, old, replacement, path string, outcome Outcome) faultCase {
		return faultCase{name, "IAM029", replaceAfter(egressFile, "SecretsEndpoint", "Sid: "+sid, old, replacement), egressFile, "SecretsEndpoint", path, "Condition:", outcome}
	}
	administrator := "- !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-task-administration-${EnvironmentSuffix}"
	checkFaults(t, []faultCase{
		{"everybody locked out", "IAM027", replaceInResource(foundationFile, "ArtifactBucketPolicy", "            Condition:\n              Bool:\n                aws:SecureTransport:\n                  - 'false'\n", ""),
			foundationFile, "ArtifactBucketPolicy", "PolicyDocument.Statement[0]", "Sid: DenyPlaintext", ""},
		{"a key that nobody may mend", "IAM027", replaceAfter(securityFile, "DataKey", "Sid: Administrators", "Effect: Allow\n            Principal:\n              AWS:\n                "+accountRoot, "Effect: Deny\n            Principal: '*'"),
			securityFile, "DataKey", "KeyPolicy.Statement[0]", "Sid: Administrators", ""},
		{"foreign keys", "IAM030", replaceAfter(securityFile, archivePolicy, "Sid: DenyForeignKeys", "- !GetAtt LogsKey.Arn", "- '*'\n              StringLike:\n                aws:SourceVpc:\n                  - vpc-1"),
			securityFile, archivePolicy, "PolicyDocument", "PolicyDocument", ""},
		{"its own key", "IAM030", replaceAfter(securityFile, archivePolicy, "Sid: DenyForeignKeys", "- !GetAtt LogsKey.Arn", "- !GetAtt DataKey.Arn"),
			securityFile, archivePolicy, "PolicyDocument", "PolicyDocument", ""},
		{"no key named", "IAM030", replaceInResource(securityFile, archivePolicy, "              "+foreignKeysDeny+"\n", ""),
			securityFile, archivePolicy, "PolicyDocument", "PolicyDocument", ""},
		{"a key that is not known", "IAM030", replaceAfter(securityFile, archivePolicy, "Sid: DenyForeignKeys", "- !GetAtt LogsKey.Arn", "- !ImportValue Key"),
			securityFile, archivePolicy, "PolicyDocument", "PolicyDocument", Unsure},
		{"no policy of the archive", "IAM030", dropResource(securityFile, archivePolicy), securityFile, "ArchiveBucket", "", "Properties:", ""},
		{"an archive that is not known", "IAM030", replaceInResource(archiveFile, "Trail", "S3BucketName: !Ref ArchiveBucket", "S3BucketName: !ImportValue Bucket"),
			archiveFile, "Trail", "S3BucketName", "S3BucketName", Unsure},
		denyEndpoint("any role rotates", "RotateSecrets", "aws:PrincipalArn", "aws:Other", "PolicyDocument.Statement[1].Condition", ""),
		denyEndpoint("any role reads the master secret", "ReadMasterSecret", "aws:PrincipalArn", "aws:Other", "PolicyDocument.Statement[3].Condition", ""),
		denyEndpoint("a role that is not known", "RotateSecrets", administrator, "- !ImportValue Role", "PolicyDocument.Statement[1].Condition", Unsure),
		{"a policy that is not known", "IAM029", replaceAfter(egressFile, "SecretsEndpoint", "Sid: GeneratePasswords", "Effect: Allow", "Effect: !ImportValue Effect"),
			egressFile, "SecretsEndpoint", "PolicyDocument", "PolicyDocument", Unsure},
		{"public policies", "IAM031", replaceInResource(paymentsFile, "PaymentApiDatabaseSecretPolicy", "BlockPublicPolicy: true", "BlockPublicPolicy: false"),
			paymentsFile, "PaymentApiDatabaseSecretPolicy", "BlockPublicPolicy", "BlockPublicPolicy", ""},
		{"versions moved by anybody", "IAM015", replaceInResource(paymentsFile, "PaymentApiDatabaseSecretPolicy", "secretsmanager:UpdateSecretVersionStage", "secretsmanager:DescribeSecret"),
			paymentsFile, "PaymentApiDatabaseSecretPolicy", "ResourcePolicy", "ResourcePolicy", ""},
	})
}

func TestHeldUses(t *testing.T) {
	checkFaults(t, []faultCase{
		{"a task in any cluster", "IAM028", replaceInResource(administration, "AdministrationScheduleRole", "ecs:cluster", "aws:Other"),
			administration, "AdministrationScheduleRole", firstPolicy + "Statement[0].Condition", "Condition:", ""},
		{"task sets in any cluster", "IAM028", replaceInResource(paymentsFile, "PaymentApiDeploymentRole", "ecs:cluster", "aws:Other"),
			paymentsFile, "PaymentApiDeploymentRole", firstPolicy + "Statement[1].Condition", "Condition:", ""},
		{"any topic", "IAM012", replaceAfter(securityFile, "LogsKey", "Sid: EventPublisher", "kms:EncryptionContext:aws:sns:topicArn", "kms:Other"),
			securityFile, "LogsKey", "KeyPolicy.Statement[10].Condition", "Condition:", ""},
		{"any trail", "IAM012", replaceAfter(securityFile, "LogsKey", "Sid: CloudTrailEncrypt", "kms:EncryptionContext:aws:cloudtrail:arn", "kms:Other"),
			securityFile, "LogsKey", "KeyPolicy.Statement[2].Condition", "Condition:", ""},
		{"a family without its revisions", "ENO008", replaceInResource(administration, "AdministrationScheduleRole", "task-definition/task-administration-${EnvironmentSuffix}\n", "task-definition/task-other-${EnvironmentSuffix}\n"),
			administration, "AdministrationSchedule", "Target.EcsParameters.TaskDefinitionArn", "TaskDefinitionArn", ""},
		{"a key that is never rotated at once", "ENO020", replaceInResource(securityFile, "DataKey", "kms:RotateKeyOnDemand", "kms:GetParametersForImport"),
			securityFile, "DataKey", "KeyPolicy", "KeyPolicy", ""},
		{"a repository that nobody makes", "ENO022", replaceAfter(foundationFile, "Key", "Sid: Repositories", "kms:CreateGrant", "kms:ListAliases"),
			foundationFile, "EnvoyRepository", "EncryptionConfiguration.KmsKey", "KmsKey", ""},
		{"a bucket that nobody fills", "ENO022", replaceAfter(foundationFile, "Key", "Sid: ArtifactBucket", "kms:GenerateDataKey", "kms:ListAliases"),
			foundationFile, "ArtifactBucket", "BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID", "KMSMasterKeyID", ""},
		{"performance that nobody reads", "ENO022", replaceAfter(securityFile, "DataKey", "Sid: DatabaseDeployment", "kms:Decrypt", "kms:ListAliases"),
			"data.yaml", "Cluster", "PerformanceInsightsKmsKeyId", "PerformanceInsightsKmsKeyId", ""},
		{"a service that is not known", "ENO022", replaceAfter(foundationFile, "Key", "Sid: Repositories", "- !Sub ecr.${AWS::Region}.${AWS::URLSuffix}", "- !ImportValue Service"),
			foundationFile, "EnvoyRepository", "EncryptionConfiguration.KmsKey", "KmsKey", Unsure},
	})
}

func TestAuditors(t *testing.T) {
	const stream = "ExtendedS3DestinationConfiguration.BucketARN"
	fault := func(name string, e edit, id, path string, outcome Outcome) faultCase {
		return faultCase{name, "ENO023", e, archiveFile, id, path, strings.Split(path, ".")[0][:2], outcome}
	}
	auditor := func(old, replacement string) edit {
		return replaceInResource(archiveFile, "AuditorRole", old, replacement)
	}
	checkFaults(t, []faultCase{
		fault("nobody", replaceAfter(archiveFile, "AuditorRole", "Sid: Assume", "Effect: Allow", "Effect: Deny"), "ArchiveStream", stream, ""),
		fault("a service instead of people", auditor("AWS:\n                "+accountRoot, "Service:\n                - logs.amazonaws.com"), "Trail", "S3BucketName", ""),
		fault("no list", auditor("s3:ListBucketVersions", "s3:GetBucketTagging"), "ArchiveStream", stream, ""),
		fault("no versions", auditor("- s3:GetObjectVersion", "- s3:GetObjectTagging"), "Trail", "S3BucketName", ""),
		fault("no key", auditor("kms:Decrypt", "kms:DescribeKey"), "ArchiveStream", stream, ""),
		fault("no proof", auditor("cloudtrail:ListPublicKeys", "cloudtrail:GetTrail"), "Trail", "S3BucketName", ""),
		fault("a policy that is not known", auditor("- cloudtrail:ListPublicKeys", "- !ImportValue Action"), "Trail", "S3BucketName", Unsure),
		fault("a bucket that is not known", replaceInResource(archiveFile, "Trail", "S3BucketName: !Ref ArchiveBucket", "S3BucketName: !ImportValue Bucket"), "Trail", "S3BucketName", Unsure),
	})
}

// Where not even pipelines have roles, nobody at all could read the archive.
func TestNobodyReadsTheArchive(t *testing.T) {
	parameters := ownArchive(t)
	for name := range ownPipelines() {
		delete(parameters, name)
	}
	w := goldenWorldOf(t, parameters, replaceAfter(archiveFile, "AuditorRole", "Sid: Assume", "Effect: Allow", "Effect: Deny"))
	findings := resultOf(t, w, enoughRules(), "ENO023").Findings
	if len(findings) == 0 || findings[0].Outcome != Fail || findings[0].Found != "people may assume no role" || findings[0].Mend != "make a role for auditors" {
		t.Errorf("%+v", findings)
	}
}

// The owner of an archive in another account gets each object.
func TestForeignArchiveOwner(t *testing.T) {
	w := goldenWorldOf(t, goldenParameters(t, "prod"), replaceInResource(archiveFile, "ArchiveRole", "s3:PutObjectAcl", "s3:GetObjectAcl"))
	var got []string
	for _, f := range resultOf(t, w, enoughRules(), "ENO009").Findings {
		if f.Outcome == Fail {
			got = append(got, f.LogicalID+" "+f.Path+": "+f.Found)
		}
	}
	finding := "ArchiveStream ExtendedS3DestinationConfiguration.BucketARN: role-archive-prod may not s3:PutObjectAcl: no policy of role-archive-prod allows it"
	want := []string{finding, finding} // of what is delivered and what is not
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
