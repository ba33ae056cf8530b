/* Waits that end at a time: for a descriptor, or for another thread. A task that waits here leaves its thread to other
 * tasks (base/task.h); outside a task the thread waits.
 *
 * One thread of the parking looks after all waits. It decides alone how each ends, so a wait ends once. */
#pragma once
#include "base/task.h"

enum parked { PARKED_READY, PARKED_TIME, PARKED_WOKEN };

/* One wait, in memory of the waiting side, from park_enter until park_wait returns. */
struct park {
	/* the parking's */
	struct waiter waiter;
	struct park *next;
	struct park **here; /* the link that leads to it; NULL: it waits no more */
	int fd;
	short events;
	int64_t until;
	int slot; /* among the descriptors of the poll that runs; -1: not there yet */
	enum parked how;
};

struct parking;
/* RC_FAIL: no memory, thread or descriptor. */
MUST_USE enum rc parking_create(struct parking **out);
void parking_destroy(struct parking *p); /* nothing may wait; p may be NULL */

/* Begins a wait until clock_mono() passes until_us, for `events` (poll) of fd, or for park_wake alone with fd -1. From
 * here on park_wake counts. */
void park_enter(struct parking *p, struct park *at, int fd, short events, int64_t until_us);
/* Waits to the end. The same thread or task calls it after park_enter, once. */
enum parked park_wait(struct park *at);
/* Ends the wait: park_wait returns PARKED_WOKEN. false: it has ended already, or a zeroed park never began. `at` must
 * still be there, which a lock of the caller ensures. */
bool park_wake(struct parking *p, struct park *at);
void park_wake_all(struct parking *p);
