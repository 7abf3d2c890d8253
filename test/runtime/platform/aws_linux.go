package platform

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

const region = "us-east-1"

// serveEndpoints puts the AWS stand-in behind the interface endpoints: under AWS's names, on port 443, with TLS.
func (p *Platform) serveEndpoints() error {
	host, err := p.add("endpoint", "endpoint")
	if err != nil {
		return err
	}
	var names []string
	for _, name := range p.World.Endpoints {
		p.zone.Set(name, time.Minute, host.Addresses...)
		names = append(names, name)
	}
	if len(names) == 0 {
		return errors.New("the templates have no interface endpoints, and nothing else leads to AWS here: enable them")
	}
	config, err := p.Authority.server(names...)
	if err != nil {
		return err
	}
	moto, err := url.Parse(p.sink.URL)
	if err != nil {
		return fmt.Errorf("address of the AWS stand-in: %w", err)
	}
	proxy := &httputil.ReverseProxy{Transport: &http.Transport{MaxIdleConnsPerHost: 8}, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(moto)
		r.Out.Host = r.In.Host // moto tells the APIs apart by it
	}, ErrorLog: nil}
	return p.serve(host, 443, config, proxy)
}

// serve answers requests to a host's port, with TLS unless there is no configuration for it.
func (p *Platform) serve(host *world.Host, port int, config *tls.Config, handler http.Handler) error {
	l, err := host.Listen("tcp", address(host, port))
	if err != nil {
		return fmt.Errorf("host %s: %w", host.Name, err)
	}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, ErrorLog: quiet()}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(l) // ends with Close
	}()
	p.onStop(func() error {
		err := server.Close()
		<-ended
		return err
	})
	return nil
}

// secretsManager calls the stand-in for Secrets Manager (API reference, "Making API requests": JSON 1.1).
func (p *Platform) secretsManager(ctx context.Context, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("secretsmanager %s: %w", action, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.sink.URL+"/", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("secretsmanager %s: %w", action, err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "secretsmanager."+action)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/"+region+"/secretsmanager/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return fmt.Errorf("secretsmanager %s: %w", action, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", answer.Status, text)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		return fmt.Errorf("secretsmanager %s: %w", action, err)
	}
	return nil
}

// createSecrets makes the secrets of the templates, and that of the database's master, which RDS makes.
func (p *Platform) createSecrets(ctx context.Context) error {
	master := world.GeneratedSecret{Name: masterSecret, Template: map[string]string{"username": p.World.Database.Master}, Key: "password", Length: 32}
	for _, s := range append([]world.GeneratedSecret{master}, p.World.Secrets...) {
		var random struct{ RandomPassword string }
		if err := p.secretsManager(ctx, "GetRandomPassword", map[string]any{"PasswordLength": s.Length, "ExcludePunctuation": s.WithoutPunctuation}, &random); err != nil {
			return err
		}
		value := maps.Clone(s.Template)
		value[s.Key] = random.RandomPassword
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("secret %s: %w", s.Name, err)
		}
		var created struct{ ARN string }
		if err := p.secretsManager(ctx, "CreateSecret", map[string]any{"Name": s.Name, "SecretString": string(text)}, &created); err != nil {
			return err
		}
		p.arns[s.Name] = created.ARN
	}
	return nil
}

// Credentials is the value of a secret of the templates, by its name or by its ARN, of the version with a label such as AWSCURRENT.
func (p *Platform) Credentials(ctx context.Context, secret, stage string) (map[string]string, error) {
	var found struct{ SecretString string }
	if err := p.secretsManager(ctx, "GetSecretValue", map[string]any{"SecretId": secret, "VersionStage": stage}, &found); err != nil {
		return nil, fmt.Errorf("secret %s: %w", secret, err)
	}
	var value map[string]string
	if err := json.Unmarshal([]byte(found.SecretString), &value); err != nil {
		return nil, fmt.Errorf("secret %s is not JSON", secret) // its text must not be shown
	}
	return value, nil
}

// masterSecret is the name that stands for the one RDS gives.
const masterSecret = "rds!cluster-platform"

// nameOf is the name of the secret that an ARN of the templates stands for: six letters that Secrets Manager adds follow it.
func nameOf(arn string) string {
	_, name, _ := strings.Cut(arn, ":secret:")
	if strings.HasPrefix(name, "rds!cluster-") {
		return masterSecret
	}
	return name[:max(0, len(name)-len("-AbCdEf"))]
}

// values are what ECS fills into a container: the secrets' present values, and what only AWS names.
func (p *Platform) values(ctx context.Context, c world.Container) (world.Values, error) {
	v := world.Values{References: map[string]string{}, Secrets: map[string]map[string]string{}}
	for _, text := range c.Environment {
		switch {
		case strings.HasPrefix(text, "<platform/") && strings.HasSuffix(text, ".Endpoint.Address"):
			v.References[text] = p.Database.Host
		case strings.HasPrefix(text, "arn:") && p.arns[nameOf(text)] != "":
			v.References[text] = p.arns[nameOf(text)]
		}
	}
	for variable, s := range c.Secrets {
		credentials, err := p.Credentials(ctx, p.arns[nameOf(s.ARN)], "AWSCURRENT")
		if err != nil {
			return v, fmt.Errorf("%s %s: %s from %s: %w", c.Service, c.Name, variable, s.ARN, err)
		}
		v.Secrets[s.ARN] = credentials
	}
	return v, nil
}

// surroundings are what the image and Fargate give to every container: the region, the task role's credentials and the
// authorities that are trusted.
func (p *Platform) surroundings() []string {
	return append(p.sink.Environment(), "SSL_CERT_FILE="+p.authorityFile, "PGSSLROOTCERT="+p.authorityFile)
}

// Passwords are the passwords of all versions of all secrets: what no log may hold.
func (p *Platform) Passwords(ctx context.Context) ([]string, error) {
	var list []string
	for name := range p.arns {
		var versions struct{ Versions []struct{ VersionId string } }
		if err := p.secretsManager(ctx, "ListSecretVersionIds", map[string]any{"SecretId": name, "IncludeDeprecated": true}, &versions); err != nil {
			return nil, err
		}
		for _, v := range versions.Versions {
			var found struct{ SecretString string }
			if err := p.secretsManager(ctx, "GetSecretValue", map[string]any{"SecretId": name, "VersionId": v.VersionId}, &found); err != nil {
				return nil, err
			}
			var value map[string]string
			if err := json.Unmarshal([]byte(found.SecretString), &value); err != nil {
				return nil, fmt.Errorf("secret %s is not JSON", name)
			}
			list = append(list, value["password"])
		}
	}
	return append(list, p.Database.password), nil
}
