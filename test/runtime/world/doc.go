// Package world builds, on one machine, the world that the rendered templates describe: it reads golden/ into containers,
// listener rules and security groups, and starts the real parts with exactly those settings, each task in a network
// namespace of its own, so that no address or port of the templates has to be changed.
package world
