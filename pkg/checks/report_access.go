package checks

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrAction says that a question is not about one action.
var ErrAction = errors.New("an action is service and name, such as kms:Decrypt or s3:GetObject, without wildcards")

// WriteWhoCan prints who may do an action on a resource, and the statements that allow each. The resource is an ARN, a
// logical ID, or template/logical ID or stack/logical ID where several have it; else the error is a [*UnknownNameError].
func WriteWhoCan(out io.Writer, w *World, action, resource string) error {
	service, name, isAction := strings.Cut(action, ":")
	if !isAction || service == "" || name == "" || strings.ContainsAny(action, "*? ") {
		return fmt.Errorf("action %q: %w", action, ErrAction)
	}
	arns, err := w.arnsOf(resource)
	if err != nil {
		return err
	}
	var b strings.Builder
	grants := w.Identity().anyOf(action, arns)
	if len(grants) == 0 {
		fmt.Fprintf(&b, "Nobody can %s on %s.\n", action, arns[0])
	} else {
		fmt.Fprintf(&b, "%s on %s:\n", action, arns[0])
	}
	for _, g := range grants {
		writeGrant(&b, g, arns[0])
	}
	_, err = io.WriteString(out, b.String())
	return err
}

// anyOf joins who can do an action on one of the ARNs that a resource has in policies.
func (id *Identity) anyOf(action string, arns []string) []Grant {
	var all []Grant
	for _, arn := range arns {
		for _, g := range id.WhoCan(action, arn) {
			at := slices.IndexFunc(all, func(have Grant) bool { return have.Principal == g.Principal })
			if at < 0 {
				all = append(all, g)
				continue
			}
			for _, s := range g.Statements {
				if !slices.Contains(all[at].Statements, s) {
					all[at].Statements = append(slices.Clip(all[at].Statements), s)
				}
			}
			if g.Unknown == "" {
				all[at].Unknown = ""
			}
		}
	}
	return all
}

func writeGrant(b *strings.Builder, g Grant, arn string) {
	fmt.Fprintf(b, "\n%s\n", g.Principal)
	if g.Unknown != "" {
		fmt.Fprintf(b, "  unknown: %s\n", g.Unknown)
	}
	for _, s := range g.Statements {
		writeStatement(b, s, arn)
	}
}

// writeStatement prints where a statement is, what it is about if not the resource alone, and under which conditions it
// holds.
func writeStatement(b *strings.Builder, s *Statement, arn string) {
	r := s.Policy.Source
	place := Finding{Template: r.Stack.Template.Name, LogicalID: r.LogicalID, Path: s.Path, Line: r.Line(s.Path)}.Where()
	sid := s.Sid
	if sid == "" {
		sid = "(no Sid)"
	}
	fmt.Fprintf(b, "  %s policy  %s  %s\n", s.Policy.Kind, sid, place)
	own := arn
	if s.Policy.Kind == ResourcePolicy {
		own = "*" // the resource that has the policy
	}
	if on := s.Resources.Texts; len(on) > 0 && !slices.Equal(on, []string{arn}) && !slices.Equal(on, []string{own}) {
		fmt.Fprintf(b, "    on %s\n", strings.Join(on, ", "))
	}
	for _, c := range s.Conditions {
		if c.Values.Unknown != "" {
			fmt.Fprintf(b, "    if %s %s unknown: %s\n", c.Operator, c.Key, c.Values.Unknown)
			continue
		}
		fmt.Fprintf(b, "    if %s %s %s\n", c.Operator, c.Key, strings.Join(c.Values.Texts, ", "))
	}
}

// arnsOf are the ARNs by which policies name a resource: its own, and those of parts of it, such as objects and streams.
func (w *World) arnsOf(name string) ([]string, error) {
	if strings.HasPrefix(name, "arn:") {
		return w.formsOf(name), nil
	}
	var list []*Resource
	var names []string
	for _, s := range w.Stacks {
		stem, _, _ := strings.Cut(s.Template.Name, ".")
		for _, r := range s.Resources {
			path := s.Path + "/" + r.LogicalID
			if slices.Contains([]string{r.LogicalID, s.Template.Name + "/" + r.LogicalID, stem + "/" + r.LogicalID, path}, name) {
				list, names = append(list, r), append(names, path)
			}
		}
	}
	switch len(list) {
	case 0:
		return nil, &UnknownNameError{Kind: "resource", Name: name, Candidates: w.nearResources(name)}
	case 1:
		return w.formsOf(arnOf(list[0])), nil
	}
	return nil, &UnknownNameError{Kind: "resource", Name: name, Ambiguous: true, Candidates: names}
}

// formsOf adds to an ARN one of each kind of part that a policy names: for bucket/logs/* that is bucket/logs/any.
func (w *World) formsOf(arn string) []string {
	forms := []string{arn}
	base := strings.TrimSuffix(arn, ":*")
	for _, p := range w.Identity().Policies {
		for _, s := range p.Statements {
			for _, text := range s.Resources.Texts {
				part, found := strings.CutPrefix(text, base)
				part = strings.NewReplacer("*", "any", "?", "a").Replace(part)
				if found && (part == "" || strings.ContainsAny(part[:1], "/:")) && !slices.Contains(forms, base+part) {
					forms = append(forms, base+part)
				}
			}
		}
	}
	return forms
}

// nearResources are resources whose logical IDs are near a name, with their templates.
func (w *World) nearResources(name string) []string {
	_, id, hasTemplate := strings.Cut(name, "/")
	if !hasTemplate {
		id = name
	}
	templates := map[string][]string{}
	var ids []string
	for _, s := range w.Stacks {
		for _, r := range s.Resources {
			ids = append(ids, r.LogicalID)
			templates[r.LogicalID] = append(templates[r.LogicalID], s.Template.Name+"/"+r.LogicalID)
		}
	}
	var list []string
	for _, id := range nearest(id, ids) {
		list = append(list, templates[id]...)
	}
	return slices.Compact(list)
}
