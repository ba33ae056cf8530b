#!/bin/bash
# What the Makefile says while it works. Commands that install and build are stood in for.
. "$(dirname "$0")/tap.bash"
mkdir -p "$work/tree/tools" "$work/tree/demo" "$work/bin" && cd "$work/tree" || exit 1
cp "$SAMTYKKE_ROOT/Makefile" . && cp "$SAMTYKKE_ROOT/tools/deps.sh" tools/
stub() { # FILE LINE…
	printf '%s\n' '#!/bin/sh' "${@:2}" >"$1" && chmod +x "$1"
}
stub demo/run.sh 'echo "the demo: $*"'
stub "$work/bin/dpkg-query" '[ -e installed ] && echo "install ok installed"'
stub "$work/bin/apt-get" 'case "$*" in *install*) touch installed ;; esac'
stub "$work/bin/sudo" 'exec "$@"'
stub "$work/bin/meson" 'mkdir -p build && touch build/build.ninja'
stub "$work/bin/ninja" 'case "$*" in *-n*) [ -e built ] && echo "ninja: no work to do." ;; *) touch built ;; esac'
demo() {
	run env "PATH=$work/bin:$PATH" make --no-print-directory demo ARGS=--once
	echo "status $status; stdout: $out; stderr: $err"
	[ "$status" -eq 0 ] && [ "$out" = 'the demo: --once' ]
}
first() {
	demo && contains "$err" '^installing: .*meson' && contains "$err" '^building, about a minute' && contains "$err" '^starting the sandbox'
}
check 'make demo says that it installs, builds and starts' first
again() {
	demo && [ "$err" = 'starting the sandbox, a bank and a tax authority' ]
}
check 'again it only starts' again
interrupted() {
	rm built && demo && contains "$err" '^building' && ! grep -q '^installing' <<<"$err"
}
check 'a build that was broken off is said, too' interrupted
done_testing
