// Package architecture holds the tests that keep the rules about packages true: who may import what, and how much a
// fresh clone compiles.
package architecture
