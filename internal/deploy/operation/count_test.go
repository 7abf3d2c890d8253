package operation_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
)

// fleet is Amazon ECS, which starts a task of each service every half minute.
type fleet struct {
	script *script
	err    error
	asked  []string
}

func (f *fleet) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, options ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	var o ecs.Options
	for _, set := range options {
		set(&o)
	}
	f.asked = append(f.asked, fmt.Sprintf("%v %s %d", f.script.clock.Now().Sub(epoch).Seconds(), aws.ToString(in.Cluster), len(in.Services)))
	switch {
	case f.err != nil:
		return nil, f.err
	case o.RetryMaxAttempts != 1 || len(in.Services) > 10:
		return nil, errors.New("asked in the wrong way")
	}
	running := int32(f.script.clock.Now().Sub(epoch).Seconds() / 30)
	out := &ecs.DescribeServicesOutput{Services: []types.Service{{ServiceArn: aws.String("somebody else's")}}}
	for _, arn := range in.Services {
		out.Services = append(out.Services, types.Service{ServiceArn: &arn, RunningCount: min(running, 2), DesiredCount: 2})
	}
	return out, nil
}

// serving is an operation in which services of a cluster start for a minute and a half.
func serving(status string, clusters map[string]int) *script {
	s := newScript()
	s.tell(0, "root", "", "", "UPDATE_IN_PROGRESS", "User Initiated")
	for cluster, services := range clusters {
		for i := range services {
			id := fmt.Sprint(cluster, "Service", i)
			for second, status := range map[float64]string{1: status + "_IN_PROGRESS", 90: status + "_COMPLETE"} {
				s.tell(second, "root", id, "AWS::ECS::Service", status, "").PhysicalResourceId = aws.String("arn:aws:ecs:us-east-1:111122223333:service/" + cluster + "/" + id)
			}
		}
	}
	s.tell(2, "root", "New", "AWS::ECS::Service", "CREATE_IN_PROGRESS", "").PhysicalResourceId = aws.String("")
	s.tell(150, "root", "", "", "UPDATE_COMPLETE", "")
	return s
}

func (s *script) counting(t *testing.T, f *fleet) *screen {
	t.Helper()
	shown := &screen{clock: s.clock}
	if _, err := operation.Follow(s, s.clock, shown, "root").Counting(f).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return shown
}

// While a service starts, a person sees how many of its tasks run: each time that it changes, until it is done.
func TestTasksOfAServiceThatStarts(t *testing.T) {
	s := serving("UPDATE", map[string]int{"web": 1})
	f := &fleet{script: s}
	var got []string
	for _, e := range of[report.Tasks](s.counting(t, f)) {
		got = append(got, fmt.Sprintf("%v %s %d/%d", e.Time.Sub(epoch).Seconds() >= float64(30*e.Running), report.Place(e.Path, e.LogicalID), e.Running, e.Desired))
	}
	if diff := cmp.Diff([]string{"true webService0 0/2", "true webService0 1/2", "true webService0 2/2"}, got); diff != "" {
		t.Error(diff)
	}
	if len(f.asked) < 6 || len(f.asked) > 9 {
		t.Errorf("asked %d times in a minute and a half: %v", len(f.asked), f.asked)
	}
}

// Clusters take turns, ten services at a time; services that go, and those that cannot be asked for, are left out.
func TestWhoIsAskedForTasks(t *testing.T) {
	for name, tc := range map[string]struct {
		status   string
		clusters map[string]int
		err      error
		want     []string
	}{
		"two clusters":  {"UPDATE", map[string]int{"a": 1, "b": 12}, nil, []string{"a 1", "b 10", "a 1"}},
		"deleted":       {"DELETE", map[string]int{"a": 1}, nil, nil},
		"not permitted": {"UPDATE", map[string]int{"a": 1}, api("AccessDenied", "not authorized"), []string{"a 1"}},
		"throttled":     {"UPDATE", map[string]int{"a": 1}, api("Throttling", "Rate exceeded"), []string{"a 1", "a 1", "a 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serving(tc.status, tc.clusters)
			f := &fleet{script: s, err: tc.err}
			shown := s.counting(t, f)
			if events := of[report.Tasks](shown); tc.err != nil && len(events) > 0 {
				t.Error(events)
			}
			if said := of[report.Note](shown); (len(said) == 1) != (name == "not permitted") {
				t.Errorf("%+v", said)
			}
			var asked []string
			for _, line := range f.asked {
				_, who, _ := strings.Cut(line, " ")
				asked = append(asked, who)
			}
			if diff := cmp.Diff(tc.want, asked[:min(len(asked), len(tc.want))]); diff != "" || len(tc.want) < 2 && len(asked) > len(tc.want) {
				t.Errorf("%s%v", diff, asked)
			}
		})
	}
}
