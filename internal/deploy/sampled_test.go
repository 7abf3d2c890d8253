package deploy_test

import (
	"hash/crc32"
	"testing"
)

// sampled leaves out all but about one of n cases of a table in short runs, which are those with the race detector: it makes each ten
// times dearer and finds nothing more in more of them. The case's name decides, so that each run takes the same ones.
func sampled(t *testing.T, n uint32) {
	t.Helper()
	if testing.Short() && crc32.ChecksumIEEE([]byte(t.Name()))%n != 0 {
		t.Skip("left out of short runs")
	}
}

// some are the numbers below n, and the middle one of them in short runs.
func some(n int) (all []int) {
	if testing.Short() {
		return []int{n / 2}
	}
	for i := range n {
		all = append(all, i)
	}
	return all
}

// points are how many moments of a run are tried, spread over the whole of it.
func points() int {
	if testing.Short() {
		return 2
	}
	return 12
}
