#include "daemon/internal.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

#define LOOK_EVERY_MS 100
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
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
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

	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		struct timespec t;
		clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_nsec += LOOK_EVERY_MS * 1000000L;
		t.tv_sec += t.tv_nsec / 1000000000L;
		t.tv_nsec %= 1000000000L;
		if (pthread_cond_timedwait(&w->wake, &w->lock, &t) == 0)
			continue;
		pthread_mutex_unlock(&w->lock);
		look(w);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
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

static void locks_make(struct watch *w)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
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
	locks_make(w);
	if (w->feeds && w->before && w->asked && w->woken && pthread_create(&w->thread, NULL, watch_run, w) == 0) {
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
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	watch_free(w);
}
