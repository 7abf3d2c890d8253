package checks

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
)

func lifecycleRules() []Rule {
	return []Rule{
		{ID: "LIF001", Title: "Nothing is retained or kept as a snapshot", Requirements: []string{"R20"}, Severity: High, Check: checkRetained},
		{ID: "LIF002", Title: "What holds data says that it is deleted and replaced without remains", Requirements: []string{"R20"}, Severity: Medium, Check: checkDeletionSaid},
		{ID: "LIF003", Title: "Nothing is protected against deletion or leaves something behind", Requirements: []string{"R6", "R20"}, Severity: Medium, Check: checkDeletable},
		{ID: "LIF004", Title: "Every physical name holds the environment suffix", Requirements: []string{"R19"}, Severity: High, Check: checkNamesDiffer},
		{ID: "LIF005", Title: "Every physical name fits its service with the longest environment suffix", Requirements: []string{"R19"}, Severity: High, Check: checkNamesFit},
		{ID: "LIF006", Title: "CloudFormation leaves to CodeDeploy what CodeDeploy owns of a service", Requirements: []string{"R17"}, PCI: []string{"6.5.1"}, Severity: High, Check: checkDeployedServices},
		{ID: "LIF007", Title: "Listener rules carry both target groups of a deployment group, weighted by the live colour", Requirements: []string{"R17"}, PCI: []string{"6.5.1"}, Severity: High, Check: checkListenerWeights},
		{ID: "LIF008", Title: "Nested change sets can show every change: no transforms, hooks, exports or imports", Requirements: []string{"R20"}, Severity: High, Check: checkPlainTemplates},
		{ID: "LIF009", Title: "Parameters that take outputs of other stacks are plain texts, used as such", Requirements: []string{"R20"}, Severity: High, Check: checkFedParameters},
		{ID: "LIF010", Title: "A first deployment finds everything it needs in place", Requirements: []string{"R1", "R9", "R18"}, Severity: High, Check: checkFirstDeployment},
		{ID: "LIF011", Title: "Root templates are held to their region", Requirements: []string{"R22"}, Severity: Medium, Check: checkRegionAsserted},
		{ID: "LIF012", Title: "Root templates put out what people and tools need", Requirements: []string{"R22"}, Severity: Low, Check: checkRootOutputs},
		{ID: "LIF013", Title: "Every template of the set can be followed", Requirements: []string{"R22"}, Severity: High, Check: checkFollowed},
		{ID: "LIF014", Title: "What decides by the order it comes in, or is refused too early, has its order stated", Requirements: []string{"R1", "R8", "R11"}, Severity: Medium, Check: checkOrder},
	}
}

//go:embed lifecycle_stateful.txt
var statefulTypes string

//go:embed lifecycle_deletion.txt
var deletionProperties string

func checkRetained(w *World, l *Looking) {
	for _, s := range w.Stacks {
		for _, r := range s.Resources {
			l.Look()
			for _, attribute := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
				if v := r.attribute(attribute); v.Exists() && v.String() != "Delete" {
					l.FailUnlessExcused(r, attribute, v, "Delete", "set "+attribute+": Delete")
				}
			}
		}
	}
}

func checkDeletionSaid(w *World, l *Looking) {
	stateful := tableRows(statefulTypes)
	for _, s := range w.Stacks {
		for _, r := range s.Resources {
			isListed := slices.ContainsFunc(stateful, func(row []string) bool { return row[0] == r.Type })
			if !isListed && !r.Metadata.Field("Stateful").True() {
				continue
			}
			l.Look()
			for _, attribute := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
				if v := r.attribute(attribute); !v.Exists() {
					l.FailUnlessExcused(r, attribute, v, "Delete", "set "+attribute+": Delete")
				}
			}
		}
	}
}

func checkDeletable(w *World, l *Looking) {
	for _, row := range tableRows(deletionProperties) {
		allowed := regexp.MustCompile("^(" + row[2] + ")$")
		for _, r := range w.OfType(row[0]) {
			l.Look()
			v := r.At(row[1])
			if !v.Exists() && row[3] == "absent" || allowed.MatchString(v.String()) {
				continue
			}
			l.FailUnlessExcused(r, row[1], v, strings.Join(row[4:], " "), "set "+row[1])
		}
	}
	for _, r := range w.OfType("AWS::ElasticLoadBalancingV2::LoadBalancer") {
		l.Look()
		path, v := loadBalancerAttribute(r, "deletion_protection.enabled")
		if v.Unknown() != "" || v.True() {
			l.FailUnlessExcused(r, path, v, "false", "set deletion_protection.enabled: false")
		}
	}
}

// checkFollowed reports what keeps values from being followed: rules saw nothing behind it.
func checkFollowed(w *World, l *Looking) {
	for range w.Stacks {
		l.Look()
	}
	for _, problem := range w.Problems {
		name, why, _ := strings.Cut(problem, ": ")
		if t := w.set.template(strings.Fields(name)[0]); t != nil {
			l.UnsureTemplate(t, "Resources", "templates whose values can be followed", name+": "+why)
			continue
		}
		l.add(Finding{Rule: l.rule.ID, Outcome: Unsure, Found: "unknown", Needed: "templates whose values can be followed", Reason: problem})
	}
}
