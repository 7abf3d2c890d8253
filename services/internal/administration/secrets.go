package administration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/tierform/tierform/services/internal/secret"
)

// passwordLength is that of the generated secrets in the templates.
const passwordLength = 32

// SecretsManager is the part of AWS Secrets Manager that rotation uses: what the task role allows.
type SecretsManager interface {
	DescribeSecret(context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error)
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
	UpdateSecretVersionStage(context.Context, *secretsmanager.UpdateSecretVersionStageInput, ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error)
	GetRandomPassword(context.Context, *secretsmanager.GetRandomPasswordInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetRandomPasswordOutput, error)
}

// version is one version of a secret.
type version struct {
	id       string
	password secret.Text
	created  time.Time
}

// stages are the versions of a secret that rotation is about.
type stages struct {
	current version
	// pending is nil unless a rotation was begun and not finished. A pending version without usable credentials
	// counts as none: the next rotation takes its label away.
	pending *version
}

// errUnusable is a version whose value is not the credentials of the service's role.
var errUnusable = errors.New("unusable credentials")

// readStages reads the versions of a service's secret.
func readStages(ctx context.Context, sm SecretsManager, s Service) (stages, error) {
	out, err := sm.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &s.SecretARN})
	if err != nil {
		return stages{}, fmt.Errorf("describing the secret: %w", err)
	}
	id, ok := labelled(out.VersionIdsToStages, secret.Current)
	if !ok {
		return stages{}, fmt.Errorf("the secret has no version %s: put a value with username %s and a password into it", secret.Current, s.Role)
	}
	current, err := readVersion(ctx, sm, s, id)
	if err != nil {
		return stages{}, fmt.Errorf("%s: %w", secret.Current, err)
	}
	result := stages{current: current}
	id, ok = labelled(out.VersionIdsToStages, secret.Pending)
	if !ok || id == current.id { // a finished rotation leaves both labels at one version
		return result, nil
	}
	pending, err := readVersion(ctx, sm, s, id)
	var missing *types.ResourceNotFoundException // a label without a value, as RotateSecret leaves it
	if errors.Is(err, errUnusable) || errors.As(err, &missing) {
		return result, nil
	}
	if err != nil {
		return stages{}, fmt.Errorf("%s: %w", secret.Pending, err)
	}
	result.pending = &pending
	return result, nil
}

func labelled(versions map[string][]string, label string) (string, bool) {
	for id, labels := range versions {
		if slices.Contains(labels, label) {
			return id, true
		}
	}
	return "", false
}

// readVersion reads one version. Errors never quote the value.
func readVersion(ctx context.Context, sm SecretsManager, s Service, id string) (version, error) {
	out, err := sm.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.SecretARN, VersionId: &id})
	if err != nil {
		return version{}, fmt.Errorf("reading the secret: %w", err)
	}
	c, err := secret.Parse(aws.ToString(out.SecretString))
	if err != nil {
		return version{}, fmt.Errorf("%w: %w", errUnusable, err)
	}
	// Guards the master and other services: only the service's own role is ever changed.
	if c.Username != s.Role {
		return version{}, fmt.Errorf("%w: the username is not %s", errUnusable, s.Role)
	}
	if err := checkPassword(c.Password.Reveal()); err != nil {
		return version{}, fmt.Errorf("%w: %w", errUnusable, err)
	}
	return version{id: id, password: c.Password, created: aws.ToTime(out.CreatedDate)}, nil
}

// addPending stores a new random password as AWSPENDING.
func addPending(ctx context.Context, sm SecretsManager, s Service) (version, error) {
	random, err := sm.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordInput{
		PasswordLength: aws.Int64(passwordLength), ExcludePunctuation: aws.Bool(true),
	})
	if err != nil {
		return version{}, fmt.Errorf("getting a random password: %w", err)
	}
	password := aws.ToString(random.RandomPassword)
	if err := checkPassword(password); err != nil {
		return version{}, fmt.Errorf("getting a random password: %w", err)
	}
	value, err := json.Marshal(map[string]string{"username": s.Role, "password": password})
	if err != nil {
		return version{}, fmt.Errorf("encoding the credentials: %w", err)
	}
	out, err := sm.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &s.SecretARN, SecretString: aws.String(string(value)), VersionStages: []string{secret.Pending},
	})
	if err != nil {
		return version{}, fmt.Errorf("storing %s: %w", secret.Pending, err)
	}
	return version{id: aws.ToString(out.VersionId), password: secret.NewText(password)}, nil
}

// makeCurrent moves AWSCURRENT. Secrets Manager refuses it when the label is no longer where it was, and moves
// AWSPREVIOUS itself. AWSPENDING stays where it is: a service that is about to read it finds the same password there.
func makeCurrent(ctx context.Context, sm SecretsManager, s Service, from, to string) error {
	_, err := sm.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &s.SecretARN, VersionStage: aws.String(secret.Current), MoveToVersionId: &to, RemoveFromVersionId: &from,
	})
	if err != nil {
		return fmt.Errorf("moving %s: %w", secret.Current, err)
	}
	return nil
}
