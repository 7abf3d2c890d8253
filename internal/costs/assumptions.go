package costs

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Assumption is how much of something an environment uses in a month.
type Assumption struct {
	Name string `yaml:"name" json:"name"`
	What string `yaml:"what" json:"what"`
	Unit string `yaml:"unit" json:"unit"`
	// Values are by environment.
	Values map[string]float64 `yaml:"values" json:"values"`
	// AtMost is the greatest value that makes sense; 0 stands for a thousand million.
	AtMost float64 `yaml:"at_most" json:"at_most,omitempty"`
	// LogGroups are beginnings of the names of log groups that each take so many GB.
	LogGroups []string `yaml:"log_groups" json:"log_groups,omitempty"`
}

// Assumptions are the assumptions about all environments.
type Assumptions struct {
	Environments []string     `yaml:"environments" json:"environments"`
	List         []Assumption `yaml:"assumptions" json:"assumptions"`
}

//go:embed assumptions.yaml
var assumptionsText []byte

// DefaultAssumptions are those that come with the package.
func DefaultAssumptions() (Assumptions, error) {
	return ReadAssumptions("assumptions.yaml", assumptionsText)
}

// ReadAssumptions reads assumptions. They must have the names of those that come with the package; those about log groups
// are free. The error names everything that is wrong.
func ReadAssumptions(name string, data []byte) (Assumptions, error) {
	var a, known Assumptions
	if err := errors.Join(strict(name, data, &a), strict(name, assumptionsText, &known)); err != nil {
		return Assumptions{}, err
	}
	var problems []error
	if len(a.Environments) == 0 {
		problems = append(problems, fmt.Errorf("%s: environments is empty: it must name at least one", name))
	}
	for i, one := range a.List {
		if slices.ContainsFunc(a.List[:i], func(other Assumption) bool { return other.Name == one.Name }) {
			problems = append(problems, fmt.Errorf("%s: assumption %s stands twice", name, one.Name))
		}
		problems = append(problems, one.check(name+": assumption "+one.Name, a.Environments))
	}
	problems = append(problems, sameNames(name, "assumption", a.names(), known.names()))
	if err := errors.Join(problems...); err != nil {
		return Assumptions{}, err
	}
	return a, nil
}

// names are those of the assumptions that are not about log groups.
func (a Assumptions) names() (names []string) {
	for _, one := range a.List {
		if one.LogGroups == nil {
			names = append(names, one.Name)
		}
	}
	return names
}

func (a Assumption) check(where string, environments []string) error {
	problems := []error{needText(where, "what", a.What), needText(where, "unit", a.Unit)}
	for _, environment := range environments {
		value, ok := a.Values[environment]
		if !ok {
			problems = append(problems, fmt.Errorf("%s: values has no %s", where, environment))
		}
		problems = append(problems, a.allows(where, value))
	}
	for _, environment := range slices.Sorted(maps.Keys(a.Values)) {
		if !slices.Contains(environments, environment) {
			problems = append(problems, fmt.Errorf("%s: values has %s: it must be one of %s", where, environment, strings.Join(environments, ", ")))
		}
	}
	return errors.Join(problems...)
}

// allows is why a value makes no sense.
func (a Assumption) allows(where string, value float64) error {
	if most := cmp.Or(a.AtMost, 1e9); !within(value, most) {
		return fmt.Errorf("%s is %v: it must be from 0 to %v", where, value, most)
	}
	return nil
}

// Set changes the values of an assumption for all environments: "NAME=VALUE".
func (a Assumptions) Set(text string) (Assumptions, error) {
	name, written, found := strings.Cut(text, "=")
	value, err := strconv.ParseFloat(written, 64)
	if !found || err != nil {
		return a, fmt.Errorf("assumption %q: it must be NAME=VALUE with a number", text)
	}
	var names []string
	for i, one := range a.List {
		names = append(names, one.Name)
		if one.Name != name {
			continue
		}
		if err := one.allows("assumption "+name, value); err != nil {
			return a, err
		}
		values := map[string]float64{}
		for _, environment := range a.Environments {
			values[environment] = value
		}
		a.List = slices.Clone(a.List)
		a.List[i].Values = values
		return a, nil
	}
	return a, fmt.Errorf("there is no assumption %q: it must be one of %s", name, strings.Join(names, ", "))
}

// Usage is the assumptions about one environment.
type Usage struct {
	Environment string

	values map[string]float64
	logs   map[string]float64 // GB by beginning of a log group's name
}

// Of gives the assumptions about an environment.
func (a Assumptions) Of(environment string) (Usage, error) {
	if !slices.Contains(a.Environments, environment) {
		return Usage{}, fmt.Errorf("nothing is assumed about environment %q: it must be one of %s", environment, strings.Join(a.Environments, ", "))
	}
	u := Usage{Environment: environment, values: map[string]float64{}, logs: map[string]float64{}}
	for _, one := range a.List {
		u.values[one.Name] = one.Values[environment]
		for _, beginning := range one.LogGroups {
			u.logs[beginning] = one.Values[environment]
		}
	}
	return u, nil
}

// AtMaximum is the usage with tasks and database at their greatest all month.
func (u Usage) AtMaximum() Usage {
	u.values = maps.Clone(u.values)
	u.values["task_scaling"], u.values["database_scaling"] = 1, 1
	return u
}

func (u Usage) of(name string) float64 { return u.values[name] }

// logGB is how much goes to a log group: the longest beginning of its name decides.
func (u Usage) logGB(group string) float64 {
	longest, gb := -1, 0.0
	for beginning, value := range u.logs {
		if strings.HasPrefix(group, beginning) && len(beginning) > longest {
			longest, gb = len(beginning), value
		}
	}
	return gb
}
