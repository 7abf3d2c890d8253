package resources

import (
	"maps"
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/cfn"
)

// Statement is one statement of an IAM, key, bucket, topic, endpoint or secret policy. The zero Effect allows.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
type Statement struct {
	// Sid names the statement, in letters and digits.
	Sid string
	// Deny makes it a Deny.
	Deny bool
	// Principals are who the statement is about; in policies of roles they stay empty.
	Principals Principals
	// Actions are exact: service:Action. A wildcard is refused unless the statement denies.
	Actions []string
	// Resources are ARNs. In key policies it is []string{"*"}, which means the key itself: see KeyPolicy.
	Resources []string
	// AnyResource is the reason for the resource "*" where AWS has no resource-level permission for the actions.
	// It is rendered beside the policy, into the resource's Metadata. Leave Resources empty then.
	AnyResource string
	// Conditions must all hold.
	Conditions Conditions
	// Exempt is the reason why the statement is weaker than others of its kind, such as a service principal without a
	// source condition. It is rendered into the Metadata of the resource that has the policy, under Exemptions.
	Exempt string
	// When leaves the statement out where the condition does not hold. The zero value keeps it always.
	When cfn.Condition
}

// And returns the statement with one more condition, which must hold too; values that the key may have so far are replaced.
func (s Statement) And(operator, key string, values ...string) Statement {
	merged := Conditions{operator: {key: values}}
	for o, keys := range s.Conditions {
		if merged[o] == nil {
			merged[o] = map[string][]string{}
		}
		maps.Copy(merged[o], keys)
	}
	merged[operator][key] = values
	s.Conditions = merged
	return s
}

// Principals are who a statement is about. Everybody is the principal "*": it needs a narrowing condition or a Deny.
type Principals struct {
	// AWS are account IDs or ARNs of accounts, roles and users.
	AWS []string `json:",omitempty"`
	// Service are service principals, such as logs.us-east-1.amazonaws.com.
	Service []string `json:",omitempty"`
	// Federated are identity providers.
	Federated []string `json:",omitempty"`
}

// Conditions maps an operator, such as ArnLike, to keys and the values they may have.
type Conditions map[string]map[string][]string

// Document is a policy as it is rendered.
type Document struct {
	Version   string
	Statement []any

	from []Statement
}

type statement struct {
	Sid       string
	Effect    string
	Principal any `json:",omitempty"`
	Action    []string
	Resource  []string   `json:",omitempty"`
	Condition Conditions `json:",omitempty"`
}

// Policy is the document of the statements. Statements without Sid, with a wildcard action or without resources where
// they need some are reported when the template is compiled.
func Policy(statements ...Statement) Document {
	d := Document{Version: "2012-10-17", Statement: []any{}, from: statements}
	for _, s := range statements {
		d.Statement = append(d.Statement, s.render())
	}
	return d
}

func (s Statement) render() any {
	if problem := s.problem(); problem != "" {
		return problem
	}
	rendered := statement{Sid: s.Sid, Effect: "Allow", Action: s.Actions, Resource: s.Resources, Condition: s.Conditions}
	if s.Deny {
		rendered.Effect = "Deny"
	}
	if s.AnyResource != "" {
		rendered.Resource = []string{"*"}
	}
	if len(s.Principals.AWS)+len(s.Principals.Service)+len(s.Principals.Federated) > 0 {
		rendered.Principal = s.Principals
	}
	if slices.Equal(s.Principals.AWS, []string{"*"}) {
		rendered.Principal = "*"
	}
	if s.When != (cfn.Condition{}) {
		return cfn.IfValue(s.When, rendered, cfn.NoValue)
	}
	return rendered
}

// problem is a cfn.Invalid when the statement breaks a rule, else "".
func (s Statement) problem() string {
	wildcard := slices.IndexFunc(s.Actions, func(action string) bool { return strings.ContainsAny(action, "*?") })
	switch {
	case s.Sid == "":
		return cfn.Invalid("policy statement has no Sid", strings.Join(s.Actions, ", "), "a name in letters and digits")
	case len(s.Actions) == 0:
		return cfn.Invalid("policy statement has no action", s.Sid, "exact actions")
	case wildcard >= 0 && !s.Deny:
		return cfn.Invalid("policy statement "+s.Sid+" allows a wildcard action", s.Actions[wildcard], "exact actions")
	case s.AnyResource != "" && len(s.Resources) > 0:
		return cfn.Invalid("policy statement has both resources and a reason for any resource", s.Sid, "one of them")
	}
	return ""
}

// RolePolicy is Policy for statements attached to a role, each of which needs resources or the reason for having none.
func RolePolicy(statements ...Statement) Document {
	for i, s := range statements {
		if s.problem() == "" && s.AnyResource == "" && (len(s.Resources) == 0 || slices.Contains(s.Resources, "*")) {
			statements = slices.Clone(statements)
			statements[i].Actions = []string{cfn.Invalid("policy statement names no resources", s.Sid, "ARNs, or AnyResource with the reason")}
		}
	}
	return Policy(statements...)
}

// reasons collects why statements allow any resource, by Sid; nil when none does.
func reasons(statements []Statement) map[string]any {
	return reasonsBySid(statements, func(s Statement) string { return s.AnyResource })
}

// exemptions collects why statements are weaker than others of their kind, by Sid; nil when none is.
func exemptions(statements []Statement) map[string]any {
	return reasonsBySid(statements, func(s Statement) string { return s.Exempt })
}

func reasonsBySid(statements []Statement, reason func(Statement) string) map[string]any {
	var found map[string]any
	for _, s := range statements {
		if reason(s) == "" {
			continue
		}
		if found == nil {
			found = map[string]any{}
		}
		found[s.Sid] = reason(s)
	}
	return found
}

// policyMetadata is the Metadata of a resource with a policy of these statements: the reasons for its weak spots, and
// the further entries given. It is nil when there is nothing to say.
func policyMetadata(statements []Statement, further map[string]any) map[string]any {
	metadata := maps.Clone(further)
	for key, why := range map[string]map[string]any{"AnyResource": reasons(statements), "Exemptions": exemptions(statements)} {
		if why == nil {
			continue
		}
		if metadata == nil {
			metadata = map[string]any{}
		}
		metadata[key] = why
	}
	return metadata
}

// ServiceTrust is the trust policy of a role that an AWS service assumes on behalf of this account only, which keeps
// other accounts from using the service as a confused deputy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func ServiceTrust(service string, conditions Conditions) Document {
	merged := Conditions{"StringEquals": {"aws:SourceAccount": {cfn.AccountID}}}
	for operator, keys := range conditions {
		if merged[operator] == nil {
			merged[operator] = map[string][]string{}
		}
		for key, values := range keys {
			merged[operator][key] = values
		}
	}
	return Policy(Statement{
		Sid: "Assume", Principals: Principals{Service: []string{service}}, Actions: []string{"sts:AssumeRole"}, Conditions: merged,
	})
}
