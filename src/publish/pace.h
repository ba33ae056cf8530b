/* Changes by API keep a pace, so that no organisation stops others: each organisation has a rate and a share of the
 * changes under way, and changes are made one at a time, in the order in which they came. A request whose write was
 * overtaken again and again takes a turn as well: until it ends, this process makes no change. */
#pragma once
#include "base/limit.h"

#define PACE_SHARES 4 /* one organisation's changes take at most this part of the workers: 429 */

struct pace;
struct pace_config {
	struct limit rate; /* changes of one organisation */
	int share;         /* changes of one organisation that may be under way; one more is RC_BUSY */
};
/* RC_FAIL: no memory. */
MUST_USE enum rc pace_create(const struct pace_config *c, struct pace **out);
void pace_destroy(struct pace *p); /* nobody may have a turn or wait for one; p may be NULL */

/* Counts a change of the organisation at now_us (clock_mono). RC_BUSY: too many; *wait_s_out is the number of seconds
 * after which to try again. After RC_OK the caller calls pace_leave. */
MUST_USE enum rc pace_enter(struct pace *p, struct str orgno, int64_t now_us, int64_t *wait_s_out);
void pace_leave(struct pace *p, struct str orgno);

/* Waits for the turn; a task waits without its thread. One that has a turn must not ask for another. */
void pace_turn(struct pace *p);
void pace_turn_end(struct pace *p);
