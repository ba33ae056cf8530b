/* Files that tools/embed.sh compiles into the program: a table that ends with a row of zeros. */
#pragma once
#include "base/base.h"

struct embed {
	const char *name;
	struct str data;
};
