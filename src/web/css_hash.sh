#!/bin/sh
# css_hash.sh FILE: a header that names the stylesheet's content, on stdout.
set -eu
hash=$(sha256sum <"$1" | cut -c1-12)
printf '#define CSS_HASH "%s"\n' "$hash"
