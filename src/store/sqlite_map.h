/* One read-only mapping of a database file for all of the process's connections. SQLite's own is one each, and ends at
 * 2 GB; without any, every page that is not in a connection's small cache is a system call and a copy, and a larger
 * store has more of those between the root and a row. What is mapped is the system's cache and can be taken back at any
 * time, but counts as the process's memory: a file is mapped from its start to a bound. */
#pragma once
#include <sqlite3.h>

#include "base/base.h"

struct sqlite_map;
/* What a connection keeps for it; lives as long as the connection. */
struct sqlite_mapped {
	sqlite3_io_methods methods; /* first: of the connection's file, but for reading from the mapping */
	unsigned fetched;           /* pages that came from the mapping */
	struct sqlite_map *map;     /* NULL: none */
};
/* So much of a file's start is mapped, of files that nobody has open yet; nothing before the first call. */
void sqlite_map_space(size_t bytes);
/* Every connection to a file takes part, those that read nothing from the mapping too: as with any descriptor of a
 * database file, closing the mapping's gives up all locks that the process holds on it. `reads`: pages come from the
 * mapping, wherever SQLite would take them from one. A file that cannot be mapped is read as before. */
void sqlite_map_join(struct sqlite_mapped *m, sqlite3 *h, bool reads);
/* After the connection has been closed. */
void sqlite_map_leave(struct sqlite_mapped *m);
