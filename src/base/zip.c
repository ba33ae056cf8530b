#include "base/zip.h"

#include <stdlib.h>
#include <zlib.h>

#define FIRST_BYTES 4096

/* zlib's interface predates const. */
static Bytef *bytes_of(struct str s)
{
	return (Bytef *)(uintptr_t)s.p;
}

/* Independent bits match by chance only. A search for such short matches takes ten times as long, and saves less than
 * the frequencies of bytes do. */
enum rc zip_deflate(struct arena *a, struct str plain, struct str *out)
{
	z_stream z = { 0 };
	if (plain.n > UINT32_MAX ||
	    deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS, MAX_MEM_LEVEL, Z_RLE) != Z_OK)
		return RC_FAIL;
	z.next_in = bytes_of(plain);
	z.avail_in = (uInt)plain.n;
	z.avail_out = (uInt)deflateBound(&z, plain.n);
	char *p = arena_alloc(a, z.avail_out);
	z.next_out = (Bytef *)p;
	int rc = deflate(&z, Z_FINISH);
	*out = str_span(p, z.total_out);
	deflateEnd(&z);
	return rc == Z_STREAM_END ? RC_OK : RC_FAIL;
}

/* Makes room for one byte more than `max`: when it is used, the stream is too large. */
static enum rc stream_read(z_stream *z, struct arena *a, size_t max, struct str *out)
{
	size_t cap = max < FIRST_BYTES ? max + 1 : FIRST_BYTES, n = 0;
	char *p = arena_alloc(a, cap);
	int rc = Z_OK;
	while (rc == Z_OK) {
		if (n == cap) {
			if (n > max)
				return RC_TOO_LARGE;
			size_t more = cap < max / 2 ? cap * 2 : max + 1;
			char *q = arena_alloc(a, more);
			memcpy(q, p, n);
			p = q;
			cap = more;
		}
		z->next_out = (Bytef *)p + n;
		z->avail_out = (uInt)(cap - n);
		rc = inflate(z, Z_NO_FLUSH);
		n = cap - z->avail_out;
	}
	if (n > max)
		return RC_TOO_LARGE;
	if (rc != Z_STREAM_END || z->avail_in)
		return RC_INVALID;
	*out = str_span(p, n);
	return RC_OK;
}

enum rc zip_inflate(struct arena *a, struct str packed, size_t max, struct str *out)
{
	z_stream z = { .next_in = bytes_of(packed), .avail_in = (uInt)packed.n };
	if (packed.n > UINT32_MAX || max >= UINT32_MAX)
		return RC_TOO_LARGE;
	if (inflateInit(&z) != Z_OK)
		return RC_FAIL;
	enum rc rc = stream_read(&z, a, max, out);
	(void)inflateEnd(&z);
	return rc;
}
