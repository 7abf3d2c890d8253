package secret

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
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
	if _, err := NewManager(versions{}, "other").Credentials(t.Context(), Current); err == nil || errors.Is(err, ErrNoVersion) ||
		!strings.Contains(err.Error(), "another secret was asked for") {
		t.Errorf("a failing call gives %v", err)
	}
}

func TestAFaultyVersionGivesNoCredentials(t *testing.T) {
	got, err := NewManager(versions{Current: `{"username":"hunter2"}`}, "arn").Credentials(t.Context(), Current)
	if err == nil || !strings.Contains(err.Error(), "secret arn, AWSCURRENT") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestTheClientIsThatOfTheTask reads a secret as a task does: region, credentials and address come from the environment.
func TestTheClientIsThatOfTheTask(t *testing.T) {
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/secretsmanager/") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, `{"SecretString":"{\"username\":\"payment_api\",\"password\":\"hunter2\"}"}`)
	}))
	defer aws.Close()
	for name, value := range map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": aws.URL,
		"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
	} {
		t.Setenv(name, value)
	}
	client, err := NewClient(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := NewManager(client, "arn").Credentials(t.Context(), Current); err != nil || got.Password.Reveal() != "hunter2" {
		t.Errorf("got %v, %v", got, err)
	}
	t.Setenv("AWS_PROFILE", "missing")
	if _, err := NewClient(t.Context()); err == nil || !strings.Contains(err.Error(), "AWS settings of this task") {
		t.Errorf("faulty settings give %v", err)
	}
}

func TestAFaultySecretIsNotShown(t *testing.T) {
	for text, fault := range map[string]string{
		"": "is not JSON", "hunter2": "is not JSON", `["hunter2"]`: "is not JSON", `{"username":"a","password":"hunter2"`: "is not JSON",
		`{"username":"hunter2"}`: "not empty", `{"password":"hunter2"}`: "not empty",
	} {
		_, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), fault) || strings.Contains(err.Error(), "hunter2") {
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
