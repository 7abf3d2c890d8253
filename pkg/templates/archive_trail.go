package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// addTrail declares the trail, its log group and the role with which it writes there, unless the account has an
// organisation's trail. It records management events; data events cost by the request and are the organisation's choice.
func addTrail(t *cfn.Template, in ArchiveInputs, archiveKey cfn.KeyARN) {
	trailed := t.Condition("TrailEnabled", cfn.Equals(string(in.CloudTrail), enabled))
	group := cfn.Add(t, "TrailLogGroup", "Takes the trail's events within minutes", resources.LogGroup(in.LogGroupName("trail"), in.LogsKey))
	role := cfn.Add(t, "TrailRole", "Role with which CloudTrail writes to the trail's log group", resources.Role(resources.RoleInput{
		Name: in.Name("role", "trail"), Description: "CloudTrail: writes events to the trail's log group",
		Trust: resources.Policy(resources.Statement{
			Sid: "Assume", Principals: resources.Principals{Service: []string{"cloudtrail.amazonaws.com"}}, Actions: []string{"sts:AssumeRole"},
			Exempt: "CloudTrail documents no source condition for this role; naming it in a trail takes iam:PassRole, which no other account has",
		}),
		Statements: []resources.Statement{resources.TrailLogStreams(in.LogGroupName("trail"))},
	}))
	trail := cfn.Add(t, "Trail", "Records the API calls of the account in all regions", resources.Trail(resources.TrailInput{
		Name: in.TrailName(), Bucket: in.ArchiveBucket, Key: archiveKey,
		LogGroup: resources.LogGroupARN(group), LogRole: resources.RoleARN(role),
	}))
	group.When(trailed)
	role.When(trailed)
	trail.When(trailed)
}
