#include "daemon/files.h"

#include <errno.h>
#include <stdio.h>

#include "base/buf.h"

static void close_file(FILE **f)
{
	if (*f && *f != stdin)
		(void)fclose(*f);
}

enum rc file_read(struct arena *a, const char *path, size_t max, struct str *out)
{
	char part[16384];
	struct buf b = BUF(a);
	FILE *f CLEANUP(close_file) = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");

	if (!f)
		return errno == ENOENT ? RC_NOT_FOUND : RC_FAIL;
	for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;) {
		if (b.n + n > max)
			return RC_TOO_LARGE;
		buf_raw(&b, part, n);
	}
	if (ferror(f))
		return RC_FAIL;
	*out = buf_str(&b);
	return RC_OK;
}
