package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// Values are parameter values and where they come from.
type Values struct {
	// Origin names the source for errors: "environments/dev.yaml" or "-p".
	Origin string
	ByName map[string]string
	// MayOwn is set for the deploy command's own values, which files and flags must not give.
	MayOwn bool
}

// ReadValues reads a parameter file: a map of names and values in YAML or JSON, or the list of ParameterKey and ParameterValue
// that the AWS command line takes. Keys that stand twice, and values that are no scalars, are errors.
func ReadValues(origin string, data []byte) (Values, error) {
	values := Values{Origin: origin, ByName: map[string]string{}}
	wrong := func(err error) (Values, error) {
		return Values{}, &fault.Error{Code: fault.Usage, What: origin + " is no parameter file", Err: err, Allowed: "a map of names and values"}
	}
	document, err := decode(data)
	if err != nil {
		return wrong(err)
	}
	if document == nil {
		return values, nil
	}
	decoded, err := plainValue(document, 0)
	if err != nil {
		return wrong(err)
	}
	switch v := decoded.(type) {
	case nil:
	case []any:
		err = values.fromList(v)
	case map[string]any:
		err = values.fromMap(v)
	default:
		err = errors.New("neither a map nor a list")
	}
	if err != nil {
		return wrong(err)
	}
	return values, nil
}

func (v Values) fromMap(byName map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		scalar, err := scalarOf(byName[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		v.ByName[name] = scalar
	}
	return nil
}

// fromList takes what the AWS command line takes.
func (v Values) fromList(list []any) error {
	for i, item := range list {
		key := text(fields(item)["ParameterKey"])
		if key == "" {
			return fmt.Errorf("item %d has no ParameterKey", i+1)
		}
		if _, twice := v.ByName[key]; twice {
			return fmt.Errorf("item %d: %s stands twice", i+1, key)
		}
		scalar, err := scalarOf(fields(item)["ParameterValue"])
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		v.ByName[key] = scalar
	}
	return nil
}

// scalarOf is a value as CloudFormation takes it: lists become comma-delimited text.
func scalarOf(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case nil:
		return "", errors.New("it has no value; write '' for an empty one")
	case []any:
		var items []string
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return "", errors.New("a list of anything but texts is no parameter value")
			}
			items = append(items, s)
		}
		return strings.Join(items, ","), nil
	}
	return "", errors.New("a map is no parameter value")
}

// nameForm is what is taken for a parameter's name where there is no value; anything else may be a value, and a secret.
var nameForm = regexp.MustCompile(`^[A-Z][a-z]+([A-Z][a-z]*)*$`)

// ParseFlag reads the NAME=VALUE of one of several flags, the first of which has position 1. Errors do not quote what may be a secret.
func ParseFlag(position int, flag string) (name, value string, err error) {
	name, value, ok := strings.Cut(flag, "=")
	wrong := &fault.Error{Code: fault.Usage, What: "the " + ordinal(position) + " -p has no value", Allowed: "NAME=VALUE"}
	switch {
	case ok && name != "":
		return name, value, nil
	case ok:
		wrong.What = "the " + ordinal(position) + " -p has no name"
	case nameForm.MatchString(name):
		wrong.Found = name
	}
	return "", "", wrong
}

// ordinal is a number as in 1st, 2nd, 3rd, 4th, 11th.
func ordinal(n int) string {
	ending := "th"
	if tens := n / 10 % 10; tens != 1 && n%10 < 4 {
		ending = []string{"th", "st", "nd", "rd"}[n%10]
	}
	return strconv.Itoa(n) + ending
}

// A Given is what a parameter of the root stack gets.
type Given struct {
	Value string
	// Previous tells that the stack's present value stays.
	Previous bool
	// Secret tells that the value must not be shown.
	Secret bool
}

// Resolve decides the value of each of a root template's parameters: later layers win over earlier ones; what none gives keeps the
// stack's present value if the parameter is the deploy command's own or holds a secret, and else takes the default. It reports all
// that is wrong at once: unknown names, owned ones, values that do not fit, values missing. stack holds the names that the deployed
// stack has values for; nil for a first deployment.
func Resolve(t *Template, stack []string, layers ...Values) (map[string]Given, error) {
	given := map[string]Given{}
	var wrong []error
	for _, layer := range layers {
		for _, name := range slices.Sorted(maps.Keys(layer.ByName)) {
			if err := t.admit(name, layer); err != nil {
				wrong = append(wrong, err)
				continue
			}
			given[name] = Given{Value: layer.ByName[name], Secret: t.Parameters[name].NoEcho}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		if _, done := given[name]; done {
			continue
		}
		p := t.Parameters[name]
		switch keeps := slices.Contains(t.Owned, name) || p.NoEcho; {
		case keeps && slices.Contains(stack, name):
			given[name] = Given{Previous: true, Secret: p.NoEcho}
		case p.Default == nil:
			wrong = append(wrong, &fault.Error{Code: fault.Usage, What: "parameter " + name + " of " + t.Name + " has no value", Allowed: p.wanted(), Do: howToGive(name, slices.Contains(t.Owned, name))})
		default:
			given[name] = Given{Value: *p.Default, Secret: p.NoEcho}
			if err := p.exposes(*p.Default, "the default in "+t.Name); err != nil {
				wrong = append(wrong, err)
			}
		}
	}
	return given, errors.Join(wrong...)
}

func howToGive(name string, owned bool) string {
	if strings.HasSuffix(name, "ImageDigest") && owned {
		return "a first deployment takes --image NAME@sha256:… for it"
	}
	return "add it to the parameter file, or give -p " + name + "=VALUE"
}

// wanted is what a parameter takes, in words.
func (p Parameter) wanted() string {
	switch {
	case p.ConstraintDescription != "":
		return p.ConstraintDescription
	case len(p.AllowedValues) > 0:
		return strings.Join(p.AllowedValues, ", ")
	}
	return p.Description
}

// Admit refuses values that the template does not take, all at once.
func (t *Template) Admit(layers ...Values) error {
	var wrong []error
	for _, layer := range layers {
		for _, name := range slices.Sorted(maps.Keys(layer.ByName)) {
			wrong = append(wrong, t.admit(name, layer))
		}
	}
	return errors.Join(wrong...)
}

// admit refuses a value that the layer may not give, or that does not fit.
func (t *Template) admit(name string, layer Values) error {
	p, known := t.Parameters[name]
	if !known {
		return &fault.Error{Code: fault.Usage, What: layer.Origin + " gives a parameter that " + t.Name + " does not have", Found: name,
			Allowed: strings.Join(t.settable(), ", ")}
	}
	if slices.Contains(t.Owned, name) && !layer.MayOwn {
		return &fault.Error{Code: fault.Usage, What: layer.Origin + " gives a parameter that the deploy command sets itself", Found: name, Allowed: strings.Join(t.settable(), ", ")}
	}
	// First, because the other error quotes the value.
	if err := p.exposes(layer.ByName[name], layer.Origin); err != nil {
		return err
	}
	if err := p.Check(layer.ByName[name]); err != nil {
		return fmt.Errorf("%s: %w", layer.Origin, err)
	}
	return nil
}

// settable are the parameters that files and flags may give.
func (t *Template) settable() []string {
	names := slices.Sorted(maps.Keys(t.Parameters))
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(t.Owned, name) })
}

// Fingerprint is the same for the same values: the hash by which a stored plan notices others. No value can be read from it.
func Fingerprint(given map[string]Given) string {
	data, _ := json.Marshal(given) // of texts and truths: cannot fail, sorted by name
	return hashOf(data)
}
