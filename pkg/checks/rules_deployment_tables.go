package checks

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed deployment_actions.txt
var deploymentActionsText string

//go:embed deployment_features.txt
var deploymentFeaturesText string

//go:embed deployment_resources.txt
var deploymentResourcesText string

//go:embed deployment_names.txt
var deploymentNamesText string

// deploymentTables say what CloudFormation's handlers call.
type deploymentTables struct {
	types map[string]*deploymentType
	// any are the features of all types, by action.
	any map[string]string
	// forms are the ARNs of the kinds of resources, kinds those that an action is done to, held the condition key that holds it
	// to what a kind without names is for.
	forms map[string]string
	kinds map[string][]string
	held  map[string]string
}

// deploymentType is what the handlers of a type call, and on what.
type deploymentType struct {
	actions []deploymentAction
	listed  map[string]int // actions by name
	names   []deploymentName
	keys    []deploymentName // condition keys
}

// deploymentAction is an action that handlers call.
type deploymentAction struct {
	name, key string // as written, and in lower case
	when      string // see deployment_features.txt
	creates   bool   // called to create
	changes   bool   // called to update or delete
	on        []deploymentName
}

// deploymentName says which resource of a kind it is that an action is done to.
type deploymentName struct{ kind, property, without, name string }

// What deployment_features.txt says instead of a property.
const (
	calledAlways  = "always"
	calledNever   = "never"
	calledGranted = "granted"
)

func readDeploymentTables() *deploymentTables {
	t := &deploymentTables{types: map[string]*deploymentType{}, any: map[string]string{}, forms: map[string]string{}, kinds: map[string][]string{},
		held: map[string]string{}}
	for _, fields := range tableRows(deploymentActionsText) {
		for _, action := range fields[2:] {
			a := t.typeOf(fields[0]).action(action)
			a.creates = a.creates || fields[1] == "create"
			a.changes = a.changes || (fields[1] == "update" || fields[1] == "delete") && !readsOnly(action)
		}
	}
	for _, fields := range tableRows(deploymentFeaturesText) {
		t.addFeature(fields[0], fields[1], fields[2:])
	}
	for _, fields := range tableRows(deploymentResourcesText) {
		t.addKind(fields[0], fields[1], fields[2:])
	}
	for _, fields := range tableRows(deploymentNamesText) {
		t.typeOf(fields[0]).addNames(fields[1:])
	}
	for _, of := range t.types {
		for i := range of.actions {
			of.actions[i].on = t.namesFor(of, of.actions[i].name)
		}
	}
	return t
}

// addKind notes the actions that are done to a kind of resource, or are held by a condition key.
func (t *deploymentTables) addKind(kind, form string, actions []string) {
	key, isKey := strings.CutPrefix(kind, "@")
	service, _, _ := strings.Cut(key, ":")
	for _, action := range actions {
		if isKey {
			t.held[service+":"+action] = key
		} else {
			t.kinds[service+":"+action] = append(t.kinds[service+":"+action], kind)
		}
	}
	t.forms[kind] = form
}

// readsOnly tells by its verb whether an action changes nothing.
func readsOnly(action string) bool {
	_, verb, _ := strings.Cut(action, ":")
	return strings.HasPrefix(verb, "Get") || strings.HasPrefix(verb, "List") || strings.HasPrefix(verb, "Describe")
}

func (t *deploymentTables) typeOf(name string) *deploymentType {
	if t.types[name] == nil {
		t.types[name] = &deploymentType{listed: map[string]int{}}
	}
	return t.types[name]
}

// action finds an action of the type, or adds it.
func (t *deploymentType) action(name string) *deploymentAction {
	at, known := t.listed[name]
	if !known {
		at = len(t.actions)
		t.listed[name] = at
		t.actions = append(t.actions, deploymentAction{name: name, key: strings.ToLower(name)})
	}
	return &t.actions[at]
}

// addFeature notes when actions are called: the first row that names an action decides.
func (t *deploymentTables) addFeature(name, when string, actions []string) {
	for _, action := range actions {
		if name == "*" {
			t.any[action] = when
			continue
		}
		if a := t.typeOf(name).action(action); a.when == "" {
			a.when = when
		}
	}
}

func (t *deploymentType) addNames(fields []string) {
	for _, field := range fields {
		var n deploymentName
		n.kind, n.name, _ = strings.Cut(field, "=")
		n.kind, n.property, _ = strings.Cut(n.kind, "?")
		n.kind, n.without, _ = strings.Cut(n.kind, "!")
		if key, ok := strings.CutPrefix(n.kind, "@"); ok {
			n.kind = key
			t.keys = append(t.keys, n)
		} else {
			t.names = append(t.names, n)
		}
	}
}

// when tells when a type's action is called.
func (t *deploymentTables) when(a deploymentAction) string {
	if a.when == "" {
		return t.any[a.name]
	}
	return a.when
}

// namesFor are the names of what an action of a type is done to: of the type's kinds those that the action takes, or any of the
// action's. Tags go to the resource itself.
func (t *deploymentTables) namesFor(of *deploymentType, action string) []deploymentName {
	kinds := t.kinds[action]
	var names []deploymentName
	for i, n := range of.names {
		if slices.Contains(kinds, n.kind) {
			names = append(names, n)
			if i == 0 && strings.Contains(action, "Tag") {
				return names
			}
		}
	}
	if len(names) > 0 {
		return names
	}
	for _, kind := range kinds {
		names = append(names, deploymentName{kind: kind})
	}
	return names
}
