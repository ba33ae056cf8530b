#include "http/engine_internal.h"

#include "base/clock.h"

#include <assert.h>
#include <sys/eventfd.h>

static const int64_t queue_us[QUEUE__MAX] = {
	[QUEUE_IDLE] = HTTP_IDLE_S * CLOCK_SECOND,   [QUEUE_HEAD] = HTTP_HEAD_S * CLOCK_SECOND,
	[QUEUE_BODY] = HTTP_RATE_S * CLOCK_SECOND,   [QUEUE_AWAY] = HTTP_IDLE_S * CLOCK_SECOND,
	[QUEUE_ANSWER] = HTTP_RATE_S * CLOCK_SECOND, [QUEUE_LINGER] = HTTP_LINGER_S * CLOCK_SECOND,
};

void io_unqueue(struct conn *c)
{
	if (c->queue == QUEUE__MAX)
		return;
	struct conn_list *l = &c->io->queues[c->queue];
	*(c->before ? &c->before->after : &l->first) = c->after;
	*(c->after ? &c->after->before : &l->last) = c->before;
	c->before = c->after = NULL;
	c->queue = QUEUE__MAX;
}

void io_queue(struct conn *c, enum conn_queue q)
{
	assert(q < QUEUE__MAX);
	io_unqueue(c);
	struct conn_list *l = &c->io->queues[q];
	c->queue = q;
	c->due_us = c->io->now_us + queue_us[q];
	c->before = l->last;
	*(l->last ? &l->last->after : &l->first) = c;
	l->last = c;
}

void io_wake(struct io *io)
{
	(void)eventfd_write(io->wake_fd, 1);
}

void io_list(struct conn *c)
{
	struct io *io = c->io;
	c->next = atomic_load_explicit(&io->listed, memory_order_relaxed);
	while (!atomic_compare_exchange_weak(&io->listed, &c->next, c))
		;
	if (atomic_load(&io->asleep) && atomic_exchange(&io->asleep, false))
		io_wake(io);
}
