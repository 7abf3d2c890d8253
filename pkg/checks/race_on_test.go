//go:build race

package checks

// sampled is how much of a sample tests take: the race detector makes each ten times dearer and finds nothing more in more of them.
const sampled = 0.25
