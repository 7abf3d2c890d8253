package golden

import (
	"cmp"
	"slices"
)

// union returns the keys of both sides, those of the first in front.
func union(before, after []string) []string {
	known := make(map[string]bool, len(before))
	for _, key := range before {
		known[key] = true
	}
	all := slices.Clone(before)
	for _, key := range after {
		if !known[key] {
			all = append(all, key)
		}
	}
	return all
}

// moved returns the keys common to both sides that are not where they were: the fewest whose removal leaves the rest
// in the same order.
func moved(before, after []string) []string {
	place := make(map[string]int, len(after))
	for i, key := range after {
		place[key] = i + 1
	}
	common := slices.DeleteFunc(slices.Clone(before), func(key string) bool { return place[key] == 0 })
	stayed := longestRising(common, place)
	return slices.DeleteFunc(common, func(key string) bool { return stayed[key] })
}

// longestRising finds the longest run of keys whose places rise, by patience sorting.
func longestRising(keys []string, place map[string]int) map[string]bool {
	previous := map[string]string{}
	var tops []string
	for _, key := range keys {
		pile, _ := slices.BinarySearchFunc(tops, place[key], func(top string, p int) int { return cmp.Compare(place[top], p) })
		if pile == len(tops) {
			tops = append(tops, "")
		}
		if tops[pile] = key; pile > 0 {
			previous[key] = tops[pile-1]
		}
	}
	run := map[string]bool{}
	if len(tops) > 0 {
		for key, more := tops[len(tops)-1], true; more; key, more = previous[key], previous[key] != "" {
			run[key] = true
		}
	}
	return run
}
