package registry

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/tierform/tierform/tools/images/internal/trust"
)

// Login returns what authorises a push: a token of Amazon ECR for the caller of the AWS configuration, the same that the deploy
// command uses. A registry on loopback gets what the Docker configuration holds for it, or nothing.
func (a Address) Login(ctx context.Context) (authn.Authenticator, error) {
	if a.Account == "" {
		registry, err := a.Repository("any")
		if err != nil {
			return nil, err
		}
		return authn.DefaultKeychain.Resolve(registry.Registry)
	}
	settings, err := config.LoadDefaultConfig(ctx, config.WithRegion(trust.Region))
	if err != nil {
		return nil, fmt.Errorf("log in to %s: %w", a.Host, err)
	}
	answer, err := ecr.NewFromConfig(settings).GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return nil, fmt.Errorf("log in to %s: %w: credentials of AWS come from the environment or a profile, as for the deploy command", a.Host, err)
	}
	return a.authenticator(answer)
}

func (a Address) authenticator(answer *ecr.GetAuthorizationTokenOutput) (authn.Authenticator, error) {
	if len(answer.AuthorizationData) != 1 || answer.AuthorizationData[0].AuthorizationToken == nil {
		return nil, fmt.Errorf("log in to %s: Amazon ECR answered without a token", a.Host)
	}
	data := answer.AuthorizationData[0]
	if data.ProxyEndpoint == nil || strings.TrimPrefix(*data.ProxyEndpoint, "https://") != a.Host {
		return nil, fmt.Errorf("log in to %s: the credentials are for %s: use the account of the environment", a.Host, endpoint(data.ProxyEndpoint))
	}
	decoded, err := base64.StdEncoding.DecodeString(*data.AuthorizationToken)
	if err != nil {
		return nil, fmt.Errorf("log in to %s: the token is not base64", a.Host)
	}
	user, password, found := strings.Cut(string(decoded), ":")
	if !found {
		return nil, fmt.Errorf("log in to %s: the token is not user:password", a.Host)
	}
	return &authn.Basic{Username: user, Password: password}, nil
}

func endpoint(found *string) string {
	if found == nil {
		return "no registry"
	}
	return *found
}
