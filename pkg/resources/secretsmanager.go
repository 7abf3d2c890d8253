package resources

import (
	"encoding/json"

	"github.com/awslabs/goformation/v7/cloudformation/secretsmanager"

	"github.com/tierform/tierform/pkg/cfn"
)

// SecretInput describes a generated secret.
type SecretInput struct {
	// Name is the physical name.
	Name string
	// Description says whose secret it is.
	Description string
	// Key encrypts it.
	Key cfn.KeyARN
	// UserName makes the secret a JSON object of username and password; empty makes it the bare password.
	UserName string
	// Unrotated is the reason why no role rotates the value. It is rendered into the Metadata under Exemptions.
	Unrotated string
}

// secretLength is the length of generated passwords, in characters: 32 letters and digits are 190 bits.
const secretLength = 32

// Secret is a secret whose value Secrets Manager generates, so that nobody has ever seen it. Only letters and digits are
// used: the value may appear in a connection string.
func Secret(in SecretInput) *secretsmanager.Secret {
	generate := &secretsmanager.Secret_GenerateSecretString{
		PasswordLength:     new(secretLength),
		ExcludePunctuation: new(true),
	}
	if in.UserName != "" {
		template, _ := json.Marshal(map[string]string{"username": in.UserName}) // a map of strings always has a form
		generate.SecretStringTemplate, generate.GenerateStringKey = new(string(template)), new("password")
	}
	secret := &secretsmanager.Secret{
		Name:                                 new(in.Name),
		Description:                          new(in.Description),
		KmsKeyId:                             new(string(in.Key)),
		GenerateSecretString:                 generate,
		AWSCloudFormationDeletionPolicy:      "Delete",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
		AWSCloudFormationMetadata:            map[string]any{"Stateful": true},
	}
	if in.Unrotated != "" {
		secret.AWSCloudFormationMetadata["Exemptions"] = map[string]any{"GenerateSecretString": in.Unrotated}
	}
	return secret
}

// SecretReaders is a resource policy that denies a secret's value to everybody but the roles given, whatever other
// policies of the account allow (PCI DSS 7.2.5). Where there are writers, only they may change the value.
func SecretReaders(secret cfn.SecretARN, readers, writers []cfn.RoleARN) *secretsmanager.ResourcePolicy {
	deny := func(sid string, actions []string, but ...[]cfn.RoleARN) Statement {
		var roles []string
		for _, list := range but {
			for _, role := range list {
				roles = append(roles, string(role))
			}
		}
		return Statement{
			Sid: sid, Deny: true, Principals: Principals{AWS: []string{"*"}}, Actions: actions, Resources: []string{"*"},
			Conditions: Conditions{"ArnNotEquals": {"aws:PrincipalArn": roles}},
		}
	}
	statements := []Statement{deny("OnlyReadersRead", []string{"secretsmanager:GetSecretValue"}, readers, writers)}
	if len(writers) > 0 {
		statements = append(statements, deny("OnlyWritersWrite",
			[]string{"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"}, writers))
	}
	return &secretsmanager.ResourcePolicy{
		SecretId:          string(secret),
		BlockPublicPolicy: new(true),
		ResourcePolicy:    Policy(statements...),
	}
}

// SecretValueFrom is what a container's secret is filled from: one key of a secret that holds a JSON object, or with an
// empty key the whole value. Injection happens when a task starts, not when a secret changes.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
func SecretValueFrom(secret cfn.SecretARN, key string) string {
	if key == "" {
		return string(secret)
	}
	return string(secret) + ":" + key + "::"
}

// ReadSecrets are the two statements that let a role read secrets: their values, and decryption with their key through
// Secrets Manager only.
func ReadSecrets(key cfn.KeyARN, secrets ...cfn.SecretARN) []Statement {
	read := Statement{Sid: "ReadSecrets", Actions: []string{"secretsmanager:GetSecretValue"}}
	for _, s := range secrets {
		read.Resources = append(read.Resources, string(s))
	}
	return []Statement{read, UseKey("DecryptSecrets", key, "secretsmanager", "kms:Decrypt")}
}

// UseKey lets a role use a key through one AWS service of this region.
func UseKey(sid string, key cfn.KeyARN, service string, actions ...string) Statement {
	return Statement{
		Sid: sid, Actions: actions, Resources: []string{string(key)},
		Conditions: Conditions{"StringEquals": {"kms:ViaService": {service + "." + cfn.Region + "." + cfn.URLSuffix}}},
	}
}
