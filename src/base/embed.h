/* Files compiled into the program by tools/embed.sh: a table that ends with a row of zeros. */
#pragma once
#include "base/base.h"

struct embed {
	const char *name;
	struct str data;
};
