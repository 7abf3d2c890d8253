#!/bin/sh
# Runs a command in every Go module of the repository that has Go files; with --others, in all but the main module.
set -eu

skip=
if [ "$1" = --others ]; then
	skip=.
	shift
fi

find . \( -name .venv -o -name testdata \) -prune -o -name go.mod -print | sort | while read -r mod; do
	dir=$(dirname "$mod")
	if [ "$dir" = "$skip" ] || [ -z "$(find "$dir" -name '*.go' | head -n 1)" ]; then
		continue
	fi
	echo "$dir: $*"
	(cd "$dir" && "$@" </dev/null)
done
