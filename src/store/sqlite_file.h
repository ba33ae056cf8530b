/* The database files that are open in this process, one record each, which all connections to the file share. A
 * connection must join its file: closing any descriptor of a file drops all locks of the process on it, so the record's
 * descriptor must outlive all connections.
 *
 * SQLite itself does not notice that another program removed, replaced or cut its files: it reads and writes on. So the
 * files are looked at before and after each commit, and at a read when the last look is a second old. */
#pragma once
#include <sys/types.h>

#include "base/base.h"

struct sqlite_file {
	struct sqlite_file *next;
	char *given; /* path as the store's URI has it */
	char *path;  /* full path without links */
	dev_t dev;
	ino_t ino;
	ino_t log; /* of the write-ahead log since the first commit; 0 = not known yet */
	int fd;
	int users;                   /* connections */
	_Atomic int64_t size;        /* bytes at the last look: it may have grown */
	_Atomic(const char *) fault; /* of the last look; NULL = none */
	_Atomic int64_t next_look;   /* by the monotonic clock */
	/* A commit failed, and its frames may lie whole behind the end of the log. SQLite passes over them until it
	 * recovers the log, as after a crash: then they count. The next commit overwrites them. */
	_Atomic bool unfinished;
	/* sqlite_map.c: the mapping */
	char *at;          /* NULL: none */
	size_t space;      /* bytes of its addresses: the file may grow into them */
	_Atomic bool torn; /* a mapped page could not be read: nothing is taken from the mapping any more */
};

/* Gives the record of the file that SQLite has opened. path: its full path; NULL or empty, for a database without a
 * file, gives NULL. RC_BUSY: the file has no record and cannot get one, or `given` is another file than the one that is
 * open under this path. */
MUST_USE enum rc sqlite_file_join(const char *given, const char *path, struct sqlite_file **out);
/* Takes the rights of others than owner and group from the file and SQLite's files beside it: an earlier version made
 * them by the umask. It does so to its own files only. SQLite gives new ones the mode of the database. f may be NULL.
 */
void sqlite_file_protect(const struct sqlite_file *f);
/* Call it after the connection is closed. f may be NULL. */
void sqlite_file_leave(struct sqlite_file *f);
/* Why nothing may be read from the file or written to it now, in words; NULL = nothing is wrong. now: looks at the
 * file; else it looks when the last look is SQLITE_FILE_LOOK_US old. f may be NULL. */
const char *sqlite_file_fault(struct sqlite_file *f, bool now);
/* The same for the file that is open under the path, with a look; NULL also when none is. */
const char *sqlite_file_fault_at(const char *given);
/* A connection of this process has the path open: a missing file must not be created. */
bool sqlite_file_is_open(const char *given);
/* Call it after a commit. From then on the log is looked at, too. */
void sqlite_file_committed(struct sqlite_file *f);

#define SQLITE_FILE_LOOK_US INT64_C(1000000)
