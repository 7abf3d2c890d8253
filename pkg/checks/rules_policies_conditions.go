package checks

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed policies_conditions.txt
var policyConditionsText string

// checkHeldActions wants the condition on actions whose resource does not say what they are for: a task definition may run
// in any cluster.
func checkHeldActions(w *World, l *Looking) {
	rows := tableRows(policyConditionsText)
	everyAllow(w, l, "a condition that says where", func(s *Statement) {
		for _, row := range rows {
			keys := strings.Split(row[2], ",")
			if !s.touches(row[0]) || row[1] == "any" && !slices.ContainsFunc(s.Resources.Texts, isAnyResource) {
				continue
			}
			l.Look()
			if !s.narrowed(keys...) {
				fault(l, s, noExcuse, s.Path+".Condition", row[0]+", "+conditionsShown(s), "a condition on "+strings.Join(keys, " or "), "add the condition")
			}
		}
	}, IdentityPolicy)
}

//go:embed policies_contexts.txt
var policyContextsText string

// judgeServices holds services that use a key by themselves to what they encrypt with it.
func (id *Identity) judgeServices(l *Looking, s *Statement) {
	if !s.touches("kms:GenerateDataKey", "kms:Encrypt") {
		return
	}
	for _, row := range tableRows(policyContextsText) {
		service := strings.ReplaceAll(row[0], "{region}", id.region)
		if !slices.Contains(s.servicesNamed(), service) {
			continue
		}
		l.Look()
		if keys := strings.Split(row[1], ","); !s.narrowed(keys...) {
			fault(l, s, noExcuse, s.Path+".Condition", service+", "+conditionsShown(s), "a condition on "+strings.Join(keys, " or "), "add what the service encrypts")
		}
	}
}
