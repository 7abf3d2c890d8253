#!/bin/sh
# Fails by name when a tool is missing: need.sh go|cc|python3|ip|nft
set -eu

missing() {
	echo "$1 is missing: install $2" >&2
	exit 1
}

case $1 in
go)
	command -v go >/dev/null || missing go 'Go 1.26 or newer'
	;;
cc)
	command -v "$(go env CC)" >/dev/null || missing "$(go env CC)" 'a C compiler (Debian: gcc); the race detector needs it'
	;;
python3)
	command -v python3 >/dev/null || missing python3 'Python 3.11 or newer (Debian: python3-venv)'
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || missing 'Python 3.11' 'Python 3.11 or newer as python3'
	python3 -c 'import ensurepip, venv' 2>/dev/null || missing "Python's venv module" 'it (Debian: python3-venv)'
	;;
# They lie in sbin, which Debian's ordinary users do not search.
ip)
	PATH=$PATH:/usr/sbin:/sbin command -v ip >/dev/null || missing ip 'iproute2 (Debian: iproute2), or set ALLOW_NO_NETNS=1'
	;;
nft)
	PATH=$PATH:/usr/sbin:/sbin command -v nft >/dev/null || missing nft 'nftables (Debian: nftables), or set ALLOW_NO_NETNS=1'
	;;
*)
	echo "need.sh knows no tool $1" >&2
	exit 2
	;;
esac
