#include <stdarg.h>

#include "cli/internal.h"

int cli_fail(const char *name, const char *fmt, ...)
{
	va_list ap;
	fprintf(stderr, "samtykke %s: ", name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return 1;
}
