package secret

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

type versions map[string]string

func (v versions) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	text, ok := v[aws.ToString(in.VersionStage)]
	switch {
	case aws.ToString(in.SecretId) != "arn":
		return nil, errors.New("another secret was asked for")
	case !ok:
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(text)}, nil
}

func TestCredentialsOfAStage(t *testing.T) {
	manager := NewManager(versions{Current: `{"username":"payment_api","password":"hunter2"}`}, "arn")
	got, err := manager.Credentials(t.Context(), Current)
	if err != nil || got != (Credentials{"payment_api", NewText("hunter2")}) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := manager.Credentials(t.Context(), Pending); !errors.Is(err, ErrNoVersion) {
		t.Errorf("a missing version gives %v", err)
	}
	if _, err := NewManager(versions{}, "other").Credentials(t.Context(), Current); err == nil || errors.Is(err, ErrNoVersion) {
		t.Errorf("a failing call gives %v", err)
	}
}

func TestAFaultySecretIsNotShown(t *testing.T) {
	for _, text := range []string{"", "hunter2", `{"username":"hunter2"}`, `{"password":"hunter2"}`, `["hunter2"]`, `{"username":"a","password":"hunter2"`} {
		_, err := Parse(text)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s gives %v", text, err)
		}
	}
}

func TestTextIsNotMarshalled(t *testing.T) {
	text, err := json.Marshal(Credentials{"payment_api", NewText("hunter2")})
	if err != nil || strings.Contains(string(text), "hunter2") {
		t.Errorf("marshalled as %s, %v", text, err)
	}
}
