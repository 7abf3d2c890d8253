package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// Services that publish to the topic.
const (
	cloudWatch     = "cloudwatch.amazonaws.com"
	databaseEvents = "events.rds.amazonaws.com"
	eventBridge    = "events.amazonaws.com"
)

// addDataKey declares the key of the database's storage and Performance Insights. RDS acts for whoever creates the cluster
// and works with a grant from then on, so nobody but the deploy role is named, and it through RDS only.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.Keys.html
func addDataKey(t *cfn.Template, in SecurityInputs) cfn.KeyARN {
	key := resources.KeyARN(cfn.Add(t, "DataKey", "Encrypts the database's storage, backups and Performance Insights", resources.Key("Data of "+in.DatabaseName(),
		resources.KeyUseByRole("DatabaseDeployment", "rds", []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}, in.DeployRoleName()),
		resources.KeyGrantsByRole("DatabaseGrants", "rds", in.DeployRoleName()))))
	cfn.Add(t, "DataKeyAlias", "Name of the data key", resources.KeyAlias(in.Name("data"), key))
	return key
}

// addLogsKey declares the key of log groups, the archive and the topic.
func addLogsKey(t *cfn.Template, in SecurityInputs, trail, ownArchive cfn.Condition) cfn.KeyARN {
	statements := []resources.Statement{
		resources.KeyUseByLogs(in.LogGroupName("*"), in.Name("aws-waf-logs", "*"), in.DatabaseLogGroup("*"), in.ContainerInsightsLogGroup()),
	}
	for _, s := range resources.KeyUseByTrail(in.TrailName()) {
		s.When = trail
		statements = append(statements, s)
	}
	statements = append(statements, archiveKeyUse(in, ownArchive)...)
	statements = append(statements, topicKeyUse(in)...)
	key := resources.KeyARN(cfn.Add(t, "LogsKey", "Encrypts log groups, the archive of audit evidence and the topic", resources.Key("Logs and alarms of "+in.Name(product), statements...)))
	cfn.Add(t, "LogsKeyAlias", "Name of the logs key", resources.KeyAlias(in.Name("logs"), key))
	return key
}

// archiveKeyUse is how audit streams get into the archive and auditors get at them. Whoever puts a record into an encrypted
// delivery stream needs the key as well as the stream, which works with a grant that Firehose makes when it is created.
// https://docs.aws.amazon.com/firehose/latest/dev/encryption.html
func archiveKeyUse(in SecurityInputs, ownArchive cfn.Condition) []resources.Statement {
	objects := []string{resources.BucketNameARN(in.ArchiveBucketName()), resources.ObjectsARN(in.ArchiveBucketName(), "")}
	delivery := resources.KeyUseByRole("ArchiveDelivery", "s3", []string{"kms:Decrypt", "kms:GenerateDataKey"}, in.ArchiveRoleName()).
		And("ArnLike", "kms:EncryptionContext:aws:s3:arn", objects...)
	auditors := resources.KeyUseByRole("Auditors", "s3", []string{"kms:Decrypt"}, in.AuditorRoleName()).
		And("ArnLike", "kms:EncryptionContext:aws:s3:arn", objects...)
	delivery.When, auditors.When = ownArchive, ownArchive
	return []resources.Statement{
		delivery, auditors,
		resources.KeyUseByRole("StreamDeployment", "firehose", []string{"kms:DescribeKey"}, in.DeployRoleName()),
		resources.KeyGrantsByRole("StreamGrants", "firehose", in.DeployRoleName()),
		resources.KeyUseByRole("StreamProducers", "firehose", []string{"kms:Decrypt", "kms:GenerateDataKey"}, in.SubscriptionRoleName()),
	}
}

// topicKeyUse lets the topic's publishers encrypt. SNS says in the encryption context which topic it is for.
func topicKeyUse(in SecurityInputs) []resources.Statement {
	events := resources.KeyUseByPublishers("EventPublisher", in.TopicName(), eventBridge)
	events.Exempt = "EventBridge supports no source condition in the policy of a topic's key (Amazon SNS Developer Guide, key management); the encryption context holds it to our topic"
	return []resources.Statement{
		resources.KeyUseByPublishers("AlarmPublishers", in.TopicName(), cloudWatch, databaseEvents).And("StringEquals", "aws:SourceAccount", cfn.AccountID),
		events,
	}
}

// addSecretsKey declares the key of secrets. Everybody uses it through Secrets Manager, which names the secret in the
// encryption context. RDS makes the master secret for the deploy role, directly or by way of Secrets Manager; only the
// start of the administration task reads it.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions
func addSecretsKey(t *cfn.Template, in SecurityInputs) cfn.KeyARN {
	const secretOf = "kms:EncryptionContext:SecretARN"
	encrypt := []string{"kms:Decrypt", "kms:GenerateDataKey"}
	deploy := in.DeployRoleName()
	key := resources.KeyARN(cfn.Add(t, "SecretsKey", "Encrypts the master secret and the services' secrets", resources.Key("Secrets of "+in.Name(product),
		resources.KeyUseByRole("Describe", "secretsmanager", []string{"kms:DescribeKey"}, deploy).And("StringEquals", "kms:ViaService", resources.ViaService("secretsmanager"), resources.ViaService("rds")),
		resources.KeyUseByRole("SecretDeployment", "secretsmanager", encrypt, deploy).And("StringLike", secretOf, in.secretARN("*"), masterSecretARN),
		resources.KeyUseByRole("MasterSecretDeployment", "rds", encrypt, deploy),
		resources.KeyGrantsByRole("MasterSecretGrants", "rds", deploy).And("StringEquals", "kms:ViaService", resources.ViaService("secretsmanager"), resources.ViaService("rds")),
		resources.KeyUseByRole("Readers", "secretsmanager", []string{"kms:Decrypt"}, in.ExecutionRoleName("*"), in.TaskRoleName("*")).And("StringLike", secretOf, in.secretARN("*")),
		resources.KeyUseByRole("Administration", "secretsmanager", encrypt, in.TaskRoleName(administrationImage)).And("StringLike", secretOf, in.secretARN("*")),
		resources.KeyUseByRole("MasterSecretReader", "secretsmanager", []string{"kms:Decrypt"}, in.ExecutionRoleName(administrationImage)).And("StringLike", secretOf, masterSecretARN))))
	cfn.Add(t, "SecretsKeyAlias", "Name of the secrets key", resources.KeyAlias(in.Name("secrets"), key))
	return key
}

// secretARN is the pattern of a secret of ours: Secrets Manager appends a hyphen and six random characters to the name.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
func (e Environment) secretARN(service string) string {
	return secretsOfAccount + e.SecretName(service) + "-??????"
}

const (
	secretsOfAccount = "arn:" + cfn.Partition + ":secretsmanager:" + cfn.Region + ":" + cfn.AccountID + ":secret:"
	// masterSecretARN is the pattern of the secrets that RDS manages, whose names it chooses.
	masterSecretARN = secretsOfAccount + "rds!cluster-*"
)
