package checks

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
)

// requiredRules are the rules about what makes templates whole, whatever they are for.
func requiredRules() []Rule {
	return []Rule{
		{ID: "REQ001", Title: "What AWS requires, or would otherwise take from the account's defaults, is written", Requirements: []string{"R1", "R2", "R18"}, Severity: High, Check: checkRequired},
		{ID: "REQ002", Title: "Nothing is written and left empty, unless empty says something", Requirements: []string{"R1", "R2", "R18"}, Severity: Medium, Check: checkNothingEmpty},
		{ID: "REQ003", Title: "Whatever a template refers to is declared in it", Requirements: []string{"R22"}, Severity: High, Check: checkNamesDeclared},
		{ID: "REQ004", Title: "Whatever a template declares, parameters, mappings and conditions, is used", Requirements: []string{"R22"}, Severity: Medium, Check: checkNamesUsed},
		{ID: "REQ005", Title: "A nested stack is given every parameter without default, and none that its template does not declare", Requirements: []string{"R22"}, Severity: High, Check: checkGiven},
		{ID: "REQ006", Title: "What cannot do without a parameter that may be left empty stands under a condition", Requirements: []string{"R22"}, Severity: Medium, Check: checkOptional},
	}
}

//go:embed required.txt
var requiredText string

// requiredProperty is a row of the table of required properties.
type requiredProperty struct {
	parent []string // steps to what must hold one of the names; "[*]" is every item of a list
	names  []string // one of them must be there
	when   requiredWhen
}

// requiredWhen is when a row counts: a property beside the names that is there, or has one of some values, or not.
type requiredWhen struct {
	property string
	values   []string // nil for any
	not      bool
}

// requiredProperties reads the table, by type.
func (w *World) requiredProperties() map[string][]requiredProperty {
	return w.models.required.get(func() map[string][]requiredProperty {
		table := map[string][]requiredProperty{}
		for _, row := range tableRows(requiredText) {
			for _, path := range row[1:] {
				table[row[0]] = append(table[row[0]], readRequired(path))
			}
		}
		return table
	})
}

// readRequired reads a row's path: "A[*].B|C?D=x,y" is, where D beside them is x or y, B or C in each item of A.
func readRequired(path string) requiredProperty {
	path, condition, _ := strings.Cut(path, "?")
	var p requiredProperty
	p.when.property, p.when.not = strings.CutPrefix(condition, "!")
	if property, values, valued := strings.Cut(p.when.property, "="); valued {
		p.when.property, p.when.values = property, strings.Split(values, ",")
	}
	steps := strings.Split(strings.ReplaceAll(path, "[*]", ".[*]"), ".")
	p.parent, p.names = steps[:len(steps)-1], strings.Split(steps[len(steps)-1], "|")
	return p
}

// holds tells whether the row counts for a parent, or why that is not known.
func (c requiredWhen) holds(parent Value) (bool, string) {
	if c.property == "" {
		return true, ""
	}
	v := parent.At(c.property)
	is := v.Exists() && (c.values == nil || slices.ContainsFunc(v.Texts(), func(text string) bool { return slices.Contains(c.values, text) }))
	return is != c.not, v.Unknown()
}

// checkRequired holds resources to the table. An unknown value is a value: that it is there is what counts.
func checkRequired(w *World, l *Looking) {
	table := w.requiredProperties()
	for _, s := range w.Stacks {
		for _, r := range s.Resources {
			for _, row := range table[r.Type] {
				l.required(r, row, r.Properties, row.parent, nil)
			}
		}
	}
}

// required judges a row in a value, with the steps that are left to its parents, and the way that led there.
func (l *Looking) required(r *Resource, row requiredProperty, v Value, left, way []string) {
	switch {
	case v.kind == unknownValue || v.kind == absentValue:
	case len(left) > 0 && left[0] == "[*]":
		for i, item := range v.List() {
			l.required(r, row, item, left[1:], append(way, indexStep(i)))
		}
	case len(left) > 0:
		l.required(r, row, v.fields[left[0]], left[1:], append(way, left[0]))
	case v.kind == mapValue && len(v.fields) > 0: // REQ002 speaks of empty ones
		l.Look()
		l.oneOf(r, row, v, way)
	}
}

func (l *Looking) oneOf(r *Resource, row requiredProperty, parent Value, way []string) {
	if slices.ContainsFunc(row.names, func(name string) bool { return parent.fields[name].Exists() }) {
		return
	}
	path, needed := pathOf(append(way, row.names[0])), strings.Join(row.names, " or ")
	switch counts, why := row.when.holds(parent); {
	case why != "":
		l.Unsure(r, path, needed, why)
	case counts:
		l.Fail(r, path, Value{}, needed, "write "+needed)
	}
}

// indexStep is the step to an item of a list, and pathOf the path of some steps.
func indexStep(i int) string { return "[" + strconv.Itoa(i) + "]" }

func pathOf(steps []string) string {
	return strings.ReplaceAll(strings.Join(steps, "."), ".[", "[")
}
