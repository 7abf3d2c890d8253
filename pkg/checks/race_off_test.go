//go:build !race

package checks

// sampled is how much of a sample tests take: all.
const sampled = 1.0
