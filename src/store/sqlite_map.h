/* One read-only mapping of a database file, which all connections of the process share. SQLite's own mapping is one per
 * connection, and ends at 2 GB. Without a mapping, each page outside a connection's small cache costs a system call and
 * a copy. Mapped pages are the system's cache, which the system can take back at any time. They count as memory of the
 * process, so a file is mapped from its start to a bound.
 *
 * A page of a file that was cut short, or whose disk fails, raises SIGBUS. The handler puts zeros in the place of the
 * whole mapping and marks it as torn: what a query has read is not used then, and later connections map nothing. */
#pragma once
#include <sqlite3.h>

#include "store/sqlite_file.h"

/* A connection's part; lives as long as the connection. */
struct sqlite_mapped {
	sqlite3_io_methods methods; /* the file's methods, with reads from the mapping; must be the first member */
	unsigned fetched;           /* pages that came from the mapping */
	struct sqlite_file *file;   /* NULL: the connection reads nothing from a mapping */
};
/* Sets the bound in bytes, for files that are opened later. It begins as 0: no mapping. */
void sqlite_map_space(size_t bytes);
/* sqlite_file.c, one call at a time: maps a file that gets a record. A file that cannot be mapped is read without a
 * mapping. */
void sqlite_map_open(struct sqlite_file *f);
void sqlite_map_close(struct sqlite_file *f);
/* From now on the connection takes pages from the mapping of its file, if there is one. f may be NULL. */
void sqlite_map_use(struct sqlite_mapped *m, struct sqlite_file *f, sqlite3 *h);
/* Tells the handler that this thread reads pages of the file from now on, also through rows that SQLite has returned.
 * Returns the file of the call before: give it back at the end. */
struct sqlite_file *sqlite_map_reading(struct sqlite_file *f);
/* True: rows that the connection read may be wrong, and it must be closed. */
bool sqlite_map_torn(const struct sqlite_mapped *m);
