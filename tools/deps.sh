#!/bin/sh
# deps.sh build|demo|test|bench|fuzz: installs the Debian packages that the step needs and this machine lacks.
# Prints nothing and needs no root if all of them are installed.
set -eu
build='gcc libc6-dev make meson ninja-build pkg-config libmicrohttpd-dev libsqlite3-dev libpq-dev
	libcurl4-openssl-dev libssl-dev libp11-kit-dev libmd4c-dev libinih-dev libxml2-dev zlib1g-dev scdoc python3-yaml tzdata
	ca-certificates'
test="$build postgresql chromium libcmocka-dev libjansson-dev python3 python3-jwt python3-cryptography g++
	clang-format pmccabe mandoc sqlite3 openssl softhsm2 nginx curl util-linux procps fonts-dejavu-core"
case "${1:-}" in
build) want=$build ;;
demo) want="$build curl" ;;
test) want=$test ;;
bench) want="$build postgresql python3 libcmocka-dev libjansson-dev util-linux procps openssl glewlwyd
	nginx strace valgrind" ;;
fuzz) want="$build clang libclang-rt-14-dev libcmocka-dev libjansson-dev" ;;
*)
	echo "usage: $0 build|demo|test|bench|fuzz" >&2
	exit 2
	;;
esac
if [ "$1" = test ] || [ "$1" = bench ]; then
	command -v node >/dev/null || want="$want nodejs"
	command -v npm >/dev/null || want="$want npm"
fi

missing=
for p in $want; do
	dpkg-query -W -f '${Status}\n' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
if [ -n "$missing" ]; then
	echo "installing:$missing" >&2
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -qq
	# shellcheck disable=SC2086
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if [ "$1" = test ] || [ "$1" = bench ]; then
	here=$(dirname "$0")/../tests
	if ! cmp -s "$here/package-lock.json" "$here/node_modules/.lock-installed"; then
		echo "installing: npm packages of the tests" >&2
		(cd "$here" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2 &&
			cp package-lock.json node_modules/.lock-installed)
	fi
fi
