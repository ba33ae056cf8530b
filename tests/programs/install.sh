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
	foreign=$(nm -D --defined-only "$library" | awk '$2 ~ /[A-Z]/ { print $3 }' | grep -vE '^(samtykke_|SAMTYKKE_0(@|$))')
	echo "$foreign"
	[ -z "$foreign" ]
}
check 'the library shows samtykke_* alone' only_public
all_public() {
	local bad=0 name
	for name in $(grep -oE '\bsamtykke_[a-z_]+\(' "$header" | tr -d '(' | sort -u); do
		nm -D --defined-only "$library" | grep -qE " $name@@SAMTYKKE_0$" || { echo "$name is not in the library"; bad=1; }
	done
	return $bad
}
check 'every function of the header is in it, with its version' all_public
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

# ---- the library alone, another prefix, a subproject ----

alone() {
	meson setup "$work/alone" "$SAMTYKKE_ROOT" -Dserver=false --prefix=/usr/local && ninja -C "$work/alone" --quiet &&
		[ -z "$(find "$work/alone" -name samtykke -type f -perm -u+x)" ]
}
check 'the library is built without the program' alone
own_libraries() { # and with the libraries that it uses only
	local needed
	needed=$(readelf -d "$work/alone/lib/libsamtykke.so" | sed -n 's/.*NEEDED.*\[\(.*\)\.so.*/\1/p')
	echo "$needed"
	! grep -vxE 'libcrypto|libcurl|libz|libc|ld-linux.*' <<<"$needed" &&
		! grep -ohE '"name": "(libpq|sqlite3|libmicrohttpd|inih|libxml-2.0|md4c|libssl|p11-kit-1)"' "$work/alone/meson-info/intro-dependencies.json"
}
check 'with its own libraries only' own_libraries
prefix() {
	make -C "$SAMTYKKE_ROOT" --no-print-directory install "BUILD=$work/alone" PREFIX=/opt/consent "DESTDIR=$work/root2" &&
		pc=$(find "$work/root2" -name samtykke.pc) && [[ $pc == "$work/root2/opt/consent/"* ]] && grep -x 'prefix=/opt/consent' "$pc" &&
		[ ! -e "$work/root2/usr" ]
}
check 'make install takes another prefix than the build had' prefix
subproject() {
	mkdir -p "$work/other/subprojects" && ln -s "$SAMTYKKE_ROOT" "$work/other/subprojects/samtykke" && cp "$work/first.c" "$work/other" &&
		cat >"$work/other/meson.build" <<-'END' &&
			project('other', 'c', default_options: ['werror=true'])
			samtykke = dependency('samtykke', fallback: 'samtykke', default_options: ['server=false'])
			executable('first', 'first.c', dependencies: samtykke)
		END
		env -u PKG_CONFIG_PATH meson setup "$work/other/build" "$work/other" && ninja -C "$work/other/build" --quiet first &&
		exits 0 "$work/other/build/first" && contains "$out" '^[0-9.]+ malformed$'
}
check 'it is a subproject of another project' subproject

pages=$(find "$root" -path '*/man/*')
check 'completion of bash' [ -n "$(find "$root" -path '*/bash-completion/completions/samtykke')" ]
for page in man1/samtykke.1 man1/samtykke-serve.1 man1/samtykke-key-new.1 man3/samtykke.3 man5/samtykke.conf.5; do
	check "$page" contains "$pages" "/man/$page(\.gz)?$"
done
done_testing
