package checks

import (
	"maps"
	"slices"
	"strings"
)

// checkDeployerKeepsOff: who may change his own permissions, or the keys and buckets that hold what he deploys, has no bounds.
// Resources without a name of their own are left out: permissions cannot tell them apart.
func checkDeployerKeepsOff(w *World, l *Looking) {
	for _, d := range w.deployers() {
		for _, s := range d.before {
			for _, r := range s.Resources {
				if subject := d.subject(r); subject != nil {
					l.Look()
					d.judgeChanges(l, subject)
				}
			}
		}
	}
}

// judgeChanges reports each statement that lets the role update or delete a resource.
func (d *deployer) judgeChanges(l *Looking, subject *deploySubject) {
	r, told := subject.Resource, map[*Statement]bool{}
	for _, a := range subject.of.actions {
		if when := d.tables.when(a); !a.changes || when == calledNever || when == calledGranted || len(a.on) == 0 {
			continue
		}
		for _, request := range subject.requests(a) {
			allowed := d.may(request)
			if request.open() || allowed.tri == No {
				continue
			}
			needed := "no way for " + asRole(d.role.ARN).String() + " to change " + r.Where() + ", which is none of its stacks'"
			if allowed.tri == Maybe {
				l.Unsure(r, "", needed, a.name+": "+allowed.why)
				continue
			}
			for _, s := range d.allowing(request) {
				if !told[s] {
					told[s] = true
					l.FailText(s.Policy.Source, s.Path+".Resource", a.name+" on "+request.resource, needed, "deny it to the role, or leave it out of what the statement matches")
				}
			}
		}
	}
}

// allowing are the statements that allow a request for certain.
func (d *deployer) allowing(q deployRequest) []*Statement {
	var found []*Statement
	for _, s := range d.allows.about(q.action) {
		if s.allow(q).tri == Yes {
			found = append(found, s.Statement)
		}
	}
	return found
}

// globalServices have one endpoint for all regions, which is in us-east-1. (IAM User Guide, aws:RequestedRegion.)
func globalServices() []string {
	return []string{"cloudfront", "globalaccelerator", "iam", "organizations", "route53", "shield", "sts", "support"}
}

// checkDeployerRegion: what a statement allows on resources of any region must be held to one by a condition or a denial.
func checkDeployerRegion(w *World, l *Looking) {
	for _, d := range w.deployers() {
		elsewhere := "eu-west-1"
		if d.id.region == elsewhere {
			elsewhere = "us-east-1"
		}
		context := maps.Clone(d.context)
		context["aws:requestedregion"] = []string{elsewhere}
		for _, p := range d.role.Policies {
			for _, s := range p.Statements {
				if s.allows() {
					d.judgeRegion(l, s, context, elsewhere)
				}
			}
		}
	}
}

func (d *deployer) judgeRegion(l *Looking, s *Statement, context map[string][]string, elsewhere string) {
	l.Look()
	for i, resource := range s.Resources.Texts {
		if parts := strings.SplitN(resource, ":", 6); len(parts) == 6 && parts[3] != "" && !strings.ContainsAny(parts[3], "*?$") {
			continue
		}
		for _, action := range s.Actions.Texts {
			service, _, _ := strings.Cut(action, ":")
			q := deployRequest{question: question{who: asRole(d.role.ARN), action: strings.ToLower(action), resource: resource, context: context}}
			if slices.Contains(globalServices(), service) || s.covers(q.question).tri == No || d.denied(q).tri == Yes {
				continue
			}
			l.FailText(s.Policy.Source, s.Resources.path(i), action+" in "+elsewhere, "a role that is held to "+d.id.region,
				"deny everything where aws:RequestedRegion is another, or name the region in the ARN")
			return
		}
	}
}
