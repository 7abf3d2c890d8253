package signed_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/signed"
)

// A line answers each request with the next of its answers, the last one for ever: "500 text" is an answer of that status, "lost" none.
type line struct {
	answers []string
	asked   []string
	closed  int
	slept   time.Duration
	stop    func()
}

func (l *line) Do(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	scope := strings.Split(r.Header.Get("Authorization"), "/")
	l.asked = append(l.asked, r.Method+" "+r.URL.String()+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("X-Amz-Target")+" "+string(body)+" "+strings.Join(scope[2:4], "/"))
	answer := l.answers[0]
	if len(l.answers) > 1 {
		l.answers = l.answers[1:]
	}
	if answer == "lost" {
		return nil, errors.New("connection reset")
	}
	status := map[string]int{"2": 200, "4": 400, "5": 503}[answer[:1]]
	return &http.Response{StatusCode: status, Body: answered{strings.NewReader(answer[4:]), l}, Request: r}, nil
}

type answered struct {
	io.Reader
	of *line
}

func (b answered) Close() error { b.of.closed++; return nil }

func (l *line) Now() time.Time { return time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC) }

func (l *line) Sleep(ctx context.Context, d time.Duration) error {
	if l.slept += d; l.stop != nil {
		l.stop()
	}
	return ctx.Err()
}

func (l *line) client(endpoint string) signed.Client {
	return signed.Client{HTTP: l, Clock: l, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "x", ""), Region: "eu-west-1", Endpoint: endpoint}
}

// A request goes to AWS's address for the service in the region, or to the one that is given, signed for both, in either protocol.
func TestRequests(t *testing.T) {
	l := &line{answers: []string{`200 {"Name":"n"}`, `200 {}`, `200 <R><Name>n</Name></R>`}}
	var one, two struct{ Name string }
	for _, err := range []error{
		l.client("").JSON(t.Context(), "kms", "TrentService.Decrypt", map[string]string{"KeyId": "k"}, &one),
		l.client("http://localhost:5000/").JSON(t.Context(), "kms", "TrentService.Decrypt", struct{}{}, &struct{}{}),
		l.client("").Query(t.Context(), "rds", url.Values{"Action": {"DescribeDBClusters"}}, &two),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{
		`POST https://kms.eu-west-1.amazonaws.com/ application/x-amz-json-1.1 TrentService.Decrypt {"KeyId":"k"} eu-west-1/kms`,
		`POST http://localhost:5000/ application/x-amz-json-1.1 TrentService.Decrypt {} eu-west-1/kms`,
		`POST https://rds.eu-west-1.amazonaws.com/ application/x-www-form-urlencoded; charset=utf-8  Action=DescribeDBClusters eu-west-1/rds`,
	}
	if diff := cmp.Diff(want, l.asked); diff != "" {
		t.Error(diff)
	}
	if one.Name != "n" || two.Name != "n" || l.closed != 3 || l.slept != 0 {
		t.Errorf("%v, %v, %d answers closed, slept %s", one, two, l.closed, l.slept)
	}
}

// Errors of the service, lost answers and throttling are worth other tries, ever later; others are not. All say their code.
func TestErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		answers []string
		asked   int
		slept   time.Duration
		code    string
	}{
		"JSON":                      {[]string{`400 {"__type":"com.amazonaws.kms#NotFoundException","message":"none"}`}, 1, 0, "NotFoundException"},
		"JSON, plain":               {[]string{`400 {"__type":"NotFoundException"}`}, 1, 0, "NotFoundException"},
		"query":                     {[]string{`400 <ErrorResponse><Error><Code>DBClusterNotFoundFault</Code></Error></ErrorResponse>`}, 1, 0, "DBClusterNotFoundFault"},
		"Amazon EC2":                {[]string{`400 <Response><Errors><Error><Code>InvalidVpcID.NotFound</Code></Error></Errors></Response>`}, 1, 0, "InvalidVpcID.NotFound"},
		"JSON that names no error":  {[]string{`400 {}`}, 1, 0, "Bad Request"},
		"XML that names no error":   {[]string{`400 <R/>`}, 1, 0, "Bad Request"},
		"a proxy's page":            {[]string{`400 <html>`}, 1, 0, "Bad Request"},
		"throttled once":            {[]string{`400 {"__type":"ThrottlingException"}`, `200 {}`}, 2, 2 * time.Second, ""},
		"lost once, broken once":    {[]string{"lost", "503 ", `200 {}`}, 3, 6 * time.Second, ""},
		"broken for good":           {[]string{"503 out of order"}, 5, 30 * time.Second, "Service Unavailable"},
		"an answer that is no JSON": {[]string{`200 <html>`}, 1, 0, "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			l := &line{answers: tc.answers}
			err := l.client("").JSON(t.Context(), "kms", "TrentService.Decrypt", struct{}{}, &struct{}{})
			var api smithy.APIError
			got := ""
			if errors.As(err, &api) {
				got = api.ErrorCode()
			} else if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, tc.code) || (got == "") != (tc.code == "") || len(l.asked) != tc.asked || l.slept != tc.slept {
				t.Errorf("%q after %d requests and %s", got, len(l.asked), l.slept)
			}
		})
	}
	l := &line{answers: []string{"lost"}}
	ctx, cancel := context.WithCancel(t.Context())
	l.stop = cancel
	if err := l.client("").Query(ctx, "rds", nil, nil); !errors.Is(err, context.Canceled) || len(l.asked) != 1 {
		t.Errorf("interrupted: %v after %d requests", err, len(l.asked))
	}
}
