package deploy_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

func drifts(ctx context.Context, e *deploy.Engine) error {
	return e.Drift(ctx, deploy.DriftRequest{DetailedExitCode: true})
}

func table(r *run) string {
	var lines []string
	for _, row := range last[report.Table](r).Rows {
		lines = append(lines, strings.Join(row, " | "))
	}
	return strings.Join(lines, "\n")
}

// After a release nothing has drifted, though weights and task sets differ from the template.
func TestNoDriftAfterARelease(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.must(w.sim.Release("service-api-dev"))
	r := w.run(drifts).ends(fault.OK)
	says(t, notes(r), "detail Service/Rule /Actions/0/ForwardConfig/TargetGroups/0/Weight is owned by CodeDeploy", "resources compared")
	says(t, last[report.Result](r).Text, "platform-dev is as its templates say")
	if len(all[report.Table](r)) > 0 {
		t.Error("a table without rows")
	}
}

func TestDrift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.edit("data.yaml", "Outputs:\n", "  Secret:\n    Type: AWS::SecretsManager::Secret\n    Properties: {Name: s, Description: none}\n  Policy:\n    Type: AWS::S3::BucketPolicy\n    Properties: {Bucket: b}\nOutputs:\n")
	w.run(bootstrap).ends(fault.OK)
	w.run(drifts).ends(fault.Usage, "there is no stack platform-dev")
	w.run(apply(firstRequest())).ends(fault.OK)
	w.sim.Drift(simulator.Drifted{LogicalID: "Log", Path: "/RetentionInDays", Actual: "7"}, simulator.Drifted{LogicalID: "Subnet"}, simulator.Drifted{LogicalID: "Secret", Path: "/Description", Actual: "canary"},
		simulator.Drifted{LogicalID: "Database", Path: "/MasterUserPassword", Actual: "canary"})
	r := w.run(drifts).ends(fault.Differences, "4 resources of platform-dev differ")
	says(t, table(r), "Data/Log | AWS::Logs::LogGroup | /RetentionInDays |  | 7", "Network/Subnet | AWS::EC2::Subnet |", "| deleted", "Data/Secret | AWS::SecretsManager::Secret | /Description | **** | ****", "/MasterUserPassword | **** | ****")
	if strings.Contains(table(r)+notes(r), "canary") {
		t.Error("a secret is shown")
	}
	says(t, notes(r), "cannot be compared by CloudFormation: ", "AWS::S3::BucketPolicy (1)")
	plain := w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Drift(ctx, deploy.DriftRequest{}) }).ends(fault.OK)
	says(t, last[report.Result](plain).Text, "4 resources of platform-dev differ")
}

func TestDriftFails(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	for _, operation := range []string{"DescribeStacks", "DetectStackDrift"} {
		w.sim.Inject(simulator.Fault{Operation: operation, Kind: simulator.Failing, Code: "Broken"})
		w.run(drifts).ends(fault.Unexpected, "Broken")
		w.sim.Heal()
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.runIn(ctx, apply(request("Size", "3")), when(func(e report.Event) bool { _, is := e.(report.Operation); return is }, cancel))
	w.run(drifts).ends(fault.Busy, "UPDATE_IN_PROGRESS", "deploy watch -e dev")
}

// What could not be compared is told.
func TestDriftIncomplete(t *testing.T) {
	t.Parallel()
	b := newBeyond(deployed(t))
	b.answers["cloudformation:DescribeStackDriftDetectionStatus"] = `<R><DescribeStackDriftDetectionStatusResult><DetectionStatus>DETECTION_FAILED</DetectionStatus><DetectionStatusReason>Failed to detect drift on [VPC]</DetectionStatusReason></DescribeStackDriftDetectionStatusResult></R>`
	says(t, notes(b.run(drifts, b.in).ends(fault.OK)), "warning not compared: platform-dev: Failed to detect drift on [VPC]")
	b.answers = map[string]string{"cloudformation:ListStackResources": `<R><ListStackResourcesResult/></R>`}
	says(t, notes(b.run(drifts, b.in).ends(fault.OK)), "0 resources compared; CloudFormation compares all types")
}
