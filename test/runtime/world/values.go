package world

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Values are what only AWS knows: the value of each reference such as <platform/DataStack/Cluster>.Endpoint.Address, and of
// each secret, by ARN, the keys with their values.
type Values struct {
	// References are filled into texts wherever they occur.
	References map[string]string
	// Secrets are the keys and values by the ARN that the templates give.
	Secrets map[string]map[string]string
}

// Fill replaces references in a text.
func (v Values) Fill(text string) (string, error) {
	for _, name := range slices.Sorted(maps.Keys(v.References)) {
		text = strings.ReplaceAll(text, name, v.References[name])
	}
	if _, after, found := strings.Cut(text, "<platform/"); found {
		name, _, _ := strings.Cut(after, ">")
		return "", fmt.Errorf("no value is given for <platform/%s>, and only AWS knows it", name)
	}
	return text, nil
}

// Environ is the container's environment as ECS would make it: variables and secrets, sorted.
func (c Container) Environ(v Values) ([]string, error) {
	var list []string
	var problems []error
	for name, text := range c.Environment {
		filled, err := v.Fill(text)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s %s: %s: %w", c.Service, c.Name, name, err))
		}
		list = append(list, name+"="+filled)
	}
	for name, s := range c.Secrets {
		value, ok := v.Secrets[s.ARN][s.Key]
		if !ok {
			problems = append(problems, fmt.Errorf("%s %s: %s: secret %s has no key %s", c.Service, c.Name, name, s.ARN, s.Key))
		}
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list, errors.Join(problems...)
}

// Arguments are the container's command with references filled.
func (c Container) Arguments(v Values) ([]string, error) {
	arguments := make([]string, len(c.Command))
	for i, text := range c.Command {
		filled, err := v.Fill(text)
		if err != nil {
			return nil, fmt.Errorf("%s %s: argument %d: %w", c.Service, c.Name, i, err)
		}
		arguments[i] = filled
	}
	return arguments, nil
}
