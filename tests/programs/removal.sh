#!/bin/bash
# An extension can be left out: without its folder and its name in the one row, the program builds and passes its other tests.
. "$(dirname "$0")/tap.bash"
tree=$work/tree
mkdir "$tree" && (cd "$SAMTYKKE_ROOT" && git ls-files -z | xargs -0 cp --parents -t "$tree" 2>/dev/null)
cd "$tree" || exit 1
name=altinn2
check 'the row stands once' [ "$(grep -cE "^ *extensions = \['$name'\]$" src/meson.build)" = 1 ]
rm -r "src/$name" && sed -i "s/^\( *extensions = \)\['$name'\]$/\1[]/" src/meson.build
# Its own tests go with it.
rm -f tests/unit/"$name"_*_test.c
sed -i "/${name}_dep/d" tests/*/meson.build
sed -i "/subdir('\(fuzz\|interop\|bench\)')/d" tests/meson.build # no test of theirs runs here

units() {
	local test bad=0
	for test in built/tests/unit/*_test; do
		timeout 120 "$test" >"$work/unit.out" 2>&1 || { bad=1; echo "$test"; grep -A 3 '^not ok' "$work/unit.out"; }
	done
	return $bad
}
configured() {
	meson setup built -Dtests=true -Dbuildtype=debug >"$work/meson.out" 2>&1 || { tail -n 15 "$work/meson.out"; return 1; }
}
built() {
	ninja -C built --quiet >"$work/ninja.out" 2>&1 || { grep -m 10 -A 3 -E 'error|undefined' "$work/ninja.out"; return 1; }
}
check 'nothing else includes its headers' bash -c "! grep -rnE '#include \"$name/' src lib"
check 'what is left is configured' configured || exit 1
check 'and builds' built || exit 1
check 'the other unit tests pass' units
check 'includes still point downward' sh tests/lint/layers.sh src tests/lint/layers.txt
check 'a sandbox starts' start sandbox built/samtykke sandbox --port 0 &&
	check 'and shows its page' http 200 "$url/sandbox"
check 'without the kind of import' exits 2 built/samtykke import "$name" --sandbox --set store=sqlite:none.db none
done_testing
