#include "daemon/internal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"

#define LOOK_EVERY (100 * CLOCK_SECOND / 1000)
#define KEPT_LOOKS 10 /* so long a feed is remembered that nobody waits for just now */

/* A feed that is waited for, and its last event when it was looked at. */
struct watched {
	struct uuid receiver;
	struct uuid last;
	int unasked; /* looks since somebody waited */
	bool fresh;  /* never looked at: an event may have come since its reader looked */
};

struct watch {
	struct service *service;
	/* in byte order of the receiver */
	struct watched *feeds;
	struct watched *before;
	size_t n;
	struct uuid *asked;
	struct uuid *woken;
	size_t n_woken;
	pthread_t thread;
	struct monitor monitor;
};

static int uuid_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid)); /* a watched feed begins with its receiver */
}

static size_t asked_collect(struct watch *w)
{
	size_t n = http_waiting(w->service->server, w->asked, FEEDS_MAX), kept = 0;
	n = n < FEEDS_MAX ? n : FEEDS_MAX;
	qsort(w->asked, n, sizeof *w->asked, uuid_order);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || !uuid_eq(w->asked[kept - 1], w->asked[i]))
			w->asked[kept++] = w->asked[i];
	return kept;
}

/* Merges those that are waited for into those that are known; both are in order. */
static void feeds_merge(struct watch *w, size_t n_asked)
{
	size_t n_before = w->n, at = 0, i = 0;
	struct watched *before = w->feeds;
	w->feeds = w->before;
	w->before = before;
	w->n = 0;
	while ((at < n_before || i < n_asked) && w->n < FEEDS_MAX) {
		int order = at == n_before ? 1 : i == n_asked ? -1 : uuid_order(&before[at].receiver, &w->asked[i]);
		struct watched f = { .receiver = w->asked[i], .fresh = true };
		if (order <= 0)
			f = before[at++];
		f.unasked = order < 0 ? f.unasked + 1 : 0;
		i += order >= 0;
		if (f.unasked < KEPT_LOOKS)
			w->feeds[w->n++] = f;
	}
}

static void feed_seen(void *ctx, struct uuid receiver, struct uuid last)
{
	struct watch *w = ctx;
	struct watched *f = bsearch(&receiver, w->feeds, w->n, sizeof *w->feeds, uuid_order);
	if (!f)
		return;
	if (f->fresh || !uuid_eq(f->last, last))
		w->woken[w->n_woken++] = receiver;
	f->last = last;
}

static void look(struct watch *w)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	size_t n = asked_collect(w);
	if (n == 0 && w->n == 0)
		return;
	feeds_merge(w, n);
	w->n_woken = 0;
	if (n == 0 || reader_open(w->service->store, false, &r) != RC_OK ||
	    feeds_last(r, w->asked, n, feed_seen, w) != RC_OK)
		return;
	for (size_t i = 0; i < w->n; i++)
		w->feeds[i].fresh &= w->feeds[i].unasked > 0;
	if (w->n_woken)
		http_wake(w->service->server, w->woken, w->n_woken);
}

static void *watch_run(void *arg)
{
	struct watch *w = arg;

	monitor_enter(&w->monitor);
	while (!w->monitor.stopped) {
		if (monitor_wait_until(&w->monitor, clock_mono() + LOOK_EVERY))
			continue;
		monitor_leave(&w->monitor);
		look(w);
		monitor_enter(&w->monitor);
	}
	monitor_leave(&w->monitor);
	return NULL;
}

static void watch_free(struct watch *w)
{
	free(w->feeds);
	free(w->before);
	free(w->asked);
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
	w->before = calloc(FEEDS_MAX, sizeof *w->before);
	w->asked = calloc(FEEDS_MAX + 1, sizeof *w->asked);
	w->woken = calloc(FEEDS_MAX, sizeof *w->woken);
	monitor_init(&w->monitor);
	if (w->feeds && w->before && w->asked && w->woken && thread_start(&w->thread, 0, watch_run, w) == RC_OK) {
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
