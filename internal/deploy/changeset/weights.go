package changeset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/live"
)

// Weights are those of a listener or one of its rules.
type Weights = live.Weights

// wanted are the weights that a rule or listener gets: as the change set shows them; where it cannot, as they are deployed if they stay,
// or as the template to be says.
func (l *level) wanted(c *types.ResourceChange, property string) (Weights, bool) {
	if found, known := weightsIn(propertyIn(c.AfterContext, property)); known {
		return found, true
	}
	if !slices.Contains(changedNames(l.judge(c).real), property) && slices.Contains(changedNames(c.Details), property) {
		if found, known := weightsIn(propertyIn(c.BeforeContext, property)); known {
			return found, true
		}
	}
	declared, is := resources(l.now)[aws.ToString(c.LogicalResourceId)]
	if !is || !l.exact {
		return nil, false
	}
	return weightsIn(l.planned().evaluate(declared.Properties[property], func(id string) any {
		if group := l.listed(id); group != nil && group.Action == types.ChangeActionModify && !l.judge(group).replaces && group.PhysicalResourceId != nil {
			return *group.PhysicalResourceId
		}
		return nil
	}))
}

// propertyIn is a property in a context that a change set shows; nil for none.
func propertyIn(context *string, property string) any {
	var shown struct{ Properties map[string]any }
	if json.Unmarshal([]byte(aws.ToString(context)), &shown) != nil {
		return nil
	}
	return shown.Properties[property]
}

// weightsIn are those in a list of actions, and whether all of them can be told. Actions that forward nothing have none.
func weightsIn(actions any) (Weights, bool) {
	list, is := actions.([]any)
	found := Weights{}
	for _, item := range list {
		action, known := item.(map[string]any)
		if !known {
			return nil, false
		}
		config, _ := action["ForwardConfig"].(map[string]any)
		groups, _ := config["TargetGroups"].([]any)
		if group, has := action["TargetGroupArn"]; has && len(groups) == 0 {
			groups = []any{map[string]any{"TargetGroupArn": group}}
		}
		if action["Type"] == "forward" && len(groups) == 0 {
			return nil, false
		}
		var targets []live.Target
		for _, item := range groups {
			target, known := targetIn(item)
			if !known {
				return nil, false
			}
			targets = append(targets, target)
		}
		found.Forward(targets...)
	}
	return found, is
}

// targetIn is one target group; false for one that cannot be told.
func targetIn(item any) (live.Target, bool) {
	group, _ := item.(map[string]any)
	arn, is := group["TargetGroupArn"].(string)
	t := live.Target{Group: arn, Weight: live.Unsaid}
	var err error
	if weight, said := group["Weight"]; said {
		t.Weight, err = strconv.Atoi(fmt.Sprint(weight))
	}
	return t, is && err == nil && !unknown(arn) && arn != ""
}

// inWords names the target groups with their shares.
func inWords(w Weights) string {
	var parts []string
	percent := w.Shares()
	for _, arn := range sorted(percent) {
		name := arn
		if _, after, is := strings.Cut(arn, ":targetgroup/"); is {
			name, _, _ = strings.Cut(after, "/")
		}
		parts = append(parts, fmt.Sprintf("%s %d %%", name, percent[arn]))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
