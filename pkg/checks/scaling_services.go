package checks

import (
	"strings"
	"sync"
)

// Operations is what runs, scales and watches the services of a world.
type Operations struct {
	// Services are the ECS services, in stack and template order.
	Services []*ScaledService
	// Alarms are the metric alarms.
	Alarms []*Alarm

	world    *World
	names    map[string]*Resource         // by type, space, name as metrics and references carry it
	owners   map[*Resource]*ScaledService // of services and target groups
	watching map[*Resource][]*Alarm       // by what their metrics are about
	alarms   map[*Resource]*Alarm
	opaque   *Alarm // one whose metrics are not known
	table    map[string]sample
	known    map[string]knownMetric
	views    onceOf[*dashboardViews]
	watched  onceMap[alarmVerdict]
	ramped   onceMap[rampVerdict]
}

// ScaledService is an ECS service with what belongs to it.
type ScaledService struct {
	// Resource is the AWS::ECS::Service.
	Resource *Resource
	// Groups are the target groups of its deployment group, else those of the service itself.
	Groups []*Resource
	// Deployment is its CodeDeploy deployment group, Target its scalable target; nil without.
	Deployment, Target *Resource
	// Policies are the target tracking policies of the scalable target.
	Policies []*ScalingPolicy
	// Public tells whether the internet gets to it: some listener rule or default action of an internet-facing load
	// balancer leads to its target groups without a source-ip condition.
	Public bool
	// Unclear is why it is not known whether it is public.
	Unclear string

	forwarded []*Resource // target groups that some listener leads to
}

// Operations is the world's operations, gathered once.
func (w *World) Operations() *Operations {
	return w.models.operations.get(func() *Operations {
		o := &Operations{world: w, names: map[string]*Resource{}, owners: map[*Resource]*ScaledService{},
			watching: map[*Resource][]*Alarm{}, alarms: map[*Resource]*Alarm{}, table: samples(), known: knownMetrics()}
		o.nameResources()
		o.Services = gatherServices(o)
		for _, s := range o.Services {
			for _, r := range append([]*Resource{s.Resource}, s.Groups...) {
				o.owners[r] = s
			}
			for _, p := range s.Policies {
				o.bind(p.Queries)
			}
		}
		for _, r := range w.OfType("AWS::CloudWatch::Alarm") {
			o.addAlarm(readAlarm(r))
		}
		return o
	})
}

// bind notes what metrics are about.
func (o *Operations) bind(queries Queries) {
	for _, m := range queries.metrics() {
		m.subject = o.findSubject(m)
	}
}

func (o *Operations) addAlarm(a *Alarm) {
	if why := a.Resource.Maybe; why != "" {
		a.problem, a.Queries = &queryProblem{unknown: "whether it exists: " + why}, nil
	}
	o.Alarms, o.alarms[a.Resource] = append(o.Alarms, a), a
	o.bind(a.Queries)
	for _, m := range a.Queries.metrics() {
		if m.subject != nil {
			o.watching[m.subject] = append(o.watching[m.subject], a)
		}
	}
	if a.problem != nil && a.problem.unknown != "" {
		o.opaque = a
	}
}

// namedTypes are the types that metrics and references name, with the property that holds the name.
var namedTypes = map[string]string{
	"AWS::CertificateManager::Certificate":     "",
	"AWS::CloudWatch::Alarm":                   "AlarmName",
	"AWS::CloudWatch::CompositeAlarm":          "AlarmName",
	"AWS::ElasticLoadBalancingV2::Listener":    "Certificates[0].CertificateArn",
	"AWS::ElasticLoadBalancingV2::TargetGroup": "Name",
	"AWS::KinesisFirehose::DeliveryStream":     "DeliveryStreamName",
	"AWS::Logs::LogGroup":                      "LogGroupName",
	"AWS::RDS::DBCluster":                      "DBClusterIdentifier",
	"AWS::RDS::DBInstance":                     "DBInstanceIdentifier",
	"AWS::Scheduler::ScheduleGroup":            "Name",
	"AWS::WAFv2::WebACL":                       "VisibilityConfig.MetricName",
}

// nameResources indexes resources by name and by identity, which stands for a name that AWS gives.
func (o *Operations) nameResources() {
	for kind, property := range namedTypes {
		for _, r := range o.world.OfType(kind) {
			o.names[kind+" "+r.Identity()] = r
			if name := r.At(property).String(); name != "" {
				o.names[kind+" "+name] = r
			}
		}
	}
	for _, r := range o.world.OfType("AWS::ECS::Service") {
		o.names["AWS::ECS::Service "+serviceID(r)] = r
	}
}

// named is the resource of a type with a name.
func (o *Operations) named(kind string, name Value) *Resource { return o.names[kind+" "+name.String()] }

// serviceID is the resource ID of a service: "service/<cluster>/<service>".
func serviceID(r *Resource) string {
	name := r.At("ServiceName").String()
	if name == "" {
		name = r.Identity()
	}
	return "service/" + clusterName(r.At("Cluster")) + "/" + name
}

// onceMap is a table whose entries are built once.
type onceMap[V any] struct {
	mutex  sync.Mutex
	values map[string]V
}

func (m *onceMap[V]) get(key string, build func() V) V {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	v, ok := m.values[key]
	if !ok {
		v = build()
		if m.values == nil {
			m.values = map[string]V{}
		}
		m.values[key] = v
	}
	return v
}

// namesResource tells whether a value is a resource's physical name, which a property holds, or its identity.
func namesResource(v Value, r *Resource, property string) bool {
	text := v.String()
	return text != "" && (text == r.At(property).String() || text == r.Identity())
}

// clusterName is the name in a value that is a cluster's name or ARN.
func clusterName(v Value) string {
	if _, name, ok := strings.Cut(v.String(), ":cluster/"); ok {
		return name
	}
	return v.String()
}

// bounds are the least and greatest number of tasks; a reason when they are not known.
func (s *ScaledService) bounds() (least, most int, unknown string) {
	if s.Target == nil {
		return 0, 0, "the service has no scalable target"
	}
	least, okLeast := s.Target.At("MinCapacity").Int()
	most, okMost := s.Target.At("MaxCapacity").Int()
	if !okLeast || !okMost {
		return 0, 0, "MinCapacity or MaxCapacity is no known number"
	}
	return least, most, ""
}
