#!/bin/sh
# Runs all tests of the main module once, with the race detector, and fails when a statement of pkg/ or internal/ is not
# covered: coverage.sh [profile]. A statement counts as covered when any package's test reaches it.
set -eu

profile=${1:-coverage.out}
# Ten minutes, the default, are too few for the rules where two packages share two slow cores.
go test -race -timeout 25m -covermode=atomic -coverprofile="$profile" -coverpkg=./pkg/...,./internal/... ./...

# A profile line reads "module/package/file.go:12.34,56.78 statements count", once for each test binary.
awk -v module="$(go list -m)/" '
	NR > 1 {
		block = substr($1, length(module) + 1)
		statements[block] = $2
		if ($3 > 0) hit[block] = 1
	}
	END {
		for (block in statements) {
			package = block
			sub("/[^/]*$", "", package)
			total[package] += statements[block]
			if (block in hit) covered[package] += statements[block]
			else if (statements[block] > 0) missed[block] = 1
		}
		for (package in total) {
			if (total[package] == 0) continue
			packages++
			printf "%6.1f%%  %s\n", 100 * covered[package] / total[package], package | "sort -k 2"
		}
		close("sort -k 2")
		for (block in missed) {
			if (!failed++) print "not covered:"
			print "  " block | "sort -t : -k 1,1 -k 2n"
		}
		close("sort -t : -k 1,1 -k 2n")
		if (!packages) print "no statement of pkg/ or internal/ was measured"
		exit failed > 0 || !packages
	}
' "$profile"
