package teardown_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/signed"
	"github.com/tierform/tierform/internal/deploy/teardown"
	"github.com/tierform/tierform/internal/simulator"
)

// A script answers each call, named "service:Operation", from the head of its list; the last answer stays. An answer that begins with a
// number is an error of that HTTP status; "lost" breaks the connection.
type script struct {
	*testing.T
	lock    sync.Mutex
	answers map[string][]string
	asked   []string
	bodies  []string
	queries []string
}

func (s *script) Do(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		data, _ := io.ReadAll(r.Body)
		body = string(data)
	}
	name := name(r, body)
	s.lock.Lock()
	defer s.lock.Unlock()
	s.asked, s.bodies, s.queries = append(s.asked, name), append(s.bodies, body), append(s.queries, r.URL.RawQuery)
	list := s.answers[name]
	if len(list) == 0 {
		s.Errorf("unexpected call %s", name)
		return nil, errors.New("not in the script")
	}
	answer := list[0]
	if len(list) > 1 {
		s.answers[name] = list[1:]
	}
	code := http.StatusOK
	switch {
	case answer == "lost":
		return nil, errors.New("connection reset")
	case answer == "half":
		return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(half{}), Request: r}, nil
	case answer[0] == '4':
		code, answer = http.StatusBadRequest, answer[4:]
	case answer[0] == '5':
		code, answer = http.StatusInternalServerError, answer[4:]
	}
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), ContentLength: int64(len(answer)), Request: r}, nil
}

// half is a body that breaks off.
type half struct{}

func (half) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func name(r *http.Request, body string) string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	service := strings.Split(scope+"////", "/")[3]
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return service + ":" + target[strings.LastIndexByte(target, '.')+1:]
	}
	if _, after, query := strings.Cut("&"+body, "&Action="); query && service != "s3" {
		action, _, _ := strings.Cut(after, "&")
		return service + ":" + action
	}
	for _, operation := range []string{"versions", "uploads", "delete", "uploadId"} {
		if r.URL.Query().Has(operation) {
			return service + ":" + operation
		}
	}
	return service + ":" + r.Method
}

// scripted is a way to AWS that follows a script.
func scripted(t *testing.T, answers map[string][]string) (*cloud.Cloud, *script) {
	t.Helper()
	s := &script{T: t, answers: answers}
	way, err := cloud.Open(t.Context(), cloud.Options{Region: "us-east-1", Client: s, Clock: simulator.NewClock(), Credentials: credentials.NewStaticCredentialsProvider("AKIA", "x", "")})
	if err != nil {
		t.Fatal(err)
	}
	return way, s
}

// failed is an error's answer in the JSON and in the XML protocols, and once more in that of S3.
func failed(code string) string {
	return `400 {"__type":"` + code + `","message":"for some reason"}`
}

func failedXML(code string) string {
	return `400 <ErrorResponse><Error><Code>` + code + `</Code><Message>for some reason</Message></Error></ErrorResponse>`
}

func failedS3(code string) string {
	return `400 <Error><Code>` + code + `</Code><Message>for some reason</Message></Error>`
}

// signer follows a script.
func signer(t *testing.T, answers map[string][]string) (teardown.Signer, *script) {
	s := &script{T: t, answers: answers}
	return teardown.Signer{Client: signed.Client{HTTP: s, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "x", ""), Region: "us-east-1", Clock: simulator.NewClock()}}, s
}

// wants checks an error: nil for no words, else one that says them.
func wants(t *testing.T, err error, words string) {
	t.Helper()
	switch {
	case words == "" && err != nil:
		t.Errorf("unexpected error %v", err)
	case words != "" && (err == nil || !strings.Contains(err.Error(), words)):
		t.Errorf("error %v does not say %q", err, words)
	}
}

// never is a clock whose sleepers are woken by the end of the context.
type never struct{}

func (never) Now() time.Time { return time.Unix(0, 0) }

func (never) Sleep(context.Context, time.Duration) error { return context.Canceled }

// anonymous has no credentials.
type anonymous struct{}

func (anonymous) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{}, errors.New("no credentials")
}
