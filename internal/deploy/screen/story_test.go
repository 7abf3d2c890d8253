package screen

import (
	"fmt"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// The events below are those of runs on this project's platform: golden/platform.yaml and the templates nested in it.

var dawn = time.Date(2026, 11, 22, 15, 3, 41, 0, time.UTC)

func at(s float64) time.Time { return dawn.Add(seconds(s)) }

func started(command string) report.Started {
	return report.Started{Command: command, Version: "v1.4.0 4f2a9c1be003", Schema: report.Schema, Environment: "qa7", Account: "111122223333", Alias: "payments-dev",
		Caller: "arn:aws:sts::111122223333:assumed-role/deployer/ana", Region: "us-east-1", Stack: "platform-qa7"}
}

func templates() report.Templates {
	return report.Templates{Count: 13, Changed: 2, Uploaded: 2, Bytes: 38912, Seconds: 0.4}
}

// quiet are nested stacks without changes.
func unchanged(names ...string) (list []report.Stack) {
	for _, name := range names {
		list = append(list, report.Stack{Name: name + "Stack"})
	}
	return list
}

const taskRoleBefore = `[{"PolicyName":"task","PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage"],"Resource":"arn:aws:sqs:us-east-1:111122223333:payments-qa7"}]}}]`
const taskRoleAfter = `[{"PolicyName":"task","PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage","s3:GetObject"],"Resource":"arn:aws:sqs:us-east-1:111122223333:payments-qa7"}]}}]`

// update is a plan with something of everything.
func update() report.Plan {
	data := report.Stack{Name: "DataStack", Changes: []report.Change{
		{LogicalID: "ClusterParameterGroup", Type: "AWS::RDS::DBClusterParameterGroup", Action: report.Replace, Certainty: report.Certain, PolicyAction: "ReplaceAndDelete",
			Properties: []report.Property{{Path: "Family", Before: "aurora-postgresql16", After: "aurora-postgresql17", Forces: "always"}}},
		{LogicalID: "Cluster", Type: "AWS::RDS::DBCluster", Description: "Database of the services.", Action: report.Replace, Certainty: report.Unknown, Stateful: true, PolicyAction: "ReplaceAndDelete",
			Why:        "whether a value changes is known only at the execution",
			Properties: []report.Property{{Path: "DBClusterParameterGroupName", Before: "parameters-qa7", After: "{{changeSet:KNOWN_AFTER_APPLY}}", Cause: "ClusterParameterGroup"}, {Path: "KmsKeyId", Forces: "maybe", Cause: "SecurityStack.Outputs.DataKeyArn"}}},
	}}
	api := report.Stack{Name: "ServicePaymentApiStack", Changes: []report.Change{
		{LogicalID: "PaymentApiTaskRole", Type: "AWS::IAM::Role", Action: report.Modify, Area: "identity", Broadens: true, Description: "What the payment API may do.",
			Properties: []report.Property{{Path: "Policies", Before: taskRoleBefore, After: taskRoleAfter}}},
		{LogicalID: "PaymentApiTaskDefinition", Type: "AWS::ECS::TaskDefinition", Action: report.Replace, Certainty: report.Certain, PolicyAction: "ReplaceAndDelete",
			Properties: []report.Property{{Path: "ContainerDefinitions.0.Image", Forces: "always", Cause: "ImageDigest",
				Before: "111122223333.dkr.ecr.us-east-1.amazonaws.com/payment-api-qa7@sha256:4f2a9c1be0034f2a9c1be0034f2a9c1be0034f2a9c1be0034f2a9c1be003aaaa",
				After:  "111122223333.dkr.ecr.us-east-1.amazonaws.com/payment-api-qa7@sha256:9b1e7c33d0aa9b1e7c33d0aa9b1e7c33d0aa9b1e7c33d0aa9b1e7c33d0aabbbb"}}},
		{LogicalID: "PaymentApiCpuAlarm", Type: "AWS::CloudWatch::Alarm", Action: report.Modify, Properties: []report.Property{{Path: "Threshold", Before: "70", After: "80"}}},
		{LogicalID: "PaymentApiScalableTarget", Type: "AWS::ApplicationAutoScaling::ScalableTarget", Action: report.Replace, Certainty: report.Spurious, Hidden: true, Why: `its input comes from "Cluster", which is unchanged`},
		{LogicalID: "PaymentApiListenerRule", Type: "AWS::ElasticLoadBalancingV2::ListenerRule", Action: report.Replace, Certainty: report.Spurious, Hidden: true, Area: "network", Why: `its input comes from "Ingress", which is unchanged`},
	}}
	network := report.Stack{Name: "NetworkStack", Changes: []report.Change{
		{LogicalID: "PaymentApiFromLoadBalancerOn8080Ingress", Type: "AWS::EC2::SecurityGroupIngress", Action: report.Add, Area: "network", Broadens: true},
		{LogicalID: "LoadBalancerFromHTTPSIngress", Type: "AWS::EC2::SecurityGroupIngress", Action: report.Replace, Certainty: report.Certain, Area: "network", Broadens: true, PolicyAction: "ReplaceAndDelete",
			Properties: []report.Property{{Path: "CidrIp", Before: "10.0.0.0/8", After: "0.0.0.0/0", Forces: "always"}}},
		{LogicalID: "EndpointFromOldIngress", Type: "AWS::EC2::SecurityGroupIngress", Action: report.Delete, Area: "network", PolicyAction: "Delete"},
	}}
	archive := report.Stack{Name: "ArchiveStack", Changes: []report.Change{
		{LogicalID: "Bucket", Type: "AWS::S3::Bucket", Action: report.Delete, Stateful: true, PolicyAction: "Delete"},
		{LogicalID: "OldBucket", Type: "AWS::S3::Bucket", Action: report.Delete, Stateful: true, PolicyAction: "Retain"},
	}}
	nested := append([]report.Stack{{Name: "AdministrationStack", Unknown: "CloudFormation gave no change set for this nested stack"}, archive}, unchanged("Cluster")...)
	nested = append(nested, data)
	nested = append(nested, unchanged("Egress", "Ingress")...)
	nested = append(nested, network)
	nested = append(nested, unchanged("Observability", "Security", "ServiceNotificationService")...)
	nested = append(nested, api)
	nested = append(nested, unchanged("ServiceTransactionProcessor")...)
	return report.Plan{ChangeSet: "arn:aws:cloudformation:us-east-1:111122223333:changeSet/d-20261122-150345-7f3c19ab/1", Name: "d-20261122-150345-7f3c19ab", Seconds: 4.1,
		Root: report.Stack{Name: "platform-qa7", Nested: nested}, Counts: report.Counts{Add: 1, Change: 2, Replace: 4, Delete: 3, Suppressed: 2},
		Needs: []string{"incomplete preview", "any change", "broadening", "delete Archive/Bucket", "delete Archive/OldBucket", "replace Data/Cluster"}, Adopts: []string{"payment-api"}}
}

func findings() []report.Event {
	return []report.Event{
		report.Validation{Severity: "warning", Source: "cloudformation", Check: "BUCKET_EMPTINESS", Path: []string{"ArchiveStack"}, LogicalID: "Bucket", Text: "S3 bucket is not empty, deletion would fail"},
		report.Validation{Severity: "error", Source: "checks", Check: "TF-IAM-004", Path: []string{"service-payment-api.yaml"}, LogicalID: "PaymentApiTaskRole",
			Text: "found s3:GetObject on a queue, needed actions of the resource's own service", Mend: "name the bucket that the action is about"},
	}
}

func planned() []report.Event {
	events := append([]report.Event{started("deploy plan"), templates(), update()}, findings()...)
	return append(events, report.Result{Status: "planned", Text: "planned", Changes: &report.Counts{Add: 1, Change: 2, Replace: 4, Delete: 3, Suppressed: 2}, Seconds: 6.2,
		Next:  []string{"deploy apply -e qa7 --allow-delete Archive/Bucket --allow-delete Archive/OldBucket --allow-replace Data/Cluster"},
		Calls: map[string]int{"cloudformation:CreateChangeSet": 1, "cloudformation:DescribeChangeSet": 9, "sts:GetCallerIdentity": 1}})
}

// made is the plan of a first deployment: additions only, many of a type.
func made() report.Plan {
	network := report.Stack{Name: "NetworkStack"}
	for _, k := range []struct {
		n        int
		typ, id  string
		area     string
		broadens bool
	}{{1, "AWS::EC2::VPC", "VPC", "", false}, {9, "AWS::EC2::Subnet", "Subnet", "", false}, {7, "AWS::EC2::RouteTable", "RouteTable", "", false},
		{9, "AWS::EC2::SubnetRouteTableAssociation", "Routes", "network", true}, {7, "AWS::EC2::SecurityGroup", "SecurityGroup", "network", true}} {
		for i := range k.n {
			network.Changes = append(network.Changes, report.Change{LogicalID: k.id + count(i), Type: k.typ, Action: report.Add, Area: k.area, Broadens: k.broadens})
		}
	}
	security := report.Stack{Name: "SecurityStack", Changes: []report.Change{{LogicalID: "LogsKey", Type: "AWS::KMS::Key", Action: report.Add, Area: "identity", Broadens: true},
		{LogicalID: "AccessLogBucket", Type: "AWS::S3::Bucket", Action: report.Add, Stateful: true}}}
	return report.Plan{ChangeSet: "arn:aws:cloudformation:us-east-1:111122223333:changeSet/first/1", Name: "d-20261122-150345-7f3c19ab", First: true, Seconds: 9.4,
		Root: report.Stack{Name: "platform-qa7", Nested: []report.Stack{network, security}}, Counts: report.Counts{Add: 35}, Needs: []string{"any change", "broadening"}}
}

func first() []report.Event {
	s := started("deploy rehearse")
	s.Simulated = true
	return []report.Event{report.Phase{Number: 1, Title: "First deployment", Command: "deploy apply -e qa7"}, s, templates(), made(),
		report.Approval{Required: made().Needs, Missing: made().Needs},
		report.Result{Status: "unapproved", Code: fault.Unapproved, Text: "nobody is there to approve: any change, broadening; look at the plan and give --yes", Next: []string{"look at the plan and give --yes"}, Seconds: 11}}
}

// asked are the answers of status, destroy and others.
func asked() []report.Event {
	return []report.Event{started("deploy status"),
		report.Note{Level: report.Info, Text: "locked by arn:aws:sts::111122223333:assumed-role/deployer/ben, who runs deploy apply since 2026-11-22T15:01:00Z"},
		report.Note{Level: report.Warning, Text: "scaling of payment-api is suspended and no release runs"},
		report.Note{Level: report.Detail, Text: "templates/4f2a9c1be003.yaml"},
		report.Table{Title: "Stacks", Columns: []string{"Stack", "Status", "Next"}, Rows: [][]string{{"foundation-qa7", "CREATE_COMPLETE", ""}, {"platform-qa7", "UPDATE_ROLLBACK_FAILED", "deploy rollback -e qa7: continues the rollback, and says which resources have to be left behind"}}},
		report.Table{Title: "Services", Columns: []string{"Service"}},
		report.Sweep{Left: []report.Leftover{{Type: "AWS::Logs::LogGroup", ID: "/aws/ecs/containerinsights/services-qa7/performance", Why: "made again by a service while it was deleted"}},
			Kept: []report.Leftover{{Type: "AWS::RDS::DBClusterSnapshot", ID: "database-qa7-final", Why: "--final-snapshot"}}},
		report.Sweep{},
		report.Result{Status: "needs_person", Code: fault.NeedsPerson, Text: "1 thing is left", Seconds: 0.9}}
}

// gated is a run that the scan gate refuses.
func gated() []report.Event {
	digest := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	finding := func(severity, id, pkg, version, fixed string, above, excepted bool) report.Finding {
		return report.Finding{ID: id, Severity: severity, Package: pkg, Version: version, FixedIn: fixed, Title: id + " - " + pkg, URL: "https://example.com/" + id, Above: above, Excepted: excepted}
	}
	cve := report.Exception{Flag: "allow-cve", ID: "CVE-2026-1", Reason: "the function is not called", Until: "2026-12-31"}
	unscanned := report.Exception{Flag: "allow-unscanned", ID: digest("c"), Reason: "built from nothing | nobody else's code", Until: "2026-12-31"}
	many := report.ImageScan{Name: "envoy", Repository: "ecr-envoy-qa7", Digest: digest("e"), Status: "ACTIVE", Scanned: dawn.Add(-time.Hour), Judged: dawn, MaxSeverity: "MEDIUM",
		Reason: "findings above MEDIUM: 25 HIGH", Do: "update what is named and push the image anew, or accept one for a while: --allow-cve ID=REASON@DATE", Counts: map[string]int{"HIGH": 25, "LOW": 1, "UNTRIAGED": 1}}
	for i := range 25 {
		many.Findings = append(many.Findings, finding("HIGH", fmt.Sprintf("CVE-2026-%02d", i), "libc", "1.2.3", "", true, false))
	}
	many.Findings = append(many.Findings, finding("LOW", "CVE-2025-9", "zlib", "1.3", "1.3.1", false, false))
	many.Findings[25].Status = "SUPPRESSED"
	return []report.Event{
		report.Started{Command: "deploy scan", Version: "v1.0.0", Schema: report.Schema, Environment: "qa7", Account: "111122223333", Region: "us-east-1", Stack: "platform-qa7"},
		report.Note{Level: report.Info, Text: "waiting at most 10m0s for scans: envoy (IN_PROGRESS, the scan runs)"},
		report.ImageScan{Name: "payment-api", Repository: "ecr-payment-api-qa7", Digest: digest("a"), Status: "COMPLETE", Scanned: dawn.Add(-2 * time.Minute), Judged: dawn, Passed: true, MaxSeverity: "MEDIUM",
			Counts: map[string]int{"HIGH": 1, "MEDIUM": 1}, Findings: []report.Finding{finding("HIGH", "CVE-2026-1", "openssl", "3.0.1", "3.0.2", true, true), finding("MEDIUM", "CVE-2026-2", "curl", "8.0", "", false, false)}, Exceptions: []report.Exception{cve}},
		report.ImageScan{Name: "collector", Repository: "ecr-collector-qa7", Digest: digest("c"), Status: "UNSUPPORTED_IMAGE", Judged: dawn, Passed: true, MaxSeverity: "MEDIUM", Reason: "UNSUPPORTED_IMAGE: the scan does not support the image", Exceptions: []report.Exception{unscanned}},
		report.ImageScan{Name: "transaction-processor", Repository: "ecr-transaction-processor-qa7", Digest: digest("b"), Judged: dawn, MaxSeverity: "MEDIUM", Reason: "repository ecr-transaction-processor-qa7 holds no image " + digest("b"), Do: "push the image, and give the digest that the push prints"},
		many,
		report.Result{Status: "refused", Code: fault.Refused, Text: "the scan gate refuses 2 of 4 images; push the image, and give the digest that the push prints", Next: []string{"push the image, and give the digest that the push prints"}},
	}
}
