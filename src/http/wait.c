#include "http/engine_internal.h"

#include "base/clock.h"
#include "base/thread.h"

#include <assert.h>
#include <stdlib.h>

#define BUCKETS 1024
#define RETRY_US 10000 /* the workers' queue was full */
#define FOREVER_US INT64_MAX
#define NONE UINT32_MAX

/* A place for a call that waits. */
struct seat {
	struct call *call; /* NULL: free */
	uint32_t next;
	uint32_t share; /* NONE: of a call without an owner */
};

/* The places of one owner. It is listed while it has one. */
struct share {
	struct uuid owner;
	uint32_t n_seated;
	uint32_t next;
};

struct waits {
	struct monitor monitor; /* the thread for time-outs waits at it */
	struct seat *seats;
	uint32_t n_seats;
	uint32_t free;
	/* Calls with an owner and calls without one have `max_seated` places each; one owner has `max_share` of them.
	 */
	uint32_t n_seated;
	uint32_t n_ownerless;
	uint32_t max_seated;
	uint32_t max_share;
	struct share *shares; /* one for each place of a call with an owner */
	uint32_t free_share;
	uint32_t share_bucket[BUCKETS]; /* first share of the owners that fall there */
	uint32_t bucket[BUCKETS];       /* first seat of the keys that fall there */
	uint64_t woken[BUCKETS];        /* `wakes` when one of those keys was woken last */
	_Atomic uint64_t wakes;         /* so far; moved under the lock */
	/* calls to be run again, in the order in which they came */
	struct call *ready;
	struct call **ready_end;
	/* calls that are run again at once: the limit leaves workers to new calls */
	int running;
	int max_running;
	int64_t earliest; /* no call in a seat times out before; clock_mono */
	bool ending;
	bool started;
	pthread_t thread;
};

static size_t bucket_of(struct uuid key)
{
	return ((size_t)key.b[14] << 8 | key.b[15]) % BUCKETS;
}

/* ---- the lock is held ---- */

static void ready_add(struct waits *w, struct call *c)
{
	c->next = NULL;
	*w->ready_end = c;
	w->ready_end = &c->next;
}

static struct call *ready_take(struct waits *w)
{
	struct call *c = w->ready;
	w->ready = c->next;
	if (!w->ready)
		w->ready_end = &w->ready;
	return c;
}

static void ready_put_back(struct waits *w, struct call *c)
{
	c->next = w->ready;
	w->ready = c;
	if (!c->next)
		w->ready_end = &c->next;
}

/* false: the workers' queue is full, and no call of ours is running whose end would feed the next one. */
static bool feed(struct waits *w)
{
	while (w->ready && w->running < w->max_running) {
		struct call *c = ready_take(w);
		call_again(c);
		c->again = true;
		if (!pool_push(c->server->pool, c)) {
			c->again = false;
			ready_put_back(w, c);
			return w->running > 0;
		}
		w->running++;
	}
	return true;
}

/* For every thread but waits_main: it wakes waits_main, which then tries again. */
static void feed_or_ask(struct waits *w)
{
	if (!feed(w))
		monitor_wake(&w->monitor);
}

/* The place in the list that names the owner's share; names NONE when the owner has no place yet. */
static uint32_t *share_find(struct waits *w, struct uuid owner)
{
	uint32_t *at = &w->share_bucket[bucket_of(owner)];
	while (*at != NONE && !uuid_eq(w->shares[*at].owner, owner))
		at = &w->shares[*at].next;
	return at;
}

/* Returns the share that the seat belongs to: NONE for a call without an owner. There is room. */
static uint32_t share_take(struct waits *w, struct uuid owner)
{
	if (uuid_is_nil(owner)) {
		w->n_ownerless++;
		return NONE;
	}
	uint32_t *at = share_find(w, owner);
	if (*at == NONE) {
		uint32_t fresh = w->free_share;
		w->free_share = w->shares[fresh].next;
		w->shares[fresh] = (struct share){ .owner = owner, .next = NONE };
		*at = fresh;
	}
	w->shares[*at].n_seated++;
	w->n_seated++;
	return *at;
}

static void share_give_back(struct waits *w, uint32_t at)
{
	if (at == NONE) {
		w->n_ownerless--;
		return;
	}
	struct share *s = &w->shares[at];
	assert(s->n_seated > 0);
	w->n_seated--;
	if (--s->n_seated > 0)
		return;
	*share_find(w, s->owner) = s->next;
	s->next = w->free_share;
	w->free_share = at;
}

/* 0, or the status that refuses a call of that owner. */
static int room_for(struct waits *w, struct uuid owner)
{
	if (uuid_is_nil(owner))
		return w->n_ownerless < w->max_seated ? 0 : 503;
	uint32_t at = *share_find(w, owner);
	if (at != NONE && w->shares[at].n_seated >= w->max_share)
		return 429;
	return w->n_seated < w->max_seated ? 0 : 503;
}

static void unseat(struct waits *w, uint32_t at)
{
	assert(at < w->n_seats && w->seats[at].call);
	struct seat *s = &w->seats[at];
	uint32_t *from = &w->bucket[bucket_of(s->call->res.wait_key)];
	while (*from != at)
		from = &w->seats[*from].next;
	*from = s->next;
	s->call->conn->seat = CONN_NO_SEAT;
	ready_add(w, s->call);
	share_give_back(w, s->share);
	*s = (struct seat){ .next = w->free };
	w->free = at;
}

static void seat(struct waits *w, struct call *c)
{
	uint32_t at = w->free, *bucket = &w->bucket[bucket_of(c->res.wait_key)];
	struct seat *s = &w->seats[at];
	w->free = s->next;
	s->call = c;
	s->next = *bucket;
	*bucket = at;
	s->share = share_take(w, c->res.wait_owner);
	c->conn->seat = at;
	if (c->res.wait_until >= w->earliest)
		return;
	w->earliest = c->res.wait_until;
	monitor_wake(&w->monitor);
}

static void time_over(struct waits *w, int64_t now)
{
	if (now < w->earliest)
		return;
	w->earliest = FOREVER_US;
	for (uint32_t i = 0; i < w->n_seats; i++) {
		const struct call *c = w->seats[i].call;
		if (!c)
			continue;
		if (c->res.wait_until <= now)
			unseat(w, i);
		else if (c->res.wait_until < w->earliest)
			w->earliest = c->res.wait_until;
	}
}

/* ---- the thread for time-outs; without waiting calls it sleeps ---- */

static void *waits_main(void *arg)
{
	struct waits *w = arg;
	monitor_enter(&w->monitor);
	while (!w->monitor.stopped) {
		time_over(w, clock_mono());
		if (feed(w))
			(void)monitor_wait_until(&w->monitor, w->earliest);
		else
			(void)monitor_wait_until(&w->monitor, clock_mono() + RETRY_US);
	}
	monitor_leave(&w->monitor);
	return NULL;
}

/* ---- for the server ---- */

static enum rc seats_make(struct waits *w, uint32_t n)
{
	w->n_seats = 2 * n;
	w->max_seated = n;
	w->max_share = (n + HTTP_WAITING_SHARES - 1) / HTTP_WAITING_SHARES;
	w->seats = calloc(w->n_seats, sizeof *w->seats);
	w->shares = calloc(n, sizeof *w->shares);
	if (!w->seats || !w->shares)
		return RC_FAIL;
	for (uint32_t i = 0; i < w->n_seats; i++)
		w->seats[i].next = i + 1;
	for (uint32_t i = 0; i < n; i++)
		w->shares[i].next = i + 1;
	for (size_t i = 0; i < BUCKETS; i++)
		w->bucket[i] = w->share_bucket[i] = NONE;
	return RC_OK;
}

static enum rc waits_start(struct waits *w)
{
	TRY(thread_start(&w->thread, HTTP_STACK_BYTES, waits_main, w));
	w->started = true;
	return RC_OK;
}

enum rc waits_create(uint32_t seats, int workers, struct waits **out)
{
	assert(seats > 0 && seats < NONE / 2 && workers > 0);
	struct waits *w = calloc(1, sizeof *w);
	if (!w)
		return RC_FAIL;
	monitor_init(&w->monitor);
	w->ready_end = &w->ready;
	w->max_running = (workers + 1) / 2;
	w->earliest = FOREVER_US;
	enum rc rc = seats_make(w, seats);
	if (rc == RC_OK)
		rc = waits_start(w);
	if (rc == RC_OK)
		*out = w;
	else
		waits_destroy(w);
	return rc;
}

void waits_destroy(struct waits *w)
{
	if (!w)
		return;
	if (w->started) {
		monitor_stop(&w->monitor);
		pthread_join(w->thread, NULL);
	}
	monitor_finish(&w->monitor);
	free(w->seats);
	free(w->shares);
	free(w);
}

uint64_t waits_count(const struct waits *w)
{
	return atomic_load(&w->wakes);
}

int waits_enter(struct waits *w, struct call *c)
{
	int refused = 0;
	monitor_enter(&w->monitor);
	bool woken = w->woken[bucket_of(c->res.wait_key)] > c->wakes_before;
	c->req.wait_over |= w->ending || atomic_load(&c->conn->hung_up);
	if (woken || c->req.wait_over)
		ready_add(w, c);
	else if ((refused = room_for(w, c->res.wait_owner)) == 0)
		seat(w, c);
	feed_or_ask(w);
	monitor_leave(&w->monitor);
	return refused;
}

void waits_left(struct waits *w, struct conn *c)
{
	monitor_enter(&w->monitor);
	assert(atomic_load(&c->hung_up));
	if (c->seat != CONN_NO_SEAT) {
		w->seats[c->seat].call->req.wait_over = true;
		unseat(w, c->seat);
		feed_or_ask(w);
	}
	monitor_leave(&w->monitor);
}

void waits_ran(struct waits *w)
{
	monitor_enter(&w->monitor);
	assert(w->running > 0);
	w->running--;
	feed_or_ask(w);
	monitor_leave(&w->monitor);
}

void waits_end(struct waits *w)
{
	monitor_enter(&w->monitor);
	w->ending = true;
	for (uint32_t i = 0; i < w->n_seats; i++) {
		if (!w->seats[i].call)
			continue;
		w->seats[i].call->req.wait_over = true;
		unseat(w, i);
	}
	feed_or_ask(w);
	monitor_leave(&w->monitor);
}

struct call *waits_take(struct waits *w)
{
	monitor_enter(&w->monitor);
	struct call *c = w->ready ? ready_take(w) : NULL;
	monitor_leave(&w->monitor);
	return c;
}

void waits_wake(struct waits *w, const struct uuid *keys, size_t n)
{
	monitor_enter(&w->monitor);
	for (size_t i = 0; i < n; i++) {
		size_t b = bucket_of(keys[i]);
		w->woken[b] = atomic_fetch_add(&w->wakes, 1) + 1;
		for (uint32_t at = w->bucket[b], next; at != NONE; at = next) {
			next = w->seats[at].next;
			if (uuid_eq(w->seats[at].call->res.wait_key, keys[i]))
				unseat(w, at);
		}
	}
	feed_or_ask(w);
	monitor_leave(&w->monitor);
}

size_t waits_keys(struct waits *w, struct uuid *out, size_t max)
{
	size_t n = 0;
	monitor_enter(&w->monitor);
	size_t seated = w->n_seated;
	for (uint32_t i = 0; n < seated && n < max; i++)
		if (w->seats[i].call && w->seats[i].share != NONE)
			out[n++] = w->seats[i].call->res.wait_key;
	monitor_leave(&w->monitor);
	return seated;
}
