#!/bin/bash
# What `make install` leaves: a stranger can compile against it with pkg-config, run it, and read the manual.
. "$(dirname "$0")/tap.bash"
root=$work/root
installed() {
	DESTDIR=$root meson install -C "$build" --no-rebuild
}
check 'meson install with DESTDIR' installed
samtykke=$(find "$root" -type f -name samtykke -perm -u+x)
header=$(find "$root" -name samtykke.h)
library=$(find "$root" -name 'libsamtykke.so.*.*.*')
pc=$(find "$root" -name samtykke.pc)
check 'the program' exits 0 "$samtykke" --version
check 'the header' [ -s "$header" ]
check 'the library' [ -s "$library" ]
check 'pkg-config' [ -s "$pc" ]
check 'nothing of the demo' [ -z "$(find "$root" -name bank -o -name tax)" ]
only_public() {
	local foreign
	foreign=$(nm -D --defined-only "$library" | awk '$2 ~ /[A-Z]/ { print $3 }' | grep -v '^samtykke_')
	echo "$foreign"
	[ -z "$foreign" ]
}
check 'the library shows samtykke_* alone' only_public
all_public() {
	local bad=0 name
	for name in $(grep -oE '\bsamtykke_[a-z_]+\(' "$header" | tr -d '(' | sort -u); do
		nm -D --defined-only "$library" | grep -qE " $name$" || { echo "$name is not in the library"; bad=1; }
	done
	return $bad
}
check 'every function of the header is in it' all_public
manual() {
	local bad=0 name page
	page=$(find "$root" -name samtykke.3)
	for name in $(grep -oE '\bsamtykke_[a-z_]+\(' "$header" | tr -d '(' | sort -u) $(grep -oE '^	SAMTYKKE_[A-Z_]+' "$header" | grep -v RC_MAX); do
		sed 's/\\//g' "$page" | grep -q "$name" || { echo "$name is not in samtykke(3)"; bad=1; }
	done
	return $bad
}
check 'samtykke(3) names every function and every result' manual

cat >"$work/first.c" <<'END'
#include <samtykke/samtykke.h>
#include <stdio.h>

int main(void)
{
	struct samtykke_token *token;
	enum samtykke_rc rc = samtykke_inspect("a.b.c", 5, &token);
	printf("%s %s\n", samtykke_version(), samtykke_rc_name(rc));
	return rc != SAMTYKKE_MALFORMED;
}
END
compiled() {
	export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$root
	# shellcheck disable=SC2046
	cc -Wall -Wextra -Werror -o "$work/first" "$work/first.c" $(pkg-config --cflags --libs samtykke)
}
check 'a program of ten lines compiles' compiled
runs() {
	LD_LIBRARY_PATH=${library%/*} exits 0 "$work/first" && contains "$out" '^[0-9.]+ malformed$'
}
check 'and runs' runs

pages=$(find "$root" -path '*/man/*')
for page in man1/samtykke.1 man1/samtykke-serve.1 man1/samtykke-key-new.1 man3/samtykke.3 man5/samtykke.conf.5; do
	check "$page" contains "$pages" "/man/$page(\.gz)?$"
done
done_testing
