package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/simulator"
)

// killed runs the command as a process of its own and kills it with SIGKILL when it makes a call: before AWS performs that call, or after,
// without an answer in either case. It returns what was called that changes something.
func (p *place) killed(at int, performed bool, args ...string) []string {
	p.t.Helper()
	due, dead := make(chan struct{}), make(chan struct{})
	p.lock.Lock()
	begin := p.calls
	p.deadly = func(call int, perform func()) bool {
		if call != begin+at {
			return false
		}
		if performed {
			perform()
		}
		close(due)
		<-dead
		return true
	}
	p.lock.Unlock()
	c := exec.CommandContext(p.t.Context(), "deploy", args...)
	c.Dir, c.Env = p.dir, slices.Concat(p.environment(), []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "GOCOVERDIR=" + p.t.TempDir()})
	var printed bytes.Buffer
	c.Stdout, c.Stderr = &printed, &printed
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	var err error
	select {
	case <-due:
		_ = c.Process.Kill()
		err = <-ended
	case err = <-ended:
	}
	close(dead)
	p.lock.Lock()
	p.deadly = nil
	p.lock.Unlock()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		p.t.Fatalf("deploy %v is not killed by its call %d: %v\n%s", args, at, err, &printed)
	}
	return p.changes()
}

// final is the end of a screen, from the outputs or the plan's sum on, without what names the run.
func final(screen string) string {
	for _, begin := range []string{"Outputs of ", "Plan: "} {
		if at := strings.LastIndex(screen, begin); at >= 0 {
			screen = screen[at:]
			break
		}
	}
	screen = regexp.MustCompile(`(?m) +([0-9.]+m)?[0-9.]+s$`).ReplaceAllString(screen, "")
	return regexp.MustCompile(`\d{8}-\d{6}-[0-9a-f]{8}|-[0-9A-F]{12}`).ReplaceAllString(screen, "…")
}

// A process that is killed leaves nothing behind that the next ones do not clear away, and they show what it would have shown in the end.
func TestKilledProcess(t *testing.T) {
	change := []string{"-p", "Size=2"}
	for _, verb := range []string{"plan", "apply"} {
		args := append([]string{verb}, change...)
		if verb == "apply" {
			args = append(args, "--yes")
		}
		whole := deployed(t)
		begin := whole.called()
		want := final(whole.call(args...).exits(0).stdout)
		calls := whole.called() - begin
		for i, eighths := range []int{1, 3, 4, 5, 6, 7} {
			if testing.Short() && i%3 != 2 {
				continue // an account each time is dear with the race detector
			}
			at := max(2, calls*eighths/8)
			t.Run(fmt.Sprintf("%s at call %d of %d", verb, at, calls), func(t *testing.T) {
				t.Parallel()
				p := deployed(t)
				executed := slices.Contains(p.killed(at, i%2 == 0, args...), "ExecuteChangeSet")
				if executed {
					t.Log("after the execution")
					p.shows(want, "watch")
				}
				if err := p.sim.Clock().Sleep(t.Context(), 20*time.Minute); err != nil { // the lock of a dead run expires
					t.Fatal(err)
				}
				if !executed {
					p.shows(want, args...)
				}
				p.call(append([]string{"apply", "--yes"}, change...)...).exits(0)
				if e := p.call(append([]string{"apply", "--yes"}, change...)...).exits(0); !strings.Contains(e.stdout, "platform-dev is up to date") {
					t.Errorf("after all the environment is not up to date:\n%s", e.stdout)
				}
				p.tidy()
			})
		}
	}
}

func (p *place) shows(want string, args ...string) {
	p.t.Helper()
	if diff := cmp.Diff(want, final(p.call(args...).exits(0).stdout)); diff != "" {
		p.t.Errorf("deploy %v (-the run that was not killed +this): %s", args, diff)
	}
}

// tidy wants no change set that nobody executes, and no lock that is held.
func (p *place) tidy() {
	p.t.Helper()
	must := func(err error) {
		p.t.Helper()
		if err != nil {
			p.t.Fatal(err)
		}
	}
	must(p.sim.Clock().Sleep(p.t.Context(), 2*time.Minute)) // CloudFormation deletes obsolete change sets some time after the execution
	way, err := cloud.Open(p.t.Context(), cloud.Options{Region: simulator.Region, Client: p.sim.Client(), Clock: p.sim.Clock(), Credentials: credentials.NewStaticCredentialsProvider("AKIASIMULATED", "simulated", "")})
	must(err)
	stacks, err := way.CloudFormation().DescribeStacks(p.t.Context(), &cloudformation.DescribeStacksInput{})
	must(err)
	for _, s := range stacks.Stacks {
		sets, err := way.CloudFormation().ListChangeSets(p.t.Context(), &cloudformation.ListChangeSetsInput{StackName: s.StackId})
		must(err)
		for _, set := range sets.Summaries { // nested ones belong to their roots
			if set.ParentChangeSetId == nil && !strings.HasPrefix(string(set.ExecutionStatus), "EXECUTE_") {
				p.t.Errorf("change set %s of %s is %s, %s", *set.ChangeSetName, *s.StackName, set.Status, set.ExecutionStatus)
			}
		}
	}
	holder, held, err := store.New(way.S3(), p.sim.Clock(), "bucket-artifacts-111122223333-dev", "dev", p.sim.Account()).Holder(p.t.Context())
	if must(err); held {
		p.t.Errorf("%s holds the lock", holder.ID)
	}
}
