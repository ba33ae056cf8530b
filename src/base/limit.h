/* How often one caller may ask. The generic cell rate algorithm (ITU-T I.371): one number a caller, changed without a
 * lock. */
#pragma once
#include "base/base.h"

struct limit {
	int64_t per_s; /* requests a second in the long run; 0 = no limit */
	int64_t burst; /* requests at once after a rest, from 1 */
};
/* One request at now_us (any clock that does not go back). RC_BUSY: too many; *wait_s_out whole seconds until one is
 * taken again, from 1. `budget` is 0 for a new caller; many threads may use it. */
MUST_USE enum rc limit_take(const struct limit *l, _Atomic int64_t *budget, int64_t now_us, int64_t *wait_s_out);
