package registry

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLogin(t *testing.T) {
	token := base64.StdEncoding.EncodeToString([]byte("AWS:word"))
	tests := map[string]struct{ answer, want string }{
		"token":          {fmt.Sprintf(`{"authorizationData":[{"authorizationToken":%q,"proxyEndpoint":"https://111122223333.dkr.ecr.us-east-1.amazonaws.com"}]}`, token), ""},
		"other account":  {fmt.Sprintf(`{"authorizationData":[{"authorizationToken":%q,"proxyEndpoint":"https://444455556666.dkr.ecr.us-east-1.amazonaws.com"}]}`, token), "are for https://444455556666"},
		"no token":       {`{"authorizationData":[]}`, "without a token"},
		"no endpoint":    {fmt.Sprintf(`{"authorizationData":[{"authorizationToken":%q}]}`, token), "are for no registry"},
		"not base64":     {`{"authorizationData":[{"authorizationToken":"?","proxyEndpoint":"https://111122223333.dkr.ecr.us-east-1.amazonaws.com"}]}`, "not base64"},
		"not two words":  {`{"authorizationData":[{"authorizationToken":"QVdT","proxyEndpoint":"https://111122223333.dkr.ecr.us-east-1.amazonaws.com"}]}`, "not user:password"},
		"refused by AWS": {"", "as for the deploy command"},
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				if test.answer == "" {
					w.WriteHeader(http.StatusBadRequest)
					test.answer = `{"__type":"AccessDeniedException","message":"no"}`
				}
				_, _ = w.Write([]byte(test.answer))
			}))
			defer server.Close()
			t.Setenv("AWS_ENDPOINT_URL", server.URL)
			a, err := Parse("111122223333.dkr.ecr.us-east-1.amazonaws.com", "dev")
			if err != nil {
				t.Fatal(err)
			}
			login, err := a.Login(t.Context())
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), token) {
					t.Errorf("%v; want %q", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			found, err := login.Authorization()
			if err != nil || found.Username != "AWS" || found.Password != "word" {
				t.Errorf("user %q, %v", found.Username, err)
			}
		})
	}
}

func TestNames(t *testing.T) {
	got, err := Names([]byte("      RepositoryName: !Sub ecr-envoy-${EnvironmentSuffix}\n      RepositoryName: !Sub ecr-payment-api-${EnvironmentSuffix}\n"))
	if diff := cmp.Diff([]string{"envoy", "payment-api"}, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := Names(nil); err == nil {
		t.Error("a template without repositories is accepted")
	}
}
