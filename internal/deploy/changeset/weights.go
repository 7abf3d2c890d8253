package changeset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Weights are the shares of the target groups behind a listener or one of its rules, by the target group's ARN.
type Weights map[string]int

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
			groups = []any{map[string]any{"TargetGroupArn": group, "Weight": "1"}}
		}
		if action["Type"] == "forward" && len(groups) == 0 {
			return nil, false
		}
		for _, item := range groups {
			if !found.add(item) {
				return nil, false
			}
		}
	}
	return found, is
}

// add takes one target group; false for one that cannot be told.
func (w Weights) add(item any) bool {
	group, _ := item.(map[string]any)
	arn, is := group["TargetGroupArn"].(string)
	weight, has := group["Weight"]
	if !has {
		weight = "1" // the only group takes everything (API reference, TargetGroupTuple)
	}
	n, err := strconv.Atoi(fmt.Sprint(weight))
	w[arn] += n
	return is && err == nil && !unknown(arn) && arn != ""
}

// Shares are the weights in percent: 1 and 0 are the same as 100 and 0. Target groups without a share are left out.
func (w Weights) Shares() map[string]int {
	total := 0
	for _, n := range w {
		total += n
	}
	found := map[string]int{}
	for group, n := range w {
		if n > 0 {
			found[group] = 100 * n / total
		}
	}
	return found
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
