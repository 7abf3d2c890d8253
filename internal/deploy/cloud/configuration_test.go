package cloud_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
)

func TestOpenSaysWhatIsWrongWithTheConfiguration(t *testing.T) {
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	if err := os.WriteFile(bundle, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		options     cloud.Options
		environment map[string]string
		want        []string
	}{
		{"no region", cloud.Options{}, nil, []string{"no AWS region is set", "AWS_REGION"}},
		{"no such region", cloud.Options{Region: "Virginia"}, nil, []string{"region", `"Virginia"`, "us-east-1"}},
		{"no such profile", cloud.Options{Region: "us-east-1", Profile: "payments"}, nil, []string{"no such AWS profile", `"payments"`, "--profile"}},
		{"no address", cloud.Options{Region: "us-east-1", Endpoint: "localhost:4566"}, nil, []string{"--endpoint-url", "localhost:4566", "http://"}},
		{"a bundle that is not there", cloud.Options{Region: "us-east-1"}, map[string]string{"AWS_CA_BUNDLE": "/nowhere.pem"}, []string{"AWS_CA_BUNDLE", "/nowhere.pem"}},
		{"a bundle without certificates", cloud.Options{Region: "us-east-1"}, map[string]string{"AWS_CA_BUNDLE": bundle}, []string{"cannot be read", "AWS_"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			alone(t)
			for name, value := range c.environment {
				t.Setenv(name, value)
			}
			_, err := cloud.Open(t.Context(), c.options)
			if fault.CodeOf(err) != fault.Usage {
				t.Fatalf("%v has code %d, want a usage error", err, fault.CodeOf(err))
			}
			for _, text := range c.want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q does not say %q", err, text)
				}
			}
		})
	}
}

// endpoint is a server that answers as AWS STS and Amazon S3 and counts what it is asked.
func endpoint(t *testing.T, secure bool) (*httptest.Server, *[]string) {
	t.Helper()
	var asked []string
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
	})
	s := httptest.NewUnstartedServer(handler)
	if secure {
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s, &asked
}

func TestEndpoints(t *testing.T) {
	static := credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", "")
	t.Run("AWS_ENDPOINT_URL is honoured", func(t *testing.T) {
		alone(t)
		s, asked := endpoint(t, false)
		t.Setenv("AWS_ENDPOINT_URL", s.URL)
		c, err := cloud.Open(t.Context(), cloud.Options{Region: "us-east-1", Credentials: static})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Caller(t.Context()); err != nil || len(*asked) != 1 {
			t.Errorf("%v, asked %v", err, *asked)
		}
	})
	t.Run("the flag wins, also over a variable for one service", func(t *testing.T) {
		alone(t)
		flag, asked := endpoint(t, false)
		variable, wrongly := endpoint(t, false)
		t.Setenv("AWS_ENDPOINT_URL", variable.URL)
		t.Setenv("AWS_ENDPOINT_URL_S3", variable.URL)
		c, err := cloud.Open(t.Context(), cloud.Options{Region: "us-east-1", Credentials: static, Endpoint: flag.URL})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.S3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("bucket"), Key: aws.String("key")})
		_, _ = c.Caller(t.Context())
		if diff := cmp.Diff([]string{"HEAD /bucket/key", "POST /"}, *asked); diff != "" || len(*wrongly) != 0 {
			t.Errorf("%s, others asked %v", diff, *wrongly)
		}
	})
	t.Run("a variable for one service is honoured", func(t *testing.T) {
		alone(t)
		s, asked := endpoint(t, false)
		t.Setenv("AWS_ENDPOINT_URL_S3", s.URL)
		c, err := cloud.Open(t.Context(), cloud.Options{Region: "us-east-1", Credentials: static})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.S3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("bucket"), Key: aws.String("key")})
		if len(*asked) != 1 {
			t.Errorf("asked %v", *asked)
		}
	})
}

func TestTheCertificatesOfAWSCABundleAreTrusted(t *testing.T) {
	static := credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", "")
	alone(t)
	s, asked := endpoint(t, true)
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	trusted := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	for _, c := range []struct {
		name string
		pem  []byte
		good bool
	}{{"the server's", trusted, true}, {"another", unrelated(t), false}} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(bundle, c.pem, 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("AWS_CA_BUNDLE", bundle)
			o, err := cloud.Open(t.Context(), cloud.Options{Region: "us-east-1", Credentials: static, Endpoint: s.URL})
			if err != nil {
				t.Fatal(err)
			}
			_, err = o.Caller(t.Context())
			if (err == nil) != c.good || o.Calls()["sts:GetCallerIdentity"] != 1 {
				t.Errorf("%v, asked %v", err, *asked)
			}
			if err != nil && (fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), "AWS_CA_BUNDLE")) {
				t.Error(err)
			}
		})
	}
}

// unrelated is a certificate that signed nothing.
func unrelated(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "unrelated"}, IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}
