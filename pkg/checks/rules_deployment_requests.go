package checks

import (
	"fmt"
	"maps"
	"strings"
)

// deployRequest is a request that CloudFormation makes as a role. Where the resource is not known before it exists, its ARN has *
// for the rest.
type deployRequest struct {
	question
	// madeUp is why the resource's name is not known, where the templates could say it.
	madeUp string
}

// open tells whether the request is about any of several resources.
func (q deployRequest) open() bool { return strings.Contains(q.resource, "*") }

// called tells whether the handlers call an action for a resource.
func (s *deploySubject) called(a deploymentAction) verdict {
	switch when := s.deployer.tables.when(a); when {
	case "", calledAlways:
		return certain()
	case calledNever, calledGranted:
		return impossible()
	default:
		answer := impossible()
		for alternative := range strings.SplitSeq(when, "|") {
			answer = either(answer, s.has(alternative))
		}
		return answer
	}
}

// has tells whether a resource has a property, or one that says a text.
func (s *deploySubject) has(property string) verdict {
	answer := impossible()
	property, text, _ := strings.Cut(property, "~")
	for _, at := range placeOf(s.Resource).each(property) {
		answer = either(answer, s.deployer.says(at.value, text))
	}
	return answer
}

// says tells whether a value is there and contains a text, or names a resource of a type that does.
func (d *deployer) says(v Value, text string) verdict {
	if why := v.Unknown(); why != "" {
		return unknownVerdict(why)
	}
	if text == "" {
		return yesIf(v.Exists())
	}
	answer := impossible()
	for _, item := range v.List() {
		kind := ""
		if r := d.id.world.Find(item); r != nil {
			kind = r.Type
		}
		if why := item.Unknown(); why != "" {
			answer = either(answer, unknownVerdict(why))
		}
		answer = either(answer, yesIf(strings.Contains(strings.ToLower(item.String()+" "+kind), text)))
	}
	return answer
}

// deploySubject is a resource as the handlers of its type see it.
type deploySubject struct {
	*Resource
	deployer *deployer
	of       *deploymentType
	context  map[string][]string
	named    map[deploymentName]deployRequest
}

// subject is a resource to ask about; nil where it is not known what its handlers call.
func (d *deployer) subject(r *Resource) *deploySubject {
	of := d.tables.types[r.Type]
	if of == nil {
		return nil
	}
	s := &deploySubject{Resource: r, deployer: d, of: of, context: d.context, named: map[deploymentName]deployRequest{}}
	if len(of.keys) > 0 || r.Type == "AWS::KMS::Key" {
		s.context = maps.Clone(d.context)
	}
	if r.Type == "AWS::KMS::Key" {
		s.context["kms:resourcealiases"] = d.aliases[arnOf(r)]
	}
	for _, key := range of.keys {
		if value, madeUp := s.fill(key.name); madeUp == "" {
			s.context[strings.ToLower(key.kind)] = []string{value}
		}
	}
	return s
}

// requests are those that an action takes: one for each thing that it is done to.
func (s *deploySubject) requests(a deploymentAction) []deployRequest {
	q := deployRequest{question: question{who: asRole(s.deployer.role.ARN), action: a.key, resource: "*", context: s.context}}
	if len(a.on) == 0 {
		return []deployRequest{q}
	}
	list := make([]deployRequest, 0, len(a.on))
	for _, n := range a.on {
		known, ok := s.named[n]
		if !ok {
			known.resource, known.madeUp = s.resourceNamed(n)
			s.named[n] = known
		}
		if known.resource != "" {
			q.resource, q.madeUp = known.resource, known.madeUp
			list = append(list, q)
		}
	}
	return list
}

// resourceNamed is the ARN of what a name stands for, and why it is not known; empty where the name does not count.
func (s *deploySubject) resourceNamed(n deploymentName) (arn, madeUp string) {
	if n.property != "" && s.has(n.property).tri == No || n.without != "" && s.has(n.without).tri == Yes {
		return "", ""
	}
	name := "*"
	if n.name != "" {
		name, madeUp = s.fill(n.name)
	}
	if strings.HasPrefix(name, "arn:") {
		return name, madeUp
	}
	return strings.Replace(s.deployer.forms[n.kind], "{name}", name, 1), madeUp
}

// fill puts the properties of a resource into a name; of one that is not known it tells why.
func (s *deploySubject) fill(form string) (name, madeUp string) {
	var b strings.Builder
	for form != "" {
		literal, rest, found := strings.Cut(form, "{")
		b.WriteString(literal)
		if !found {
			break
		}
		var property string
		property, form, _ = strings.Cut(rest, "}")
		value := s.At(property)
		text := value.String()
		switch {
		case property == "LogicalID":
			text = s.LogicalID
		case property == "id":
			text = s.Identity()
		case property == "deployer":
			text = s.deployer.role.ARN
		case value.Unknown() != "":
			text, madeUp = "*", value.Unknown()
		case text == "":
			text, madeUp = "*", fmt.Sprintf("CloudFormation makes up a name for want of %s", property)
		case strings.HasPrefix(form, "/"): // a cluster or group by its ARN
			text = text[strings.LastIndexAny(text, "/")+1:]
		}
		b.WriteString(text)
	}
	return b.String(), madeUp
}

// may decides a request by the policies of the role, and by what the resource's policy denies. What depends on the request alone
// is allowed: it can be made so.
func (d *deployer) may(q deployRequest) verdict {
	answer := d.allows.allow(q)
	if d.limits != nil {
		answer = both(answer, d.limits.allow(q))
	}
	if answer.tri == No {
		return answer
	}
	return both(answer, opposite(d.denied(q)))
}

// denied tells whether a policy of the role, or of a resource that is known, denies a request.
func (d *deployer) denied(q deployRequest) verdict {
	answer := impossible()
	for _, s := range d.denies.about(q.action) {
		answer = either(answer, s.covers(q.question))
	}
	if !q.open() {
		guarding, _ := d.id.policiesOn(q.resource)
		answer = either(answer, q.weigh(guarding).denied)
	}
	return answer
}

// allow tells whether a statement allows a request.
func (x *statementsByAction) allow(q deployRequest) verdict {
	answer := impossible()
	for _, s := range x.about(q.action) {
		answer = either(answer, s.allow(q))
	}
	return answer
}

// covers is Statement.covers, of whose questions the first is answered.
func (s aboutAction) covers(q question) verdict {
	answer := both(s.covered, s.coversResource(q.resource))
	for _, c := range s.Conditions {
		if answer.tri != No {
			answer = both(answer, c.holds(q.context))
		}
	}
	return answer
}

// allow tells whether the statement allows a request: where its resource is open, for one of those that it may be.
func (s aboutAction) allow(q deployRequest) verdict {
	answer := s.covers(q.question)
	if answer.tri != No || !q.open() {
		return answer
	}
	for _, pattern := range s.Resources.Texts {
		if overlaps(pattern, q.resource) {
			q.resource = pattern
			if answer = s.covers(q.question); q.madeUp != "" {
				answer = both(answer, unknownVerdict(q.madeUp))
			}
			return answer
		}
	}
	return answer
}
