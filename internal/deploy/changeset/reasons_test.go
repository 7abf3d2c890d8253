package changeset_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// find is a change in a plan.
func find(t *testing.T, p report.Plan, id string) report.Change {
	t.Helper()
	for _, c := range p.Changes() {
		if c.LogicalID == id {
			return c.Change
		}
	}
	t.Fatalf("no change of %s in %+v", id, p)
	return report.Change{}
}

func changes(list ...types.Change) []types.Change { return list }

func change(action types.ChangeAction, id, typ string, details ...types.ResourceChangeDetail) types.Change {
	return types.Change{Type: types.ChangeTypeResource, ResourceChange: &types.ResourceChange{Action: action, LogicalResourceId: new(id), PhysicalResourceId: new("physical-" + id), ResourceType: new(typ),
		Replacement: types.ReplacementFalse, Details: details}}
}

func modify(id, typ string, details ...types.ResourceChangeDetail) types.Change {
	return change(types.ChangeActionModify, id, typ, details...)
}

func replaced(id, typ string, details ...types.ResourceChangeDetail) types.Change {
	c := modify(id, typ, details...)
	c.ResourceChange.Replacement = types.ReplacementTrue
	return c
}

// with changes a change.
func with(c types.Change, do func(*types.ResourceChange)) types.Change {
	copied := *c.ResourceChange
	c.ResourceChange = &copied
	do(&copied)
	return c
}

// byParameter is a reason in the form that CloudFormation gives placeholders: static, with a value that it does not know.
func given(value string) source.Given { return source.Given{Value: value} }

func byParameter(property, parameter string) types.ResourceChangeDetail {
	return types.ResourceChangeDetail{ChangeSource: types.ChangeSourceParameterReference, CausingEntity: new(parameter), Evaluation: types.EvaluationTypeStatic,
		Target: &types.ResourceTargetDefinition{Attribute: types.ResourceAttributeProperties, Name: new(property), Path: new("/Properties/" + property), RequiresRecreation: types.RequiresRecreationAlways, BeforeValue: new("old"), AfterValue: new(afterApply)}}
}

// direct is a reason for a value that CloudFormation knows.
func direct(property, before, after string, recreation types.RequiresRecreation) types.ResourceChangeDetail {
	return types.ResourceChangeDetail{ChangeSource: types.ChangeSourceDirectModification, Evaluation: types.EvaluationTypeStatic,
		Target: &types.ResourceTargetDefinition{Attribute: types.ResourceAttributeProperties, Name: new(property), Path: new("/Properties/" + property), RequiresRecreation: recreation, BeforeValue: new(before), AfterValue: new(after)}}
}

// changed changes a reason.
func changed(d types.ResourceChangeDetail, do func(*types.ResourceChangeDetail)) types.ResourceChangeDetail {
	target := *d.Target
	d.Target = &target
	do(&d)
	return d
}
