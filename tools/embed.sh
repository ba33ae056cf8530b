#!/bin/sh
# embed.sh NAME FILE…: C source of a table { file name, bytes, length } named NAME, on stdout.
# The table is declared by base/embed.h; it ends with a row of zeros.
set -eu
name=$1
shift
echo '#include "base/embed.h"'
i=0
for f; do
	printf 'static const unsigned char data_%d[] = {' "$i"
	od -An -v -tx1 "$f" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo '0 };'
	i=$((i + 1))
done
printf 'const struct embed %s[] = {\n' "$name"
i=0
for f; do
	printf '\t{ "%s", { (const char *)data_%d, sizeof(data_%d) - 1 } },\n' "$(basename "$f")" "$i" "$i"
	i=$((i + 1))
done
printf '\t{ 0 },\n};\n'
