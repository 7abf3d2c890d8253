package changeset

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// Policies of templates, and the default of a database's deletion (Template Reference, "DeletionPolicy attribute").
const (
	deletes      = "Delete"
	snapshots    = "Snapshot"
	retains      = "Retain"
	retainsFirst = "RetainExceptOnCreate"
	replaceAnd   = "ReplaceAnd"
)

// policy is what becomes of the old resource, in CloudFormation's words: as the change set says, or else as the templates do. A deletion
// follows the deployed template, a replacement the one to be.
func policy(c *types.ResourceChange, action report.Action, now, was source.Resource) string {
	if action == report.Modify { // the replacement that it would be about is disproved
		return ""
	}
	if c != nil && c.PolicyAction != "" {
		return string(c.PolicyAction)
	}
	switch action {
	case report.Delete:
		return deletion(was)
	case report.Replace:
		return replaceAnd + orDelete(now.UpdateReplacePolicy)
	}
	return ""
}

// deletion is what becomes of a resource that is deleted.
func deletion(r source.Resource) string {
	_, member := r.Properties["DBClusterIdentifier"]
	if r.DeletionPolicy == "" && (r.Type == "AWS::RDS::DBCluster" || r.Type == "AWS::RDS::DBInstance" && !member) {
		return snapshots
	}
	return orDelete(r.DeletionPolicy)
}

func orDelete(policy string) string {
	switch policy {
	case "":
		return deletes
	case retainsFirst:
		return retains
	}
	return policy
}

// keepsData tells whether a deletion leaves the resource where it is.
func keepsData(c report.Change) bool { return c.Action == report.Delete && c.PolicyAction == retains }
