package release

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/signed"
)

// Alarms are read to the last page; one that is not there is told as missing.
func TestAlarms(t *testing.T) {
	answers := []string{`<R><DescribeAlarmsResult><MetricAlarms><member><AlarmName>b</AlarmName><StateValue>OK</StateValue></member></MetricAlarms><NextToken>n</NextToken></DescribeAlarmsResult></R>`,
		`<R><DescribeAlarmsResult><CompositeAlarms><member><AlarmName>a</AlarmName><StateValue>ALARM</StateValue></member></CompositeAlarms></DescribeAlarmsResult></R>`}
	var asked []string
	c := signed.Client{Credentials: credentials.NewStaticCredentialsProvider("AKIA", "x", ""), Region: "us-east-1", Clock: still{}, HTTP: answering(func(form url.Values) string {
		asked = append(asked, form.Get("AlarmNames.member.1")+form.Get("AlarmNames.member.2")+form.Get("AlarmNames.member.3")+" "+form.Get("NextToken"))
		answer := answers[0]
		answers = answers[1:]
		return answer
	})}
	got, err := Alarms(t.Context(), c, []string{"b", "a", "c"})
	if diff := cmp.Diff([]report.Alarm{{Name: "a", State: "ALARM"}, {Name: "b", State: "OK"}, {Name: "c", State: "MISSING"}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if diff := cmp.Diff([]string{"bac ", "bac n"}, asked); diff != "" {
		t.Error(diff)
	}
	if none, err := Alarms(t.Context(), c, nil); none != nil || err != nil {
		t.Error("a group without alarms asks for all alarms of the account")
	}
}

// still is a clock on which no time passes.
type still struct{}

func (still) Now() time.Time                             { return time.Unix(0, 0) }
func (still) Sleep(context.Context, time.Duration) error { return nil }

type answering func(url.Values) string

func (a answering) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(a(form))), Request: r}, err
}
