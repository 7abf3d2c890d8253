package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Reads of what exists, answered from the resources that stacks made, and from what somebody changed of them by hand.

// verification adds the calls by which a deployment is verified to those of their services.
func (s *Simulator) verification() {
	for service, actions := range map[string]map[string]action{
		"kms":                  {"GetKeyRotationStatus": s.keyRotation},
		"rds":                  {"DescribeDBInstances": s.describeInstances, "DescribeDBClusterParameters": s.describeClusterParameters},
		"wafv2":                {"GetWebACLForResource": s.aclOf},
		"cloudtrail":           {"GetTrailStatus": s.trailStatus, "DescribeTrails": s.describeTrails},
		"ec2":                  {"DescribeNetworkInterfaces": s.describeInterfaces},
		"elasticloadbalancing": {"DescribeLoadBalancers": s.describeBalancers},
		"secretsmanager":       {"ListSecretVersionIds": s.secretVersions},
	} {
		if s.services[service] == nil {
			s.services[service] = map[string]action{}
		}
		maps.Copy(s.services[service], actions)
	}
}

// Tamper lets AWS tell of a resource, given by its place (DataStack/Cluster), logical ID or physical ID, what its template does not say, as
// after somebody changed it by hand: the attribute is a property's path (EnableKeyRotation, NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp)
// or what AWS calls a state that templates do not have (TargetHealth, StateValue, IsLogging, PublicIp).
func (s *Simulator) Tamper(name, attribute, value string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	r := s.placed(name)
	if r == nil {
		return errAbsent("resource", name)
	}
	s.tamper(r, attribute, value)
	return nil
}

func (s *Simulator) tamper(r *resource, attribute, value string) {
	if s.tampered[r.physical] == nil {
		s.tampered[r.physical] = map[string]string{}
	}
	s.tampered[r.physical][attribute] = value
}

// placed finds a resource that exists.
func (s *Simulator) placed(name string) *resource {
	for _, stack := range sortedKeys(s.stacks.live) {
		st := s.stacks.live[stack]
		for _, r := range s.all(st) {
			if r.made && slices.Contains([]string{r.id, r.physical, st.logicalID + "/" + r.id}, name) {
				return r
			}
		}
	}
	return nil
}

// ofType are the resources of a type that exist.
func (s *Simulator) ofType(typ string) []*resource {
	var found []*resource
	for _, stack := range sortedKeys(s.stacks.live) {
		for _, r := range s.all(s.stacks.live[stack]) {
			if r.made && r.typ == typ {
				found = append(found, r)
			}
		}
	}
	return found
}

// made finds a resource of a type by physical ID or ARN; nil for none.
func (s *Simulator) made(typ, name string) *resource {
	for _, r := range s.ofType(typ) {
		if r.physical == name || s.arnOf(r) == name {
			return r
		}
	}
	return nil
}

// facts is made, or a resource without properties.
func (s *Simulator) facts(typ, name string) *resource {
	return cmp.Or(s.made(typ, name), &resource{})
}

// told is what AWS tells of a resource: what somebody changed, else what the template says, else what is usual.
func (s *Simulator) told(r *resource, attribute, usual string) string {
	if changed, is := s.tampered[r.physical][attribute]; is {
		return changed
	}
	if text := textOf(property(r, strings.Split(attribute, ".")...)); text != "" {
		return text
	}
	return usual
}

// keyRotation tells whether a key is rotated (AWS KMS API reference, GetKeyRotationStatus).
func (s *Simulator) keyRotation(c *call) (any, error) {
	k := s.key(c.text("KeyId"))
	if k == nil {
		return nil, keyNotFound(c.text("KeyId"))
	}
	return map[string]any{"KeyId": k.id, "KeyRotationEnabled": s.told(s.facts("AWS::KMS::Key", k.id), "EnableKeyRotation", "false") == "true"}, nil
}

// keyState is that of a key: somebody may have disabled it.
func (s *Simulator) keyState(k *masterKey) (state string, enabled bool) {
	state = s.told(s.facts("AWS::KMS::Key", k.id), "KeyState", "Enabled")
	return state, state == "Enabled"
}

// aclOf tells the web ACL before a resource; none is an empty answer (AWS WAF API reference, GetWebACLForResource).
func (s *Simulator) aclOf(c *call) (any, error) {
	for _, r := range s.ofType("AWS::WAFv2::WebACLAssociation") {
		if propertyText(r, "ResourceArn") != c.text("ResourceArn") || s.told(r, "Associated", "true") != "true" {
			continue
		}
		for _, acl := range s.ofType("AWS::WAFv2::WebACL") {
			if s.arnOf(acl) == propertyText(r, "WebACLArn") {
				return map[string]any{"WebACL": map[string]any{"Name": propertyText(acl, "Name"), "ARN": s.arnOf(acl)}}, nil
			}
		}
	}
	return map[string]any{}, nil
}

func (s *Simulator) trail(name string) (*resource, error) {
	if r := s.made("AWS::CloudTrail::Trail", name); r != nil {
		return r, nil
	}
	return nil, refuse("TrailNotFoundException", "Unknown trail: %s for the user: %s", name, s.options.Account)
}

// trailStatus tells whether a trail writes (AWS CloudTrail API reference, GetTrailStatus).
func (s *Simulator) trailStatus(c *call) (any, error) {
	r, err := s.trail(c.text("Name"))
	if err != nil {
		return nil, err
	}
	m := map[string]any{"IsLogging": s.told(r, "IsLogging", "true") == "true"}
	if failed := s.told(r, "LatestDeliveryError", ""); failed != "" {
		m["LatestDeliveryError"] = failed
	}
	return m, nil
}

// describeTrails tells the settings of trails; unknown names are left out (AWS CloudTrail API reference, DescribeTrails).
func (s *Simulator) describeTrails(c *call) (any, error) {
	list := []any{}
	for _, name := range c.texts("trailNameList") {
		if r, err := s.trail(name); err == nil {
			list = append(list, map[string]any{"Name": r.physical, "TrailARN": s.arnOf(r), "LogFileValidationEnabled": s.told(r, "EnableLogFileValidation", "false") == "true"})
		}
	}
	return map[string]any{"trailList": list}, nil
}

// describeBalancers tells of load balancers (Elastic Load Balancing API reference, DescribeLoadBalancers).
func (s *Simulator) describeBalancers(c *call) (any, error) {
	var list []any
	for _, arn := range c.texts("LoadBalancerArns") {
		r := s.made("AWS::ElasticLoadBalancingV2::LoadBalancer", arn)
		if r == nil {
			return nil, &Error{http.StatusBadRequest, "LoadBalancerNotFound", "One or more load balancers not found"}
		}
		list = append(list, []element{{"LoadBalancerArn", r.physical}, {"LoadBalancerName", propertyText(r, "Name")}, {"Scheme", s.told(r, "Scheme", "internet-facing")}, {"Type", s.told(r, "Type", "application")}})
	}
	return []element{{"LoadBalancers", list}}, nil
}

// listenerFacts are what a listener has beside address and protocol.
func (s *Simulator) listenerFacts(arn string) []element {
	r := s.facts("AWS::ElasticLoadBalancingV2::Listener", arn)
	var actions []any
	list, _ := property(r, "DefaultActions").([]any)
	for _, item := range list {
		m, _ := item.(map[string]any)
		to, _ := m["RedirectConfig"].(map[string]any)
		action := []element{{"Type", s.told(r, "DefaultAction", textOf(m["Type"]))}}
		if to != nil && s.told(r, "DefaultAction", "redirect") == "redirect" {
			action = append(action, element{"RedirectConfig", []element{{"Protocol", textOf(to["Protocol"])}, {"Port", textOf(to["Port"])}, {"StatusCode", textOf(to["StatusCode"])}}})
		}
		actions = append(actions, action)
	}
	return []element{{"SslPolicy", s.told(r, "SslPolicy", "")}, {"DefaultActions", actions}}
}

// healthOf is the health of the targets of a task set in a group, which somebody may have changed.
func (s *Simulator) healthOf(group string, set *taskSet) []element {
	if state := s.told(s.facts("AWS::ElasticLoadBalancingV2::TargetGroup", group), "TargetHealth", ""); state != "" {
		return []element{{"State", state}}
	}
	return set.health()
}

// ExchangeWeights gives each target group of a listener rule the weight of the other, as somebody does by hand.
func (s *Simulator) ExchangeWeights(name string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if r := s.placed(name); r != nil {
		for _, known := range s.balancing.rules {
			if known.arn == r.physical && len(known.targets) == 2 {
				known.targets[0].weight, known.targets[1].weight = known.targets[1].weight, known.targets[0].weight
				return nil
			}
		}
	}
	return errAbsent("listener rule with two target groups", name)
}

// RunRevision lets a service run a revision of a task definition that no release and no stack gave it.
func (s *Simulator) RunRevision(service string, revision int) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, cs := range s.containers.services {
		if cs.name != service || cs.status != "ACTIVE" {
			continue
		}
		arn := fmt.Sprintf("%s:%d", cs.definition[:strings.LastIndexByte(cs.definition, ':')], revision)
		if cs.definition = arn; s.definition(arn) == nil {
			copied := *s.definition(s.family(arn))
			copied.arn, copied.revision = arn, revision
			s.containers.definitions = append(s.containers.definitions, &copied)
		}
		for _, set := range cs.sets {
			set.definition = arn
		}
		return nil
	}
	return errAbsent("running service", service)
}

// Restore puts back all that was tampered with.
func (s *Simulator) Restore() {
	s.lock.Lock()
	defer s.lock.Unlock()
	clear(s.tampered)
}
