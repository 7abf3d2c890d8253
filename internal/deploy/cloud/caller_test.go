package cloud_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/simulator"
)

func TestCaller(t *testing.T) {
	c, s := simulated(t)
	who, err := c.Caller(t.Context())
	if err != nil || who.Account != s.Account() || !strings.HasPrefix(who.ARN, "arn:aws:sts::") {
		t.Errorf("%v, %v", who, err)
	}
	if err := who.Expect(""); err != nil {
		t.Error(err)
	}
	if err := who.Expect(s.Account()); err != nil {
		t.Error(err)
	}
	err = who.Expect("999999999999")
	if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), s.Account()) || !strings.Contains(err.Error(), "999999999999") {
		t.Errorf("another account: %v", err)
	}
}

func TestCallerSaysWhyAWSDoesNotAnswer(t *testing.T) {
	for _, c := range []struct {
		name string
		kind simulator.Kind
		code fault.Code
		want string
	}{
		{"expired", simulator.Expired, fault.Usage, "does not take the credentials"},
		{"denied", simulator.Denied, fault.Usage, "does not take the credentials"},
		{"skewed", simulator.Skewed, fault.Usage, "clock is wrong"},
		{"down", simulator.Internal, fault.Unexpected, "does not answer"},
		{"unreachable", simulator.Refused, fault.Unexpected, "does not answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			aws, _ := simulated(t, simulator.Fault{Kind: c.kind})
			_, err := aws.Caller(t.Context())
			if fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
				t.Errorf("code %d: %v", fault.CodeOf(err), err)
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		aws, _ := simulated(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := aws.Caller(ctx); fault.CodeOf(err) != fault.Interrupted {
			t.Error(err)
		}
	})
	t.Run("no credentials at all", func(t *testing.T) {
		alone(t)
		aws, err := cloud.Open(t.Context(), cloud.Options{Region: "us-east-1"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := aws.Caller(t.Context()); fault.CodeOf(err) != fault.Usage || !cloud.Expired(err) || !strings.Contains(err.Error(), "sign in") {
			t.Error(err)
		}
	})
}
