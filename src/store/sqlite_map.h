/* One read-only mapping of a database file, which all connections of the process share. SQLite's own mapping is one per
 * connection, and ends at 2 GB. Without a mapping, each page outside a connection's small cache costs a system call and
 * a copy. Mapped pages are the system's cache, which the system can take back at any time. They count as memory of the
 * process, so a file is mapped from its start to a bound. */
#pragma once
#include <sqlite3.h>

#include "base/base.h"

struct sqlite_map;
/* A connection's part; lives as long as the connection. */
struct sqlite_mapped {
	sqlite3_io_methods methods; /* the file's methods, with reads from the mapping; must be the first member */
	unsigned fetched;           /* pages that came from the mapping */
	struct sqlite_map *map;     /* NULL: none */
};
/* Sets the bound in bytes, for files that are opened later. It begins as 0: no mapping. */
void sqlite_map_space(size_t bytes);
/* Each connection to a file must join, also one that reads no page from the mapping: closing any descriptor of the file
 * drops all locks of the process on it, so the mapping's descriptor must outlive all connections. reads: the connection
 * takes pages from the mapping. A file that cannot be mapped is read without one. */
void sqlite_map_join(struct sqlite_mapped *m, sqlite3 *h, bool reads);
/* Call it after the connection is closed. */
void sqlite_map_leave(struct sqlite_mapped *m);
