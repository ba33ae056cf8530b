#include "store/patience.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"

#define MS (CLOCK_SECOND / 1000)

enum rc patience_create(struct patience **out)
{
	struct patience *p = calloc(1, sizeof *p);
	if (!p)
		return RC_FAIL;
	if (parking_create(&p->parking) != RC_OK) {
		free(p);
		return RC_FAIL;
	}
	monitor_init(&p->monitor);
	*out = p;
	return RC_OK;
}

void patience_destroy(struct patience *p)
{
	if (!p)
		return;
	parking_destroy(p->parking);
	monitor_finish(&p->monitor);
	free(p);
}

void patience_ask(struct patience *p)
{
	monitor_enter(&p->monitor);
	p->asked = true;
	monitor_wake(&p->monitor);
	monitor_leave(&p->monitor);
}

void patience_judge(struct patience *p, bool silent)
{
	bool before = atomic_exchange(&p->silent, silent);
	if (!silent || before)
		return;
	atomic_fetch_add(&p->silences, 1);
	park_wake_all(p->parking);
}

bool patience_lost(const struct db_waits *w)
{
	return w->patience && !w->judges && atomic_load(&w->patience->silent);
}

static bool poll_until(int fd, short events, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = events };
	for (int64_t now = clock_mono(); now < until; now = clock_mono()) {
		int64_t ms = (until - now) / MS + 1;
		if (poll(&p, 1, ms > 60000 ? 60000 : (int)ms) > 0)
			return true;
	}
	return false;
}

/* Parks piece by piece. After each piece the pulse looks, and the judgement ends the next one where it must. */
static enum rc wait_parked(struct patience *p, int fd, short events, int64_t until)
{
	for (int64_t now = clock_mono(); now < until; now = clock_mono()) {
		struct park at;
		int64_t piece = now + PATIENCE_ASK_US;
		park_enter(p->parking, &at, fd, events, piece < until ? piece : until);
		if (atomic_load(&p->silent)) /* since before this wait was there to be woken */
			(void)park_wake(p->parking, &at);
		enum parked how = park_wait(&at);
		if (how != PARKED_TIME)
			return how == PARKED_READY ? RC_OK : RC_BUSY;
		patience_ask(p);
	}
	return RC_BUSY;
}

enum rc patience_wait(const struct db_waits *w, int fd, short events, int64_t until_us)
{
	int64_t until = until_us ? until_us : INT64_MAX, first = clock_mono() + PATIENCE_FIRST_US;
	if (patience_lost(w))
		return RC_BUSY;
	bool parks = w->patience && !w->judges;
	if (poll_until(fd, events, parks && first < until ? first : until))
		return RC_OK;
	return parks ? wait_parked(w->patience, fd, events, until) : RC_BUSY;
}
