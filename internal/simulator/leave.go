package simulator

import (
	"slices"
	"strings"
)

// leaving is what becomes of a resource in its own service while it is deleted.
func (s *Simulator) leaving(r *resource) {
	if r.typ != "AWS::ECS::Service" {
		return
	}
	for _, cs := range s.containers.services {
		if cs.arn == r.physical && cs.status == "ACTIVE" {
			cs.status = "DRAINING"
			s.abandon(cs)
		}
	}
}

// vanish ends a resource in its own service.
func (s *Simulator) vanish(r *resource) {
	r.made = false
	switch r.typ {
	case "AWS::S3::Bucket":
		delete(s.objects.buckets, r.physical)
	case "AWS::ECR::Repository":
		delete(s.repositories, r.physical)
	case "AWS::ECS::Cluster":
		delete(s.containers.clusters, r.physical)
	case "AWS::ECS::TaskDefinition":
		if d := s.definition(r.physical); d != nil {
			d.status, d.ended = "INACTIVE", s.present()
		}
	case "AWS::ECS::Service":
		for _, cs := range s.containers.services {
			if cs.arn == r.physical {
				cs.status, cs.desired, cs.sets = "INACTIVE", 0, nil
			}
		}
	case "AWS::ElasticLoadBalancingV2::TargetGroup":
		s.balancing.groups = slices.DeleteFunc(s.balancing.groups, func(g *targetGroup) bool { return g.arn == r.physical })
	case "AWS::ElasticLoadBalancingV2::Listener":
		s.balancing.listeners = slices.DeleteFunc(s.balancing.listeners, func(l *listener) bool { return l.arn == r.physical })
	case "AWS::ElasticLoadBalancingV2::ListenerRule":
		s.balancing.rules = slices.DeleteFunc(s.balancing.rules, func(known *rule) bool { return known.arn == r.physical })
	case "AWS::Logs::LogGroup":
		s.dropLogGroup(r.physical)
	case "AWS::ApplicationAutoScaling::ScalableTarget":
		delete(s.scalables, propertyText(r, "ResourceId"))
	case "AWS::SecretsManager::Secret": // without recovery window (aws-resource-secretsmanager-secret, Template reference)
		delete(s.secrets, r.physical)
	case "AWS::RDS::DBCluster":
		delete(s.secrets, r.physical)
		delete(s.clusters, r.physical)
	case "AWS::KMS::Key":
		s.deleteKey(r)
	case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm":
		delete(s.alarms, r.physical)
	default:
		s.vanishRelease(r)
	}
}

// obstacle is why a resource cannot be deleted; empty when it can.
func (s *Simulator) obstacle(r *resource) string {
	switch r.typ {
	case "AWS::S3::Bucket":
		if b := s.objects.buckets[r.physical]; b != nil && b.full() {
			return "Resource handler returned message: \"The bucket you tried to delete is not empty. You must delete all versions in the bucket. (Service: S3, Status Code: 409)\" (HandlerErrorCode: GeneralServiceException)"
		}
	case "AWS::ECR::Repository":
		if known := s.repositories[r.physical]; known != nil && len(known.images) > 0 && !known.force {
			return "Resource handler returned message: \"The repository with name '" + r.physical + "' in registry with id '" + s.options.Account + "' cannot be deleted because it still contains images (Service: Ecr, Status Code: 400)\" (HandlerErrorCode: GeneralServiceException)"
		}
	case "AWS::ServiceDiscovery::Service":
		if s.registered[r.physical].After(s.present()) {
			return "Resource handler returned message: \"Service contains registered instances; delete the instances before deleting the service (Service: ServiceDiscovery, Status Code: 400)\" (HandlerErrorCode: ResourceConflict)"
		}
	case "AWS::ElasticLoadBalancingV2::TargetGroup":
		for _, known := range s.balancing.rules {
			if slices.ContainsFunc(known.targets, func(t weighted) bool { return t.arn == r.physical }) {
				return "Target group '" + r.physical + "' is currently in use by a listener or a rule (Service: ElasticLoadBalancingV2, Status Code: 400)"
			}
		}
	case "AWS::ECS::Cluster":
		if len(s.servicesIn(r.physical, "ACTIVE", "DRAINING")) > 0 {
			return "The Cluster cannot be deleted while Services are active. (Service: Ecs, Status Code: 400)"
		}
	}
	return ""
}

// taken tells whether a name of a service is in use by something else.
func (s *Simulator) taken(typ, name string) bool {
	switch typ {
	case "AWS::S3::Bucket":
		return s.objects.buckets[name] != nil
	case "AWS::ECR::Repository":
		return s.repositories[name] != nil
	case "AWS::Logs::LogGroup":
		return s.logGroups[name] != nil
	case "AWS::SecretsManager::Secret":
		for _, x := range s.secrets {
			if x.name == name {
				return true
			}
		}
	case "AWS::ECS::Service":
		return slices.ContainsFunc(s.containers.services, func(cs *containerService) bool { return cs.name == name && cs.status != "INACTIVE" })
	}
	return false
}

// refusal is why a service does not create or change a resource; empty when it does.
func (s *Simulator) refusal(st *stack, old, now *resource, doing string) string {
	name := givenName(now.typ, now.properties)
	switch {
	case doing == "CREATE" && name != "" && old != nil && old.made && givenName(old.typ, old.properties) == name && now.typ != "AWS::ECS::TaskDefinition":
		// CloudFormation User Guide, "Name type": resources with names of their own cannot be replaced under the same name.
		return "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename " + name + " and update the stack again."
	case doing == "CREATE" && s.taken(now.typ, name):
		return "Resource handler returned message: \"Resource of type '" + now.typ + "' with identifier '" + name + "' already exists.\" (HandlerErrorCode: AlreadyExists)"
	case doing == "UPDATE" && now.typ == "AWS::ECS::Service" && old != nil:
		return s.refusesService(old, now)
	}
	return ""
}

// refusesService: of a service that CodeDeploy deploys, ECS changes a few properties only (API reference, UpdateService). The family of the
// task definition stands for its latest revision: after a new one was registered, any change of the service names another.
func (s *Simulator) refusesService(old, now *resource) string {
	free := []string{"DesiredCount", "DeploymentConfiguration", "HealthCheckGracePeriodSeconds", "PlacementConstraints", "PlacementStrategies", "EnableECSManagedTags", "PropagateTags", "Tags"}
	for _, cs := range s.containers.services {
		if cs.arn != now.physical || cs.controller != "CODE_DEPLOY" || cs.status != "ACTIVE" {
			continue
		}
		if d := s.definition(propertyText(now, "TaskDefinition")); d == nil || d.arn != cs.definition {
			return "Resource handler returned message: \"Invalid request provided: UpdateService error: Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.\" (HandlerErrorCode: InvalidRequest)"
		}
		for _, name := range sortedKeys(changed(old.properties, now.properties)) {
			if !slices.Contains(free, name) {
				return "Resource handler returned message: \"Invalid request provided: UpdateService error: Unable to update " + strings.ToLower(name) + " on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.\" (HandlerErrorCode: InvalidRequest)"
			}
		}
	}
	return ""
}
