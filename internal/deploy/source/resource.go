package source

import (
	"regexp"
	"slices"
	"strings"
)

// stackType is the type of nested stacks.
const stackType = "AWS::CloudFormation::Stack"

// statefulTypes hold data that is lost with them, for templates that do not say so in their Metadata.
func statefulTypes() []string {
	return []string{"AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table", "AWS::EC2::Volume", "AWS::ECR::Repository", "AWS::EFS::FileSystem", "AWS::ElastiCache::ReplicationGroup",
		"AWS::KMS::Key", "AWS::Kinesis::Stream", "AWS::Logs::LogGroup", "AWS::OpenSearchService::Domain", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::Redshift::Cluster",
		"AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SecretsManager::Secret"}
}

func newResource(v map[string]any, parameters map[string]Parameter) Resource {
	metadata := fields(v["Metadata"])
	r := Resource{Type: text(v["Type"]), Description: text(metadata["Description"]), Properties: fields(v["Properties"]), Condition: text(v["Condition"]),
		DeletionPolicy: text(v["DeletionPolicy"]), UpdateReplacePolicy: text(v["UpdateReplacePolicy"]), DependsOn: dependencies(v["DependsOn"])}
	r.Stateful = metadata["Stateful"] == "true" || Stateful(r.Type)
	if r.Type == stackType {
		r.Nested = newNested(r.Properties, parameters)
	}
	return r
}

func dependencies(v any) []string {
	if one, ok := v.(string); ok {
		return []string{one}
	}
	var all []string
	list, _ := v.([]any)
	for _, item := range list {
		all = append(all, text(item))
	}
	return all
}

// byKey is the end of an address that two parameters make: bucket and key.
var byKey = regexp.MustCompile(`/\$\{([A-Za-z0-9]+)\}/\$\{([A-Za-z0-9]+)\}$`)

// newNested reads how the template's address is put together: from the parameters for bucket and key, or from a local path.
func newNested(properties map[string]any, parameters map[string]Parameter) *Nested {
	n := &Nested{Parameters: fields(properties["Parameters"])}
	if url := text(properties["TemplateURL"]); url != "" && !strings.Contains(url, "://") && !strings.Contains(url, "{{") {
		n.Path = url
	}
	names := byKey.FindStringSubmatch(text(fields(properties["TemplateURL"])["Fn::Sub"]))
	if names == nil {
		return n
	}
	_, bucket := parameters[names[1]]
	_, key := parameters[names[2]]
	if bucket && key {
		n.BucketParameter, n.KeyParameter = names[1], names[2]
	}
	return n
}

// Stateful tells whether data is lost with resources of a type.
func Stateful(typ string) bool { return slices.Contains(statefulTypes(), typ) }
