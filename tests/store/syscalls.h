/* Makes system calls on files fail, in this process. */
#pragma once
#include <stdbool.h>

enum fault_kind {
	FAULT_IO,    /* EIO */
	FAULT_SPACE, /* ENOSPC for calls that need room, EIO for others */
	FAULT_SHORT, /* a write is cut in half, and the next one finds no room; EIO for others */
	FAULT_AFTER, /* a write or sync does its work, and fails then; EIO for others */
	FAULT__MAX
};
struct fault {
	enum fault_kind kind;
	int nth;    /* the call that fails, counted from 1; 0 = none */
	bool stays; /* all calls after it fail, too */
};
void fault_set(struct fault f);
int fault_failed(void); /* calls that failed since the fault was set */
