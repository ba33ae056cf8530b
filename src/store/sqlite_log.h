/* The write-ahead log as SQLite writes it: two system calls for each changed page, a head of 24 bytes and the page.
 * Here both go into a buffer of the connection, and what lies side by side leaves in one system call. Whatever else is
 * done with the log sends the buffer first, a sync above all. A rollback empties it: it uses the connection's
 * sqlite3_rollback_hook.
 *
 * Requires `synchronous = FULL`: SQLite tells others of a commit only after the sync of its frames, so nobody looks for
 * frames that are still in the buffer. */
#pragma once
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* A connection's part, zero at first; lives as long as the connection. */
struct sqlite_log {
	sqlite3_io_methods methods; /* the log's methods, with buffered writes; must be the first member */
	const sqlite3_io_methods *own;
	char *buf;
	size_t n;         /* bytes in the buffer */
	sqlite3_int64 at; /* where the first of them belongs in the file */
};

/* Once a transaction has begun to write: from now on the connection buffers its log. Nothing happens when it does
 * already, or when there is no log or no memory. */
void sqlite_log_use(struct sqlite_log *l, sqlite3 *h);
/* After the connection is closed. */
void sqlite_log_free(struct sqlite_log *l);
