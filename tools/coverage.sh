#!/bin/sh
# Runs all tests of the main module in full and fails when a statement of pkg/ or internal/ is not covered: coverage.sh [profile].
# A statement counts as covered when any package's test reaches it. Packages of the deploy command are measured apart: whatever is
# measured is linked into each test binary, and the AWS clients are large.
set -eu

profile=${1:-coverage.out}
part=$(mktemp)
trap 'rm -f "$part"' EXIT
deploy='/(internal/(deploy|simulator|rehearsal|emulation)|cmd/deploy)(/|$)'
echo 'mode: set' >"$profile"
for group in -Ev -E; do
	packages=$(go list ./... | grep $group "$deploy")
	measured=$(echo "$packages" | grep -E "^$(go list -m)/(pkg|internal)/" | paste -s -d , -)
	# Ten minutes, the default, are too few where packages share two slow cores.
	go test -timeout 25m -coverprofile="$part" -coverpkg="$measured" $packages
	tail -n +2 "$part" >>"$profile"
done

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
