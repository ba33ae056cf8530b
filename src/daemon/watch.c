#include "daemon/internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"

#define POLL_EVERY (100 * CLOCK_SECOND / 1000)
#define IDLE_POLLS_MAX 10 /* a feed without waiting calls is forgotten after so many polls */

/* A feed for which calls wait, and its last event at the last poll. */
struct watched {
	struct uuid receiver;
	struct uuid last;
	int idle_polls; /* polls since the last call that waited */
	bool is_new;    /* not polled yet: an event may have come since the waiting call read the feed */
};

struct watch {
	struct service *service;
	/* both in byte order of the receiver; `previous` is room for the next merge */
	struct watched *feeds;
	struct watched *previous;
	size_t n;
	struct uuid *waiting; /* receivers for which calls wait */
	struct uuid *woken;   /* receivers with new events */
	size_t n_woken;
	pthread_t thread;
	struct monitor monitor;
};

static int uuid_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid)); /* a watched feed begins with its receiver */
}

/* Fills w->waiting, in order and without duplicates. Returns the number. */
static size_t waiting_collect(struct watch *w)
{
	size_t n = http_waiting(w->service->server, w->waiting, FEEDS_MAX), n_unique = 0;
	n = n < FEEDS_MAX ? n : FEEDS_MAX;
	qsort(w->waiting, n, sizeof *w->waiting, uuid_order);
	for (size_t i = 0; i < n; i++)
		if (n_unique == 0 || !uuid_eq(w->waiting[n_unique - 1], w->waiting[i]))
			w->waiting[n_unique++] = w->waiting[i];
	return n_unique;
}

/* Merges the waiting receivers into the known feeds. Both are in order. Feeds that were idle too long are left out. */
static void feeds_merge(struct watch *w, size_t n_waiting)
{
	size_t n_known = w->n, at = 0, i = 0;
	struct watched *known = w->feeds;
	w->feeds = w->previous;
	w->previous = known;
	w->n = 0;
	while ((at < n_known || i < n_waiting) && w->n < FEEDS_MAX) {
		int order = at == n_known ? 1 : i == n_waiting ? -1 : uuid_order(&known[at].receiver, &w->waiting[i]);
		struct watched f = { .receiver = w->waiting[i], .is_new = true };
		if (order <= 0)
			f = known[at++];
		f.idle_polls = order < 0 ? f.idle_polls + 1 : 0;
		i += order >= 0;
		if (f.idle_polls < IDLE_POLLS_MAX)
			w->feeds[w->n++] = f;
	}
}

static void feed_seen(void *ctx, struct uuid receiver, struct uuid last)
{
	struct watch *w = ctx;
	struct watched *f = bsearch(&receiver, w->feeds, w->n, sizeof *w->feeds, uuid_order);
	if (!f)
		return;
	assert(w->n_woken < FEEDS_MAX);
	if (f->is_new || !uuid_eq(f->last, last))
		w->woken[w->n_woken++] = receiver;
	f->last = last;
}

/* Wakes the calls whose feeds have a new event. */
static void feeds_poll(struct watch *w)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	size_t n = waiting_collect(w);
	if (n == 0 && w->n == 0)
		return;
	feeds_merge(w, n);
	w->n_woken = 0;
	if (n == 0 || reader_open(w->service->store, false, &r) != RC_OK ||
	    feeds_last(r, w->waiting, n, feed_seen, w) != RC_OK)
		return;
	for (size_t i = 0; i < w->n; i++)
		w->feeds[i].is_new &= w->feeds[i].idle_polls > 0;
	if (w->n_woken)
		http_wake(w->service->server, w->woken, w->n_woken);
}

static void *watch_run(void *arg)
{
	struct watch *w = arg;
	monitor_enter(&w->monitor);
	while (!w->monitor.stopped) {
		if (monitor_wait_until(&w->monitor, clock_mono() + POLL_EVERY))
			continue;
		monitor_leave(&w->monitor);
		feeds_poll(w);
		monitor_enter(&w->monitor);
	}
	monitor_leave(&w->monitor);
	return NULL;
}

static void watch_free(struct watch *w)
{
	free(w->feeds);
	free(w->previous);
	free(w->waiting);
	free(w->woken);
	free(w);
}

enum rc watch_start(struct service *s, struct watch **out)
{
	*out = NULL;
	if (!store_shared(s->store))
		return RC_OK;
	struct watch *w = calloc(1, sizeof *w);
	if (!w)
		return RC_FAIL;
	w->service = s;
	w->feeds = calloc(FEEDS_MAX, sizeof *w->feeds);
	w->previous = calloc(FEEDS_MAX, sizeof *w->previous);
	w->waiting = calloc(FEEDS_MAX + 1, sizeof *w->waiting);
	w->woken = calloc(FEEDS_MAX, sizeof *w->woken);
	monitor_init(&w->monitor);
	if (w->feeds && w->previous && w->waiting && w->woken && thread_start(&w->thread, 0, watch_run, w) == RC_OK) {
		*out = w;
		return RC_OK;
	}
	watch_free(w);
	return RC_FAIL;
}

void watch_stop(struct watch *w)
{
	if (!w)
		return;
	monitor_stop(&w->monitor);
	pthread_join(w->thread, NULL);
	monitor_finish(&w->monitor);
	watch_free(w);
}
