#include "store/sqlite_log.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* About thirty pages. SQLite's own method (seekAndWriteFd in os_unix.c) takes no more than 128 KiB less one at a time.
 */
#define BUFFER ((size_t)127 << 10)

static struct sqlite_log *log_of(sqlite3_file *f)
{
	return (struct sqlite_log *)(uintptr_t)f->pMethods;
}

/* What cannot be written is dropped: SQLite learns of it, ends the transaction, and writes other frames in its place.
 */
static int flush(sqlite3_file *f)
{
	struct sqlite_log *l = log_of(f);
	size_t n = l->n;
	l->n = 0;
	assert(n <= BUFFER);
	return n ? l->own->xWrite(f, l->buf, (int)n, l->at) : SQLITE_OK;
}

static int log_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	struct sqlite_log *l = log_of(f);
	if (l->n && (at != l->at + (sqlite3_int64)l->n || l->n + (size_t)n > BUFFER)) {
		int code = flush(f);
		if (code != SQLITE_OK)
			return code;
	}
	if ((size_t)n > BUFFER)
		return l->own->xWrite(f, p, n, at);
	if (l->n == 0)
		l->at = at;
	memcpy(l->buf + l->n, p, (size_t)n);
	l->n += (size_t)n;
	return SQLITE_OK;
}

static int log_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	int code = flush(f);
	return code == SQLITE_OK ? log_of(f)->own->xRead(f, p, n, at) : code;
}

static int log_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int code = flush(f);
	return code == SQLITE_OK ? log_of(f)->own->xTruncate(f, size) : code;
}

static int log_sync(sqlite3_file *f, int flags)
{
	int code = flush(f);
	return code == SQLITE_OK ? log_of(f)->own->xSync(f, flags) : code;
}

static int log_size(sqlite3_file *f, sqlite3_int64 *size_out)
{
	int code = flush(f);
	return code == SQLITE_OK ? log_of(f)->own->xFileSize(f, size_out) : code;
}

/* Another connection writes its own frames there next. */
static void log_drop(void *l)
{
	((struct sqlite_log *)l)->n = 0;
}

void sqlite_log_use(struct sqlite_log *l, sqlite3 *h)
{
	sqlite3_file *f = NULL;
	if (l->own || sqlite3_file_control(h, "main", SQLITE_FCNTL_JOURNAL_POINTER, &f) != SQLITE_OK || !f ||
	    !f->pMethods)
		return;
	l->buf = malloc(BUFFER);
	if (!l->buf)
		return;
	l->own = f->pMethods;
	l->methods = *l->own;
	l->methods.xWrite = log_write;
	l->methods.xRead = log_read;
	l->methods.xTruncate = log_truncate;
	l->methods.xSync = log_sync;
	l->methods.xFileSize = log_size;
	f->pMethods = &l->methods;
	(void)sqlite3_rollback_hook(h, log_drop, l);
}

void sqlite_log_free(struct sqlite_log *l)
{
	free(l->buf);
}
