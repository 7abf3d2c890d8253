package checks

import "testing"

// sampled is how many of n samples a test takes: a quarter in short runs, which are those with the race detector. It makes each ten times
// dearer and finds nothing more in more of them.
func sampled(n int) int {
	if testing.Short() {
		return max(1, n/4)
	}
	return n
}
