package checks

import (
	"cmp"
	"slices"
)

// Rules are all rules, sorted by ID.
func Rules() []Rule {
	all := slices.Concat(alarmRules(), availabilityRules(), containerRules(), encryptionRules(), enoughRules(), identityRules(),
		lifecycleRules(), logRules(), networkRules(), scalingRules())
	slices.SortStableFunc(all, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return all
}
