#!/bin/bash
# circles.sh ARCHIVE: the circles among the files of a static library, one a line. A circle is a set of files each of
# which needs, directly or through others, a symbol of every other one. Fails when there is one.
# A symbol that two files define (an inline function that the compiler kept) belongs to neither.
nm -A -g "$1" | awk '
{
	file = $0
	sub(/\.o:.*/, "", file)
	sub(/.*\//, "", file)
	symbol = $NF
	files[file] = 1
	if ($(NF - 1) == "U") needs[file, symbol] = 1
	else if ($(NF - 1) ~ /^[BDGRST]$/) home[symbol] = defined[symbol]++ ? "" : file
}
END {
	for (pair in needs) {
		split(pair, part, SUBSEP)
		to = part[2] in home ? home[part[2]] : ""
		if (to != "" && to != part[1]) reach[part[1], to] = 1
	}
	for (k in files)
		for (i in files)
			if ((i, k) in reach)
				for (j in files)
					if ((k, j) in reach) reach[i, j] = 1
	for (i in files) {
		if (!((i, i) in reach) || i in printed) continue
		line = i
		for (j in files)
			if (j != i && (i, j) in reach && (j, i) in reach) {
				line = line " " j
				printed[j] = 1
			}
		print line
		bad = 1
	}
	exit bad
}'
