/* Makes system calls on files, or on connections, fail in this process. */
#pragma once
#include <stdbool.h>

enum fault_kind {
	FAULT_IO,    /* EIO */
	FAULT_SPACE, /* ENOSPC for calls that need room, EIO for others */
	FAULT_SHORT, /* a write is cut in half, and the next one finds no room; EIO for others */
	FAULT_AFTER, /* a write or sync does its work, and fails then; EIO for others */
	FAULT_FILE__MAX,
	FAULT_CUT = FAULT_FILE__MAX, /* a connection ends before the call has done anything: ECONNRESET */
	FAULT_CUT_AFTER,             /* the call does its work, and the connection ends then */
	FAULT__MAX
};
struct fault {
	enum fault_kind kind;
	int nth;    /* the call that fails, counted from 1; 0 = none */
	bool stays; /* all calls after it fail, too */
};
void fault_set(struct fault f);
int fault_failed(void); /* calls that failed since the fault was set */
