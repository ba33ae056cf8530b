#include "base/limit.h"

#include <stdatomic.h>

#include "base/clock.h"

/* Each request costs time, and the budget is the instant at which all requests of the caller are paid for. */
enum rc limit_take_each(int64_t each_us, int64_t burst, _Atomic int64_t *budget, int64_t now_us, int64_t *wait_s_out)
{
	int64_t most = each_us * burst;
	int64_t paid = atomic_load_explicit(budget, memory_order_relaxed), next;
	do {
		next = (paid > now_us ? paid : now_us) + each_us;
		if (next - now_us > most) {
			*wait_s_out = (next - now_us - most + CLOCK_SECOND - 1) / CLOCK_SECOND;
			return RC_BUSY;
		}
	} while (!atomic_compare_exchange_weak_explicit(budget, &paid, next, memory_order_relaxed,
							memory_order_relaxed));
	return RC_OK;
}

enum rc limit_take(const struct limit *l, _Atomic int64_t *budget, int64_t now_us, int64_t *wait_s_out)
{
	if (l->per_s <= 0)
		return RC_OK;
	return limit_take_each(CLOCK_SECOND / l->per_s, l->burst, budget, now_us, wait_s_out);
}
