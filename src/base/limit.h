/* A rate limit for each caller: the generic cell rate algorithm (ITU-T I.371), with one number for each caller and
 * without a lock. */
#pragma once
#include "base/base.h"

struct limit {
	int64_t per_s; /* requests per second in the long run; 0 = no limit */
	int64_t burst; /* requests at once after a rest, from 1 */
};
/* Takes one request at now_us, by any clock that does not go back. *budget is 0 for a new caller; many threads may use
 * it at once. RC_BUSY: too many; *wait_s_out is the number of whole seconds, from 1, after which one is free. */
MUST_USE enum rc limit_take(const struct limit *l, _Atomic int64_t *budget, int64_t now_us, int64_t *wait_s_out);
/* The same at one request each each_us in the long run, `burst` at once after a rest; both are at least 1. */
MUST_USE enum rc limit_take_each(int64_t each_us, int64_t burst, _Atomic int64_t *budget, int64_t now_us,
				 int64_t *wait_s_out);
