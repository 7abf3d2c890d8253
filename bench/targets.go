package bench

import (
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation"

	"github.com/tierform/tierform/pkg/cfn"
)

// ours declares with pkg/cfn.
type ours struct {
	*cfn.Template
	resources map[string]cfn.Resource[cfn.Properties]
}

func newOurs() *cfn.Template {
	t := ours{cfn.NewTemplate("service", "The payment API."), map[string]cfn.Resource[cfn.Properties]{}}
	declare(t)
	return t.Template
}

func (t ours) Parameter(name string) string {
	return cfn.AddParameter[string](t.Template, name, cfn.Parameter{MaxLength: 12})
}

func (t ours) Ref(logicalID string) string {
	if logicalID == region {
		return cfn.Region
	}
	return t.resources[logicalID].Ref()
}

func (t ours) Att(logicalID, attribute string) string { return t.resources[logicalID].Att(attribute) }

func (ours) Text(parts ...string) string { return strings.Join(parts, "") }

func (t ours) Add(logicalID, is string, r resource) {
	t.resources[logicalID] = cfn.Add[cfn.Properties](t.Template, logicalID, is, r)
}

// theirs declares with goformation's template.
type theirs struct{ *cloudformation.Template }

func newTheirs() *cloudformation.Template {
	t := theirs{cloudformation.NewTemplate()}
	t.Description = "The payment API."
	declare(t)
	return t.Template
}

func (t theirs) Parameter(name string) string {
	t.Parameters[name] = cloudformation.Parameter{Type: "String", MaxLength: new(12)}
	return cloudformation.Ref(name)
}

func (theirs) Ref(logicalID string) string { return cloudformation.Ref(logicalID) }

func (theirs) Att(logicalID, attribute string) string {
	return cloudformation.GetAtt(logicalID, attribute)
}

func (theirs) Text(parts ...string) string { return cloudformation.Join("", parts) }

func (t theirs) Add(logicalID, _ string, r resource) { t.Resources[logicalID] = r }
