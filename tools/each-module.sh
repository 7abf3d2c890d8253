#!/bin/sh
# Runs a command in every Go module of the repository that has Go files; with --others, in all but the main module.
# go test leaves out modules without tests: it would compile them all the same, and with the race detector the layout engine
# of tools/pictures alone takes a minute. That one is vetted like the others, and make pictures runs it.
# test/collector is left out always: its code is generated, and vet and staticcheck would compile the thousand packages below it for
# themselves, minutes each on an empty cache. make bin/collector compiles it. go test leaves out services and test/runtime as well, whose
# tests need the programs that make test-runtime installs.
set -eu

skip=
if [ "$1" = --others ]; then
	skip=.
	shift
fi
files='*.go'
if [ "$1 ${2-}" = 'go test' ]; then
	files='*_test.go'
fi

find . \( -name .venv -o -name testdata \) -prune -o -name go.mod -print | sort | while read -r mod; do
	dir=$(dirname "$mod")
	case "$dir $1 ${2-}" in
	./test/collector\ * | './services go test' | './test/runtime go test')
		continue
		;;
	esac
	if [ "$dir" = "$skip" ] || [ -z "$(find "$dir" -name "$files" | head -n 1)" ]; then
		continue
	fi
	echo "$dir: $*"
	(cd "$dir" && "$@" </dev/null)
done
