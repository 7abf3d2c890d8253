package templates

import "github.com/tierform/tierform/pkg/cfn"

// ObservabilityInputs are what the observability tier takes.
type ObservabilityInputs struct {
	Environment
	Config       Config
	Topic        cfn.TopicARN
	Cluster      cfn.ClusterName
	Database     cfn.Text
	LoadBalancer cfn.LoadBalancerName
	WebACL       cfn.WebACLName
	Application  cfn.CodeDeployApplication
	// Services are what the dashboard shows of each service, by name.
	Services map[string]ObservedService
	// Stream and SubscriptionRole take the AuditStreams, which are log groups by name of the stream.
	Stream           cfn.DeliveryStreamARN
	SubscriptionRole cfn.RoleARN
	AuditStreams     map[string]cfn.LogGroupName
}

// ObservedService is what the dashboard shows of a service.
type ObservedService struct {
	Service          cfn.ServiceName
	BlueTargetGroup  cfn.TargetGroupName
	GreenTargetGroup cfn.TargetGroupName
}

// ObservabilityOutputs are what people look at.
type ObservabilityOutputs struct {
	// Dashboard is the dashboard's name.
	Dashboard cfn.Text
}

// Observability declares ….
func Observability(t *cfn.Template, in ObservabilityInputs) ObservabilityOutputs {
	t.Describe("Observability")
	return ObservabilityOutputs{}
}
