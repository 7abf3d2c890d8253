package simulator

import (
	"time"

	"github.com/tierform/tierform/internal/deploy/source"
)

// others is the state of the services beside CloudFormation and S3.
type others struct {
	revisions   map[string]int // by family
	generations int
	durations   table
	replacing   replacements
	parsed      map[string]*source.Template
	keys        map[string]*masterKey
	clusters    map[string]*cluster
	// snapshots are those of databases that outlive them; lingering is what outlives its stack.
	snapshots    []*snapshotted
	lingering    []tagged
	containers   containers
	balancing    balancing
	repositories map[string]*repository
	// enhanced is set when the registry's scan type is ENHANCED.
	enhanced  bool
	logGroups map[string]*logGroup
	// returning are log groups that somebody makes anew a while after their deletion.
	returning map[string]time.Duration
	scalables map[string]*scalable
	secrets   map[string]*secret
	// registered tells until when a Cloud Map service has instances.
	registered map[string]time.Time
	drifted    []Drifted
	shapes     shapes
	releases   releases
	alarms     map[string]*alarm
	running    running
	// tampered is what AWS tells otherwise than templates, by physical ID and attribute.
	tampered map[string]map[string]string
}

// register makes the table of operations and the empty account.
func (s *Simulator) register() {
	s.others = others{revisions: map[string]int{}, durations: newTable(), replacing: newReplacements(), parsed: map[string]*source.Template{}, containers: containers{clusters: map[string]string{}}, repositories: map[string]*repository{},
		logGroups: map[string]*logGroup{}, returning: map[string]time.Duration{}, scalables: map[string]*scalable{}, secrets: map[string]*secret{}, registered: map[string]time.Time{},
		keys: map[string]*masterKey{}, clusters: map[string]*cluster{}, shapes: newShapes(), releases: newReleases(), alarms: map[string]*alarm{}, running: newRunning(),
		tampered: map[string]map[string]string{}}
	s.stacks = stacks{live: map[string]*stack{}, all: map[string]*stack{}}
	s.objects.buckets = map[string]*bucket{}
	s.services = map[string]map[string]action{"cloudformation": s.formation(), "ecs": s.containerActions(), "elasticloadbalancing": s.balancingActions(), "ecr": s.registryActions(),
		"logs": s.logActions(), "application-autoscaling": s.scalingActions(), "secretsmanager": s.secretActions(), "tagging": s.tagActions(),
		"kms": s.keyActions(), "rds": s.databaseActions(), "servicediscovery": s.discoveryActions(), "cloudtrail": {"StopLogging": s.stopLogging},
		"codedeploy": s.releaseActions(), "monitoring": {"DescribeAlarms": s.describeAlarms},
		"sts": {"GetCallerIdentity": func(*call) (any, error) {
			return []element{{"Arn", s.options.Caller}, {"UserId", "AROASIMULATED:rehearsal"}, {"Account", s.options.Account}}, nil
		}}}
	s.services["ecr"]["DescribeImageScanFindings"] = s.describeScan
	s.verification()
}

// appear makes a resource exist in its own service.
func (s *Simulator) appear(st *stack, r *resource) {
	switch r.typ {
	case "AWS::S3::Bucket":
		s.bucket(r.physical).versioned = propertyText(r, "VersioningConfiguration", "Status") == "Enabled"
	case "AWS::ECR::Repository":
		s.repositories[r.physical] = &repository{name: r.physical, arn: s.arn("ecr", "repository/"+r.physical), at: s.present()}
	case "AWS::ECS::Cluster":
		s.containers.clusters[r.physical] = s.arn("ecs", "cluster/"+r.physical)
	case "AWS::ECS::TaskDefinition":
		s.containers.definitions = append(s.containers.definitions, &definition{arn: r.physical, family: s.family(r.physical), status: "ACTIVE", revision: s.revisions[s.family(r.physical)],
			properties: r.properties, tags: st.tags, at: s.present()})
	case "AWS::ECS::Service":
		s.appearService(st, r)
	case "AWS::ElasticLoadBalancingV2::TargetGroup":
		s.balancing.groups = append(s.balancing.groups, &targetGroup{r.physical, propertyText(r, "Name"), propertyText(r, "VpcId")})
	case "AWS::ElasticLoadBalancingV2::Listener":
		s.balancing.listeners = append(s.balancing.listeners, &listener{r.physical, propertyText(r, "LoadBalancerArn"), propertyText(r, "Protocol"), integer(property(r, "Port"), 443)})
	case "AWS::ElasticLoadBalancingV2::ListenerRule":
		s.balancing.rules = append(s.balancing.rules, &rule{arn: r.physical, listener: propertyText(r, "ListenerArn")})
	case "AWS::Logs::LogGroup":
		s.logGroups[r.physical] = &logGroup{name: r.physical, at: s.present()}
	case "AWS::ApplicationAutoScaling::ScalableTarget":
		s.scalables[propertyText(r, "ResourceId")] = newScalable(propertyText(r, "ResourceId"), s.present())
	case "AWS::SecretsManager::Secret":
		s.secrets[r.physical] = &secret{name: propertyText(r, "Name"), arn: r.physical, tags: st.tags, at: s.present()}
	case "AWS::KMS::Key":
		s.appearKey(r)
	case "AWS::RDS::DBCluster":
		s.appearCluster(st, r)
	case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm":
		s.appearAlarm(r)
	}
	s.adjust(st, r)
}

// appearService makes an ECS service run at once: its tasks are steady when the resource is complete.
func (s *Simulator) appearService(st *stack, r *resource) {
	cs := &containerService{name: nameOf(r.physical), arn: r.physical, cluster: nameOf(propertyText(r, "Cluster")), status: "ACTIVE", controller: propertyText(r, "DeploymentController", "Type"),
		desired: integer(property(r, "DesiredCount"), 1), tags: st.tags, at: s.present(), network: s.shapes.object(r, "NetworkConfiguration"), platform: propertyText(r, "PlatformVersion"), launch: propertyText(r, "LaunchType")}
	cs.strategy, _ = s.shapes.object(r, "CapacityProviderStrategy").([]any)
	if d := s.definition(propertyText(r, "TaskDefinition")); d != nil {
		cs.definition = d.arn
	}
	list, _ := property(r, "LoadBalancers").([]any)
	for _, item := range list {
		b, _ := item.(map[string]any)
		cs.balancers = append(cs.balancers, map[string]any{"targetGroupArn": textOf(b["TargetGroupArn"]), "containerName": textOf(b["ContainerName"]), "containerPort": integer(b["ContainerPort"], 0)})
		set := s.newSet(cs, cs.definition, textOf(b["TargetGroupArn"]))
		set.status, cs.sets = "PRIMARY", []*taskSet{set}
	}
	s.containers.services = append(s.containers.services, cs)
}

// adjust takes a resource's properties over into its own service.
func (s *Simulator) adjust(st *stack, r *resource) {
	switch r.typ {
	case "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup", "AWS::CodeDeploy::DeploymentConfig":
		s.adjustRelease(r)
	case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm":
		s.adjustAlarm(r)
	case "AWS::ECR::Repository":
		known := s.repositories[r.physical]
		known.force, known.unscanned = propertyText(r, "EmptyOnDelete") == "true", propertyText(r, "ImageScanningConfiguration", "ScanOnPush") != "true"
	case "AWS::ElasticLoadBalancingV2::ListenerRule":
		for _, known := range s.balancing.rules {
			if known.arn == r.physical {
				known.take(r)
			}
		}
	case "AWS::ECS::Service":
		for _, cs := range s.containers.services {
			if cs.arn == r.physical {
				cs.declared, _ = s.shapes.of(r.properties).(map[string]any)
			}
		}
	case "AWS::Logs::LogGroup":
		g := s.logGroups[r.physical]
		g.key, g.retention = propertyText(r, "KmsKeyId"), integer(property(r, "RetentionInDays"), 0)
	case "AWS::ApplicationAutoScaling::ScalableTarget":
		t := s.scalables[propertyText(r, "ResourceId")]
		t.least, t.most = integer(property(r, "MinCapacity"), 1), integer(property(r, "MaxCapacity"), 1)
		for _, cs := range s.containers.services { // scaling raises a service to its minimum
			if t.resource == "service/"+cs.cluster+"/"+cs.name && cs.status == "ACTIVE" {
				s.resize(cs, min(max(cs.desired, t.least), t.most), 0)
			}
		}
	}
}

// take reads a rule's actions and conditions.
func (known *rule) take(r *resource) {
	known.priority, known.targets, known.paths = propertyText(r, "Priority"), nil, nil
	actions, _ := property(r, "Actions").([]any)
	for _, item := range actions {
		a, _ := item.(map[string]any)
		forward, _ := a["ForwardConfig"].(map[string]any)
		groups, _ := forward["TargetGroups"].([]any)
		for _, g := range groups {
			group, _ := g.(map[string]any)
			known.targets = append(known.targets, weighted{textOf(group["TargetGroupArn"]), integer(group["Weight"], 1)})
		}
	}
	conditions, _ := property(r, "Conditions").([]any)
	for _, item := range conditions {
		c, _ := item.(map[string]any)
		paths, _ := c["PathPatternConfig"].(map[string]any)
		values, _ := paths["Values"].([]any)
		for _, v := range values {
			known.paths = append(known.paths, textOf(v))
		}
	}
}
