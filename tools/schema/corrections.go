package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// readCorrections reads the corrections file. It has the format of the schema
// itself, so that a correction reads as the line it produces.
func readCorrections(path string) (schema, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the corrections: %w", err)
	}
	s, err := parseSchema(string(data))
	if err != nil {
		return nil, fmt.Errorf("corrections %s: %w", path, err)
	}
	return s, nil
}

// parseSchema reads the schema format. Lines that start with #, after any
// space, are comments.
func parseSchema(text string) (schema, error) {
	s := schema{}
	var open string
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, " \t\r\n")
		if t := strings.TrimSpace(line); t == "" || strings.HasPrefix(t, "#") {
			continue
		}
		var err error
		if rest, ok := strings.CutPrefix(line, "\t"); ok {
			err = s.addMember(open, rest)
		} else {
			open, err = line, s.addShape(line)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return s, nil
}

// addShape opens a shape. A shape may not be opened twice: one place says all
// there is about it.
func (s schema) addShape(name string) error {
	if strings.Count(typeOf(name), "::") != 2 || strings.ContainsAny(name, " \t") {
		return fmt.Errorf("shape %q: want AWS::Service::Type or AWS::Service::Type.Shape", name)
	}
	if _, ok := s[name]; ok {
		return fmt.Errorf("shape %s is opened twice: want its members together", name)
	}
	s[name] = shape{}
	return nil
}

// addMember adds a member line to the open shape.
func (s schema) addMember(open, text string) error {
	if open == "" {
		return fmt.Errorf("member %q: want a shape line before it", text)
	}
	k, m, err := parseMember(text)
	if err != nil {
		return err
	}
	if _, ok := s[open][k]; ok {
		return fmt.Errorf("shape %s: %s is given twice: want it once", open, k.name)
	}
	if k.attribute && typeOf(open) != open {
		return fmt.Errorf("shape %s: attribute %s: want attributes on resource types only", open, k.name)
	}
	s[open][k] = m
	return nil
}

// correct merges corrections into the schema: a member replaces the one of the
// same name or is added. Corrections to types that are not kept are left out,
// so that a shorter type list works with the same file. All faults are
// reported together.
func (s schema) correct(fixes schema, known func(string) bool) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(fixes)) {
		if !known(typeOf(name)) {
			errs = append(errs, fmt.Errorf("shape %s: %s is no type of the specification: want one", name, typeOf(name)))
			continue
		}
		if _, kept := s[typeOf(name)]; kept {
			errs = append(errs, s.correctShape(name, fixes[name]))
		}
	}
	return errors.Join(errors.Join(errs...), s.checkReferences())
}

// correctShape merges the corrections of one shape. A correction that changes
// nothing is an error: the specification has caught up, and a stale line would
// hide the next mistake there.
func (s schema) correctShape(name string, fix shape) error {
	if s[name] == nil {
		s[name] = shape{}
	}
	var errs []error
	for _, k := range slices.SortedFunc(maps.Keys(fix), compareKeys) {
		if old, ok := s[name][k]; ok && old == fix[k] {
			errs = append(errs, fmt.Errorf("shape %s: %q is what the specification says: want the line removed",
				name, strings.TrimSpace(memberLine(k, old))))
		}
		s[name][k] = fix[k]
	}
	return errors.Join(errs...)
}

// checkReferences makes sure corrections left a whole schema: each nested
// shape that is named exists, and each that exists is named.
func (s schema) checkReferences() error {
	var errs []error
	used := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		for _, k := range slices.SortedFunc(maps.Keys(s[name]), compareKeys) {
			nested := shapeOf(s[name][k].kind)
			if nested == "" {
				continue
			}
			full := typeOf(name) + "." + nested
			used[full] = true
			if _, ok := s[full]; !ok {
				errs = append(errs, fmt.Errorf("shape %s: %s has kind %q: want a shape %s", name, k.name, s[name][k].kind, full))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if name != typeOf(name) && !used[name] {
			errs = append(errs, fmt.Errorf("shape %s: nothing has it as its kind: want a member that does", name))
		}
	}
	return errors.Join(errs...)
}
