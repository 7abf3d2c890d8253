package simulator

import "net/http"

// Calls that end something before its stack is deleted: of AWS Cloud Map, AWS CloudTrail and Elastic Load Balancing.

// exists tells whether a stack has a resource of a type under a name.
func (s *Simulator) exists(typ, name string) bool {
	for _, st := range s.stacks.all {
		for _, r := range st.resources {
			if r.made && r.typ == typ && (r.physical == name || s.arnOf(r) == name) {
				return true
			}
		}
	}
	return false
}

func (s *Simulator) discoveryActions() map[string]action {
	return map[string]action{"ListInstances": s.listInstances, "DeregisterInstance": s.deregisterInstance}
}

// listInstances tells of the instance that a service still has (AWS Cloud Map API reference, ListInstances).
func (s *Simulator) listInstances(c *call) (any, error) {
	service, list := c.text("ServiceId"), []any{}
	if !s.exists("AWS::ServiceDiscovery::Service", service) {
		return nil, refuse("ServiceNotFound", "Service %s not found", service)
	}
	if s.registered[service].After(s.present()) {
		list = append(list, map[string]any{"Id": "task-" + service})
	}
	return map[string]any{"Instances": list}, nil
}

func (s *Simulator) deregisterInstance(c *call) (any, error) {
	service := c.text("ServiceId")
	if !s.registered[service].After(s.present()) || c.text("InstanceId") != "task-"+service {
		return nil, refuse("InstanceNotFound", "Instance %s not found in service %s", c.text("InstanceId"), service)
	}
	delete(s.registered, service)
	return map[string]any{"OperationId": s.nextID()}, nil
}

// stopLogging ends a trail's writing (AWS CloudTrail API reference, StopLogging).
func (s *Simulator) stopLogging(c *call) (any, error) {
	if !s.exists("AWS::CloudTrail::Trail", c.text("Name")) {
		return nil, refuse("TrailNotFoundException", "Unknown trail: %s for the user: %s", c.text("Name"), s.options.Account)
	}
	if r := s.made("AWS::CloudTrail::Trail", c.text("Name")); r != nil {
		s.tamper(r, "IsLogging", "false")
	}
	return nil, nil
}

// modifyBalancer takes attributes of a load balancer and tells them (Elastic Load Balancing API reference, ModifyLoadBalancerAttributes).
func (s *Simulator) modifyBalancer(c *call) (any, error) {
	if !s.exists("AWS::ElasticLoadBalancingV2::LoadBalancer", c.form.Get("LoadBalancerArn")) {
		return nil, &Error{http.StatusBadRequest, "LoadBalancerNotFound", "One or more load balancers not found"}
	}
	var list []any
	for i := 1; c.form.Has(member("Attributes", i, "Key")); i++ {
		list = append(list, []element{{"Key", c.form.Get(member("Attributes", i, "Key"))}, {"Value", c.form.Get(member("Attributes", i, "Value"))}})
	}
	return []element{{"Attributes", list}}, nil
}
