package templates

import (
	"maps"
	"slices"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/logs"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The observability tier: what watches the platform as a whole (R13), which are its alarms, its events, its dashboard,
// and the way of the audit streams into the archive (R18). It is a tier of its own because it looks at all others;
// alarms on a single service are in that service's template.

// ObservabilityInputs are what the observability tier takes.
type ObservabilityInputs struct {
	Environment
	Config       Config
	Topic        cfn.TopicARN
	Cluster      cfn.ClusterName
	Database     cfn.Text
	LoadBalancer cfn.LoadBalancerName
	Certificate  cfn.CertificateARN
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

// observability is the tier in the making.
type observability struct {
	*cfn.Template
	in ObservabilityInputs
	// alarms are the ARNs of the platform's alarms, for the dashboard.
	alarms []string
}

// Observability declares the platform's alarms and event rules, the subscriptions of the archive and the dashboard.
func Observability(t *cfn.Template, in ObservabilityInputs) ObservabilityOutputs {
	t.Describe("What watches the platform: alarms on its load balancer, firewall, database and archive, rules for its events, the archive's subscriptions, and the dashboard.")
	o := &observability{Template: t, in: in}
	o.addIngressAlarms()
	o.addDatabaseAlarms()
	o.addArchiveAlarms()
	o.addAuditStreams()
	o.addDeliveryRules()
	o.addSecurityRules()
	dashboard := cfn.Add(t, "Dashboard", "Shows the platform from the load balancer to the archive", o.dashboard().Resource(in.Name("dashboard", product)))
	return ObservabilityOutputs{Dashboard: cfn.Text(dashboard.Ref())}
}

// addAuditStreams sends each audit stream to the archive, with an alarm on what does not arrive: a control that fails must be
// noticed (PCI DSS 10.7.2). A log group takes two subscriptions; the other one is free for the operators.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
func (o *observability) addAuditStreams() {
	for _, name := range slices.Sorted(maps.Keys(o.in.AuditStreams)) {
		cfn.Add(o.Template, logicalID(name)+"SubscriptionFilter", "Sends the audit stream "+name+" to the archive", &logs.SubscriptionFilter{
			FilterName:     new(o.in.Name("filter", name)),
			FilterPattern:  "",
			LogGroupName:   string(o.in.AuditStreams[name]),
			DestinationArn: string(o.in.Stream),
			RoleArn:        new(string(o.in.SubscriptionRole)),
		})
		o.addAlarm(logicalID(name)+"Delivery", "audit-"+name, resources.AlarmInput{
			Description: "The audit stream " + name + " does not reach the archive. Look at the subscription's role and at the stream " + o.in.AuditStreamName() + ".",
			Periods:     3, DatapointsToAlarm: 2,
			Metric: new(subscriptionMetric("DeliveryErrors", o.in.AuditStreams[name])),
		})
	}
}

// addAlarm declares an alarm of the platform. The first sentence of its description says what it is.
func (o *observability) addAlarm(id, qualifier string, in resources.AlarmInput) {
	in.Name, in.Topic = o.in.Name("alarm", qualifier), o.in.Topic
	what, _, _ := strings.Cut(in.Description, ". ")
	alarm := cfn.Add(o.Template, id+"Alarm", "Alarm: "+what, resources.Alarm(in))
	o.alarms = append(o.alarms, alarm.Att("Arn"))
}
