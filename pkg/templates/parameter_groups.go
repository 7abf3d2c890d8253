package templates

import (
	"slices"

	"github.com/tierform/tierform/pkg/cfn"
)

// parameterGroup is a heading under which the console shows parameters.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-interface.html
type parameterGroup struct {
	Label      groupLabel
	Parameters []string
}

type groupLabel struct {
	Default string `json:"default"`
}

// DeployOwnedGroup heads the parameters that the deploy command sets and parameter files must not contain: the
// environment suffix, addresses of templates, image digests and live colours.
const DeployOwnedGroup = "Set by the deploy command"

// addParameterGroups groups the root's parameters by who decides on them. What no group names is the deploy command's.
func addParameterGroups(root *cfn.Template, config Config) {
	groups := []parameterGroup{
		{groupLabel{"Network"}, []string{"VpcCidr", "OperatorsCidr", "EgressPrefixListId", "InterfaceEndpoints"}},
		{groupLabel{"Certificate and name"}, []string{"CertificateArn", "DomainName", "HostedZoneId"}},
		{groupLabel{"Database"}, []string{"DatabaseMinCapacity", "DatabaseMaxCapacity", "BackupRetentionDays"}},
		{groupLabel{"Audit and alarms"}, []string{"CloudTrail", "AuditArchiveBucketName", "AuditArchiveKeyArn", "AlarmEmail"}},
	}
	tasks := parameterGroup{Label: groupLabel{"Number of tasks"}}
	for _, s := range config.Services {
		tasks.Parameters = append(tasks.Parameters, logicalID(s.Name)+"MinTasks", logicalID(s.Name)+"MaxTasks")
	}
	groups = append(groups, tasks)
	owned := parameterGroup{Label: groupLabel{DeployOwnedGroup}}
	for _, name := range root.ParameterNames() {
		if !slices.ContainsFunc(groups, func(g parameterGroup) bool { return slices.Contains(g.Parameters, name) }) {
			owned.Parameters = append(owned.Parameters, name)
		}
	}
	root.Section("Metadata", map[string]any{
		"AWS::CloudFormation::Interface": map[string]any{"ParameterGroups": append(groups, owned)},
	})
}
