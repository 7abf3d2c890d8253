// Package emulation holds the tests that run the deploy command's engine against an AWS emulator on this machine: whole lives of
// environments, with faults on the way. They need Python packages, which make test installs, and say so where they are missing.
package emulation
