#!/bin/sh
# hash.sh NAME FILE: a header that names the file's content, on stdout.
set -eu
hash=$(sha256sum <"$2" | cut -c1-12)
printf '#define %s "%s"\n' "$1" "$hash"
