package changeset

import (
	"regexp"
	"slices"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// Deployed is a root stack with what it shows to everybody who may describe it.
type Deployed struct {
	// Root is the deployed template; nil when it cannot be read.
	Root *source.Template
	// Parameters and Outputs are the stack's.
	Parameters, Outputs map[string]string
	// Pseudo are the values of pseudo parameters, such as AWS::Region.
	Pseudo map[string]string
	// Public are more texts that are no secrets, whatever they are used for, such as the environment's name.
	Public []string
	// Template gives the deployed template of a nested stack, by the logical IDs on the way to it and, where that can be told, its content
	// address; nil when it cannot.
	Template func(path []string, key string) *source.Template
	// Values gives the parameters of a nested stack, as CloudFormation shows them; nil when it cannot.
	Values func(path []string) map[string]string
}

// Exposure is what a stack shows of secrets.
type Exposure struct {
	// Masked are the outputs that give a secret away, sorted; Unclear are those among them of which nobody can tell.
	Masked, Unclear []string
	// Secrets are the values to show nowhere: those outputs, and what can be told of the secrets in them.
	Secrets []string
}

// Expose follows the references of the stack's outputs through the deployed templates, and finds those that are made of a secret. Nested
// templates are read where references lead there.
func (d Deployed) Expose() Exposure {
	root := d.level()
	s := d.seen(root)
	var x Exposure
	for _, name := range sorted(d.Outputs) {
		worst := root.outputExposure(name)
		if worst == safe {
			continue
		}
		x.Masked = append(x.Masked, name)
		if worst < certain {
			x.Unclear = append(x.Unclear, name)
		}
		s.take(root, root.output(name), d.Outputs[name])
	}
	x.Secrets = sorted(s.found)
	return x
}

// Handed finds the secrets that nested stacks show because a parameter that takes them is not NoEcho. Nested stacks that are handed no
// secret are not looked at.
func (d Deployed) Handed() []string {
	root := d.level()
	s := d.seen(root)
	d.handed(root, s)
	return sorted(s.found)
}

func (d Deployed) handed(l *level, s *seen) {
	for _, id := range sorted(resources(l.was)) {
		given := passed(l.was, id)
		if !l.hands(given) {
			continue
		}
		child := l.inside(id)
		plain := slices.DeleteFunc(sorted(given), func(name string) bool {
			return child.was != nil && child.was.Parameters[name].NoEcho || l.exposure(given[name]) < likely
		})
		if len(plain) > 0 {
			values := d.Values(child.path)
			for _, name := range plain {
				s.take(l, given[name], values[name])
			}
		}
		d.handed(child, s)
	}
}

// hands tells whether values passed to a nested stack hold a secret that does not come from another nested stack, whose template would
// have to be read to tell.
func (l *level) hands(given map[string]any) bool {
	found := false
	visitor{call: func(string) {}, text: func(text string) { found = found || textExposure(text) == certain },
		reference: func(target, attribute string, condition bool) {
			if r := resources(l.was)[target]; !condition && r.Nested == nil {
				found = found || l.referenceExposure(target, attribute) >= likely
			}
		}}.visit(given)
	return found
}

// addressed is a content address at the end of a template's URL.
var addressed = regexp.MustCompile(`templates/[0-9a-f]{64}\.yaml$`)

// level is the root's, from which those of nested stacks are read when references lead there.
func (d Deployed) level() *level {
	t := &tree{before: Before{Root: d.Root, Parameters: d.Parameters}}
	t.read = func(l *level, r source.Resource) *source.Template {
		key, known := l.parent.deployed().parameter(r.Nested.KeyParameter)
		if url, is := r.Properties["TemplateURL"].(string); is && !known {
			key = addressed.FindString(url)
		}
		return d.Template(l.path, key)
	}
	t.root = &level{tree: t, was: d.Root, nested: map[string]*level{}}
	return t.root
}

// seen begins to gather secrets. What everybody knows is none, and to mask it would hide what a run says: the values of plain parameters
// are such texts.
func (d Deployed) seen(root *level) *seen {
	s := &seen{pseudo: d.Pseudo, left: maxFollowed, public: map[string]bool{"": true, "true": true, "false": true, report.Masked: true}, found: map[string]bool{}}
	for _, text := range d.Public {
		s.public[text] = true
	}
	for _, text := range d.Pseudo {
		s.public[text] = true
	}
	for name, value := range d.Parameters {
		if root.referenceExposure(name, "") == safe {
			s.public[value] = true
		}
	}
	return s
}

// output is the value of one of the stack's outputs as written; nil when it is not known.
func (l *level) output(name string) any {
	if l.was == nil {
		return nil
	}
	output, _ := l.was.Outputs[name].(map[string]any)
	return output["Value"]
}
