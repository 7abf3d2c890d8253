package checks

import (
	"cmp"
	"slices"
)

// Rules are all rules, sorted by ID.
func Rules() []Rule {
	all := slices.Concat(alarmRules(), availabilityRules(), balancingRules(), containerRules(), databaseRules(), deploymentRules(), encryptionRules(), enoughRules(), eventRuleRules(), identityRules(),
		lifecycleRules(), logRules(), metricRules(), networkRules(), requiredRules(), scalingRules(), serviceRules())
	slices.SortStableFunc(all, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return all
}
