package deploy_test

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// The task runs on what its schedule runs on, wherever the root's output comes from.
func TestAdminTarget(t *testing.T) {
	t.Parallel()
	w := administered(t, "LaunchType: FARGATE", "CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: 2, Base: 1}]", "PlatformVersion: 1.4.0", "EnableECSManagedTags: true")
	w.edit("platform.yaml", "{Value: !GetAtt ServiceStack.Outputs.Admin}", "{Value: !Sub '${ServiceStack.Outputs.Admin}'}")
	r := request()
	r.Force, r.NoAdmin = true, true
	w.run(apply(r))
	w.run(admin("migrate")).ends(fault.OK)
	if task := w.adminTasks()[0]; task.CapacityProviderName == nil || *task.CapacityProviderName != "FARGATE_SPOT" || task.PlatformVersion != nil {
		t.Errorf("%+v", task)
	}
}

// What is deployed may be unreadable, incomplete or gone: nothing is started then.
func TestAdminUnreadable(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	const members = `<R><ListStackResourcesResult><StackResourceSummaries/>%</ListStackResourcesResult></R>`
	for name, tc := range map[string]struct {
		call, answer string
		want         fault.Code
		says         string
	}{
		"no template":     {"cloudformation:GetTemplate", `<R><GetTemplateResult><TemplateBody>[</TemplateBody></GetTemplateResult></R>`, fault.Usage, "the template of platform-dev"},
		"no nested stack": {"cloudformation:ListStackResources", strings.Replace(members, "%", "", 1), fault.NeedsPerson, "ServiceStack"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBeyond(administered(t))
			b.answers[tc.call] = tc.answer
			r := b.run(admin("migrate"), b.in)
			if r.err == nil || !strings.Contains(r.err.Error(), tc.says) || len(all[report.AdminTask](r)) > 0 {
				t.Errorf("%v", r.err)
			}
			if got := fault.CodeOf(r.err); got != tc.want {
				t.Errorf("code %d, want %d: %v", got, tc.want, r.err)
			}
		})
	}
	b := newBeyond(administered(t))
	b.answers["cloudformation:ListStackResources"] = strings.Replace(members, "%", "<NextToken>more</NextToken>", 1)
	looks := 0
	b.on["cloudformation:ListStackResources"] = func() {
		if looks++; looks == 2 {
			delete(b.answers, "cloudformation:ListStackResources")
		}
	}
	b.run(admin("migrate"), b.in).ends(fault.OK)
}

// Who held the lock before may have changed everything: the stack is read again.
func TestAdminLooksAgain(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := newBeyond(administered(t))
	b.on["s3:"] = func() { b.answers["cloudformation:DescribeStacks"] = describedAs("UPDATE_ROLLBACK_FAILED", "") }
	b.run(admin("migrate"), b.in).ends(fault.NeedsPerson, "UPDATE_ROLLBACK_FAILED")
	if len(b.adminTasks()) != 0 {
		t.Error("there is a task")
	}
	b = newBeyond(administered(t))
	asked := 0
	b.on["cloudformation:DescribeStacks"] = func() {
		if asked++; asked == 2 { // the foundation, which is to tell the bucket
			b.answers["cloudformation:DescribeStacks"] = "400 AccessDenied"
		}
	}
	b.answers["cloudformation:DescribeStacks"] = describedAs("UPDATE_COMPLETE", "<member><OutputKey>AdministrationTaskDefinition</OutputKey><OutputValue>arn:x/f:1</OutputValue></member>")
	b.run(admin("migrate"), b.in).ends(fault.Unexpected, "AccessDenied")
}
