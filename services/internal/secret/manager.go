package secret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// The staging labels of a secret's versions, as the Secrets Manager User Guide
// names them ("Rotation by Lambda function").
const (
	Current = "AWSCURRENT"
	Pending = "AWSPENDING"
)

// ErrNoVersion is returned when no version of the secret carries the label.
var ErrNoVersion = errors.New("no version of the secret has this label")

// Source gives the credentials of the version that carries a staging label.
type Source interface {
	Credentials(ctx context.Context, stage string) (Credentials, error)
}

// GetSecretValueAPI is the one call of Secrets Manager that reading needs.
type GetSecretValueAPI interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// Manager reads one secret of Secrets Manager; it is a Source.
type Manager struct {
	api GetSecretValueAPI
	id  string
}

// NewManager reads the secret with this ARN through api.
func NewManager(api GetSecretValueAPI, arn string) *Manager { return &Manager{api: api, id: arn} }

// NewClient is a client of Secrets Manager with the task role's credentials.
// AWS_REGION and AWS_ENDPOINT_URL are read by the SDK itself.
func NewClient(ctx context.Context) (*secretsmanager.Client, error) {
	loaded, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS settings of this task (region, task role): %w", err)
	}
	return secretsmanager.NewFromConfig(loaded), nil
}

// Credentials implements Source.
func (m *Manager) Credentials(ctx context.Context, stage string) (Credentials, error) {
	out, err := m.api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
		SecretId:     aws.String(m.id),
		VersionStage: aws.String(stage),
	})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return Credentials{}, fmt.Errorf("secret %s, %s: %w", m.id, stage, ErrNoVersion)
	}
	if err != nil {
		return Credentials{}, fmt.Errorf("read secret %s, %s (the task role needs secretsmanager:GetSecretValue and kms:Decrypt): %w", m.id, stage, err)
	}
	credentials, err := Parse(aws.ToString(out.SecretString))
	if err != nil {
		return Credentials{}, fmt.Errorf("secret %s, %s: %w", m.id, stage, err)
	}
	return credentials, nil
}

// Parse reads the JSON that the templates give a database secret: username and
// password. What it says on an error holds nothing of the text.
func Parse(text string) (Credentials, error) {
	var fields struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return Credentials{}, errors.New(`is not JSON: it must be {"username":…,"password":…}`)
	}
	if fields.Username == "" || fields.Password == "" {
		return Credentials{}, errors.New("must have a username and a password that are not empty")
	}
	return Credentials{Username: fields.Username, Password: NewText(fields.Password)}, nil
}
