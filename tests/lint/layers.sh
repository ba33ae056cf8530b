#!/bin/sh
# layers.sh ROOT RULES: every #include "folder/…" in ROOT/x must be x itself or stand on x's line in RULES.
grep -rHoE '^ *#include "[a-z0-9_]+/' --include='*.[ch]' "$1" | awk -v root="$1/" -v rules="$2" '
BEGIN { while ((getline l < rules) > 0) { n = split(l, w, /[: ]+/); ok[w[1], w[1]] = 1; for (i = 2; i <= n; i++) ok[w[1], w[i]] = 1 } }
{ f = substr($0, length(root) + 1); from = f; sub(/\/.*/, "", from); to = $0; sub(/.*"/, "", to); sub(/\/$/, "", to)
  if (from ~ /:/ || to == "samtykke") next # main.c stands above all; the public header is for everybody
  if (!((from, to) in ok)) { print f; bad = 1 } } END { exit bad }'
