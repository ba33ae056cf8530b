#include "base/park.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"

#define STACK_BYTES 131072
#define MS (CLOCK_SECOND / 1000)

struct parking {
	pthread_mutex_t lock;
	struct park *first;
	size_t n;
	bool quit;
	int wake_fd;
	pthread_t thread;
	/* the thread's own */
	struct pollfd *fds; /* the first one is wake_fd */
	size_t cap;
};

/* ---- the lock is held ---- */
static void end(struct parking *p, struct park *at, enum parked how)
{
	assert(at->here && p->n > 0);
	*at->here = at->next;
	if (at->next)
		at->next->here = at->here;
	at->here = NULL;
	at->how = how;
	p->n--;
	waiter_wake(&at->waiter); /* from here on `at` is the waiting side's */
}

static void fds_fit(struct parking *p)
{
	if (p->cap > p->n)
		return;
	p->cap = 2 * p->n + 16;
	free(p->fds);
	p->fds = calloc(p->cap, sizeof *p->fds);
	if (!p->fds)
		abort();
}

/* Returns the number of descriptors; *until_out: the end of the wait that ends first. */
static nfds_t fds_fill(struct parking *p, int64_t *until_out)
{
	nfds_t n = 0;
	fds_fit(p);
	p->fds[n++] = (struct pollfd){ .fd = p->wake_fd, .events = POLLIN };
	*until_out = INT64_MAX;
	for (struct park *at = p->first; at; at = at->next) {
		if (at->until < *until_out)
			*until_out = at->until;
		if (at->fd < 0)
			continue;
		at->slot = (int)n;
		p->fds[n++] = (struct pollfd){ .fd = at->fd, .events = at->events };
	}
	return n;
}

static void ends_find(struct parking *p, int64_t now)
{
	for (struct park *at = p->first, *next; at; at = next) {
		next = at->next;
		if (at->slot > 0 && p->fds[at->slot].revents)
			end(p, at, PARKED_READY);
		else if (at->until <= now)
			end(p, at, PARKED_TIME);
	}
}

/* ---- the thread ---- */
static int sleep_ms(int64_t until)
{
	int64_t us = until - clock_mono();
	if (until == INT64_MAX)
		return -1;
	return us <= 0 ? 0 : us > 60 * CLOCK_SECOND ? 60000 : (int)(us / MS) + 1;
}

static void *parking_main(void *arg)
{
	struct parking *p = arg;
	int64_t until;
	eventfd_t n_wakes;
	pthread_mutex_lock(&p->lock);
	while (!p->quit) {
		nfds_t n = fds_fill(p, &until);
		pthread_mutex_unlock(&p->lock);
		(void)poll(p->fds, n, sleep_ms(until));
		if (p->fds[0].revents)
			(void)eventfd_read(p->wake_fd, &n_wakes);
		pthread_mutex_lock(&p->lock);
		ends_find(p, clock_mono());
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

enum rc parking_create(struct parking **out)
{
	struct parking *p = calloc(1, sizeof *p);
	if (!p)
		return RC_FAIL;
	pthread_mutex_init(&p->lock, NULL);
	p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->wake_fd >= 0 && thread_start(&p->thread, STACK_BYTES, parking_main, p) == RC_OK) {
		*out = p;
		return RC_OK;
	}
	if (p->wake_fd >= 0)
		(void)close(p->wake_fd);
	pthread_mutex_destroy(&p->lock);
	free(p);
	return RC_FAIL;
}

void parking_destroy(struct parking *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	assert(p->n == 0);
	p->quit = true;
	pthread_mutex_unlock(&p->lock);
	(void)eventfd_write(p->wake_fd, 1);
	pthread_join(p->thread, NULL);
	(void)close(p->wake_fd);
	pthread_mutex_destroy(&p->lock);
	free(p->fds);
	free(p);
}

/* ---- the waiting side ---- */
void park_enter(struct parking *p, struct park *at, int fd, short events, int64_t until_us)
{
	*at = (struct park){ .fd = fd, .events = events, .until = until_us, .slot = -1 };
	waiter_init(&at->waiter);
	pthread_mutex_lock(&p->lock);
	at->next = p->first;
	at->here = &p->first;
	if (at->next)
		at->next->here = &at->next;
	p->first = at;
	p->n++;
	pthread_mutex_unlock(&p->lock);
	(void)eventfd_write(p->wake_fd, 1);
}

enum parked park_wait(struct park *at)
{
	waiter_wait(&at->waiter);
	return at->how;
}

bool park_wake(struct parking *p, struct park *at)
{
	pthread_mutex_lock(&p->lock);
	bool waits = at->here != NULL;
	if (waits)
		end(p, at, PARKED_WOKEN);
	pthread_mutex_unlock(&p->lock);
	return waits;
}

void park_wake_all(struct parking *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->first)
		end(p, p->first, PARKED_WOKEN);
	pthread_mutex_unlock(&p->lock);
}
