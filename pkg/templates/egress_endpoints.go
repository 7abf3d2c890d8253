package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// addEndpoints declares the endpoints. The S3 gateway endpoint costs nothing and is always there; interface endpoints
// cost by the hour and zone and can be switched off. What goes through one of them carries the policy below in addition to
// the role's own: whatever a task could be made to send, it cannot be sent to somebody else's account.
func addEndpoints(t *cfn.Template, in EgressInputs) {
	cfn.Add(t, "S3Endpoint", "Way to the layers of images, which ECR keeps in S3", resources.Endpoint(resources.EndpointInput{
		Service: "s3", VPC: in.VPC, RouteTables: in.PrivateRouteTables, Statements: imageLayers(),
	}))
	wanted := t.Condition("EndpointsEnabled", cfn.Equals(string(in.Endpoints), enabled))
	for _, e := range []struct {
		stem, service, is string
		statements        []resources.Statement
	}{
		{"ECRAPI", "ecr.api", "Way to the registry's API, which hands out the right to pull", pullImages(in)},
		{"ECRRegistry", "ecr.dkr", "Way to the registry's images", pullImages(in)},
		{"Logs", "logs", "Way to CloudWatch Logs", writeLogs(in)},
		{"Secrets", "secretsmanager", "Way to Secrets Manager", useSecrets(in)},
		{"XRay", "xray", "Way to X-Ray", sendTraces()},
	} {
		endpoint := cfn.Add(t, e.stem+"Endpoint", e.is, resources.Endpoint(resources.EndpointInput{
			Service: e.service, VPC: in.VPC, Subnets: in.PrivateSubnets, Group: in.EndpointGroup, Statements: e.statements,
		}))
		endpoint.When(wanted)
	}
}

// imageLayers lets anybody read ECR's own bucket: layers are fetched with addresses that ECR has signed, in its name.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-minimum-s3-perms.html
func imageLayers() []resources.Statement {
	return []resources.Statement{{
		Sid: "ReadLayers", Principals: resources.Principals{AWS: []string{"*"}}, Actions: []string{"s3:GetObject"},
		Resources: []string{"arn:" + cfn.Partition + ":s3:::prod-" + cfn.Region + "-starport-layer-bucket/*"},
		Exempt:    "Gateway endpoints know no other principal for requests that another account has signed; the resource is AWS's bucket of image layers, read only",
	}}
}

// ofAccount lets this account's roles do something through an endpoint.
func ofAccount(s resources.Statement) resources.Statement {
	s.Principals = resources.Principals{AWS: []string{"*"}}
	return s.And("StringEquals", "aws:PrincipalAccount", cfn.AccountID)
}

// pullImages lets tasks pull the images of this environment.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-vpc-endpoint-policy
func pullImages(in EgressInputs) []resources.Statement {
	return []resources.Statement{
		ofAccount(resources.Statement{Sid: "LogIn", Actions: []string{"ecr:GetAuthorizationToken"}, AnyResource: "A token is for the whole registry: the action has no resource-level permission"}),
		ofAccount(resources.Statement{
			Sid: "PullImages", Actions: []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			Resources: []string{"arn:" + cfn.Partition + ":ecr:" + cfn.Region + ":" + cfn.AccountID + ":repository/" + in.RepositoryName("*")},
		}),
	}
}

// writeLogs lets tasks write to the log groups of this environment.
func writeLogs(in EgressInputs) []resources.Statement {
	return []resources.Statement{ofAccount(resources.LogGroupWriters("WriteLogs", resources.LogGroupNameARN(in.LogGroupName("*"))))}
}

// ofRole lets one role of this account do something through an endpoint.
func ofRole(name string, s resources.Statement) resources.Statement {
	return ofAccount(s).And("ArnEquals", "aws:PrincipalArn", resources.RoleNameARN(name))
}

// useSecrets lets tasks read the secrets of this environment, the administration task rotate them, and the start of that
// task alone read the master secret: injection into containers comes this way too.
func useSecrets(in EgressInputs) []resources.Statement {
	ours := []string{in.secretARN("*")}
	return []resources.Statement{
		ofAccount(resources.Statement{Sid: "ReadSecrets", Actions: []string{"secretsmanager:GetSecretValue"}, Resources: ours}),
		ofRole(in.TaskRoleName(administrationImage), resources.Statement{
			Sid: "RotateSecrets", Actions: []string{"secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"}, Resources: ours,
		}),
		ofRole(in.TaskRoleName(administrationImage), resources.Statement{
			Sid: "GeneratePasswords", Actions: []string{"secretsmanager:GetRandomPassword"},
			AnyResource: "The action concerns no secret: it has no resource-level permission",
		}),
		ofRole(in.ExecutionRoleName(administrationImage), resources.Statement{
			Sid: "ReadMasterSecret", Actions: []string{"secretsmanager:GetSecretValue"}, Resources: []string{masterSecretARN},
		}),
	}
}

// sendTraces lets collectors send traces.
func sendTraces() []resources.Statement {
	return []resources.Statement{ofAccount(resources.Statement{
		Sid:         "SendTraces",
		Actions:     []string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"},
		AnyResource: "X-Ray has no resource-level permission for traces",
	})}
}
