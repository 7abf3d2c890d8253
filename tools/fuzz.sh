#!/bin/sh
# Runs every fuzz target of every module for a while: fuzz.sh [time], 10s without it.
set -eu

time=${1:-10s}
grep -rEo --include='*_test.go' --exclude-dir=.venv '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file target; do
	target=${target#func }
	echo "$file: $target"
	# Without a limit, most of a short run would go into making new inputs smaller.
	go -C "$(dirname "$file")" test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x . </dev/null
done
