package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// addRule declares a rule that tells the topic of events.
func (o *observability) addRule(id, qualifier, is, sentence string, facts map[string]string, pattern resources.EventPattern) {
	cfn.Add(o.Template, id+"Rule", is, resources.TopicRule(resources.TopicRuleInput{
		Name: o.in.Name("rule", qualifier), Description: is, Pattern: pattern, Topic: o.in.Topic, Sentence: sentence, Facts: facts,
	}))
}

// addDeliveryRules tells of releases and services in trouble.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
func (o *observability) addDeliveryRules() {
	o.addRule("Deployment", "deployment", "Releases that fail or are stopped",
		"Release <deployment> of <group> ended in <state>. The traffic goes back to the old tasks unless the deploy command says otherwise.",
		map[string]string{"deployment": "$.detail.deploymentId", "group": "$.detail.deploymentGroup", "state": "$.detail.state"},
		resources.EventPattern{Source: "aws.codedeploy", DetailType: "CodeDeploy Deployment State-change Notification", Detail: map[string]any{
			"application": []string{string(o.in.Application)}, "state": []string{"FAILURE", "STOP"},
		}})
	cluster := []string{"arn:" + cfn.Partition + ":ecs:" + cfn.Region + ":" + cfn.AccountID + ":cluster/" + string(o.in.Cluster)}
	o.addRule("ServiceAction", "service", "Services that ECS cannot keep running",
		"ECS reports <event> for <service>. Look at the service's events.",
		map[string]string{"event": "$.detail.eventName", "service": "$.resources[0]"},
		resources.EventPattern{Source: "aws.ecs", DetailType: "ECS Service Action", Detail: map[string]any{
			"clusterArn": cluster, "eventType": []string{"WARN", "ERROR"},
		}})
	// Tasks that run once, such as database administration, end by themselves: only those of services are news. So are
	// tasks that Spot takes back: they are replaced, and named otherwise.
	o.addRule("TaskFailure", "task", "Tasks of services that end by themselves or do not start",
		"Task <task> of <service> ended with <code>: <reason>. ECS replaces it; look at its log.",
		map[string]string{"task": "$.detail.taskArn", "service": "$.detail.group", "code": "$.detail.stopCode", "reason": "$.detail.stoppedReason"},
		resources.EventPattern{Source: "aws.ecs", DetailType: "ECS Task State Change", Detail: map[string]any{
			"clusterArn": cluster, "lastStatus": []string{"STOPPED"},
			"stopCode": []string{"EssentialContainerExited", "TaskFailedToStart"},
			"group":    []any{map[string]any{"prefix": "service:"}},
		}})
}

// addSecurityRules tells of weaknesses found in images and of what AWS says about its own health. Which of the two rules on
// images works depends on the scanning that the account's registry is set to, basic or enhanced.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
// https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
// https://docs.aws.amazon.com/health/latest/ug/cloudwatch-events-health.html
func (o *observability) addSecurityRules() {
	// A list of all repositories would outgrow a pattern's 2,048 characters.
	repositories := []any{map[string]any{"wildcard": o.in.RepositoryName("*")}}
	found := func(severity string) any {
		return map[string]any{"finding-severity-counts": map[string]any{severity: []any{map[string]any{"numeric": []any{">", 0}}}}}
	}
	o.addRule("ImageScan", "image-scan", "Images in which basic scanning finds critical or high weaknesses",
		"The scan of image <digest> in <repository> found critical or high weaknesses. It will not pass the gate; look at the findings in ECR.",
		map[string]string{"digest": "$.detail.image-digest", "repository": "$.detail.repository-name"},
		resources.EventPattern{Source: "aws.ecr", DetailType: "ECR Image Scan", Detail: map[string]any{
			"scan-status": []string{"COMPLETE"}, "repository-name": repositories, "$or": []any{found("CRITICAL"), found("HIGH")},
		}})
	o.addRule("ImageFinding", "image-finding", "Critical and high weaknesses that enhanced scanning finds in images",
		"Amazon Inspector found in image repository <repository>: <title> (<severity>). Running tasks may be affected; look at the finding.",
		map[string]string{
			"repository": "$.detail.resources[0].details.awsEcrContainerImage.repositoryName",
			"severity":   "$.detail.severity", "title": "$.detail.title",
		},
		resources.EventPattern{Source: "aws.inspector2", DetailType: "Inspector2 Finding", Detail: map[string]any{
			"severity": []string{"CRITICAL", "HIGH"}, "status": []string{"ACTIVE"},
			"resources": map[string]any{"details": map[string]any{"awsEcrContainerImage": map[string]any{"repositoryName": repositories}}},
		}})
	o.addRule("Health", "health", "Issues and planned changes of the AWS services that the platform uses",
		"AWS reports <code> for <service> in <region>. Look at the AWS Health dashboard.",
		map[string]string{"code": "$.detail.eventTypeCode", "service": "$.detail.service", "region": "$.detail.eventRegion"},
		resources.EventPattern{Source: "aws.health", DetailType: "AWS Health Event", Detail: map[string]any{
			"eventTypeCategory": []string{"issue", "scheduledChange"},
			"service":           []string{"CODEDEPLOY", "ECR", "ECS", "ELASTICLOADBALANCING", "FIREHOSE", "KMS", "RDS", "SECRETSMANAGER", "VPC", "WAF"},
		}})
}
