#!/bin/sh
# css_pack.sh FILE: the stylesheet without indentation, blanks between parts, and comments, on stdout.
# It knows the style of static/samtykke.css alone: a comment fills its line, and no string has blanks next to ; : , { }.
set -eu
sed -e 's/^\t*//' -e '/^\/\*.*\*\/$/d' -e '/^$/d' -e 's/ *\([{};]\) */\1/g' -e 's/;}/}/g' -e 's/\([:,]\) /\1/g' "$1"
