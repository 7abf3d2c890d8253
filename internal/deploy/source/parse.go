package source

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// CloudFormation's limits (User Guide, "CloudFormation quotas").
const (
	// MaxInline is the size in bytes of a template that goes with the request; larger ones need a bucket.
	MaxInline = 51_200
	// MaxTemplate is the size in bytes of a template in a bucket.
	MaxTemplate    = 1 << 20
	maxResources   = 500
	maxNames       = 200 // parameters, outputs, mappings
	maxDescription = 1024
	// maxOperation is how many resources one operation on nested stacks may have.
	maxOperation = 2500
)

// Parse reads one template, YAML or JSON. Errors name the file, the place and what is allowed.
func Parse(name string, body []byte) (*Template, error) {
	if len(body) > MaxTemplate {
		return nil, limit(name+" is too large for CloudFormation", "bytes", len(body), MaxTemplate)
	}
	document, err := decode(body)
	if err != nil {
		return nil, broken(name, err)
	}
	if document == nil {
		return nil, broken(name, errors.New("it is empty"))
	}
	value, err := plainValue(document, 0)
	if err != nil {
		return nil, broken(name, err)
	}
	sections := fields(value)
	if len(fields(sections["Resources"])) == 0 {
		return nil, broken(name, errors.New("no section Resources with a resource"))
	}
	t := &Template{Name: name, Body: body, Hash: hashOf(body), Description: text(sections["Description"]),
		Outputs: fields(sections["Outputs"]), Conditions: fields(sections["Conditions"]), Rules: fields(sections["Rules"]), Owned: owned(sections),
		Parameters: map[string]Parameter{}, Resources: map[string]Resource{}}
	if err := t.declare(sections); err != nil {
		return nil, err
	}
	t.locate(document)
	return t, t.withinLimits(len(fields(sections["Mappings"])))
}

// declare takes the parameters and resources.
func (t *Template) declare(sections map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(fields(sections["Parameters"]))) {
		v := fields(fields(sections["Parameters"])[name])
		if text(v["Type"]) == "" {
			return broken(t.Name, fmt.Errorf("parameter %s has no Type", name))
		}
		t.Parameters[name] = newParameter(name, v)
	}
	for _, id := range slices.Sorted(maps.Keys(fields(sections["Resources"]))) {
		if strings.HasPrefix(id, "Fn::") { // loops of a transform, which only CloudFormation unrolls
			continue
		}
		v := fields(fields(sections["Resources"])[id])
		if text(v["Type"]) == "" {
			return broken(t.Name, fmt.Errorf("resource %s has no Type", id))
		}
		t.Resources[id] = newResource(v, t.Parameters)
	}
	return nil
}

func broken(name string, err error) error {
	return &fault.Error{Code: fault.Usage, What: name + " is no CloudFormation template", Err: err}
}

// withinLimits refuses what CloudFormation would refuse after the upload.
func (t *Template) withinLimits(mappings int) error {
	for _, l := range []struct {
		what       string
		count, max int
	}{{"resources", len(t.Resources), maxResources}, {"parameters", len(t.Parameters), maxNames}, {"outputs", len(t.Outputs), maxNames}, {"mappings", mappings, maxNames}} {
		if l.count > l.max {
			return limit(t.Name+" has too many "+l.what, "", l.count, l.max)
		}
	}
	if len(t.Description) > maxDescription {
		return limit("the description of "+t.Name+" is too long", "bytes", len(t.Description), maxDescription)
	}
	return nil
}

func limit(what, unit string, found, allowed int) error {
	return &fault.Error{Code: fault.Usage, What: what, Found: strings.TrimSpace(strconv.Itoa(found) + " " + unit), Allowed: strings.TrimSpace(fmt.Sprintf("at most %d %s", allowed, unit))}
}

// owned are the parameters that the template's console groups leave to the deploy command.
func owned(sections map[string]any) []string {
	var found []string
	groups, _ := fields(fields(sections["Metadata"])["AWS::CloudFormation::Interface"])["ParameterGroups"].([]any)
	for _, group := range groups {
		if text(fields(fields(group)["Label"])["default"]) != ownedGroup {
			continue
		}
		names, _ := fields(group)["Parameters"].([]any)
		for _, name := range names {
			found = append(found, text(name))
		}
	}
	slices.Sort(found)
	return found
}
