#include "http/internal.h"

#include "base/clock.h"

#include <assert.h>
#include <stdlib.h>

#define SMALL_PART 4 /* one in so many bytes is kept for small bodies */

struct call *call_take(struct call_list *l, struct http_server *s)
{
	pthread_mutex_lock(&l->lock);
	struct call *c = l->free;
	if (c) {
		l->free = c->next;
		l->n--;
	}
	pthread_mutex_unlock(&l->lock);
	if (!c)
		c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	struct arena arena = c->arena;
	*c = (struct call){ .arena = arena, .server = s, .start_us = clock_mono() };
	c->req.arena = &c->arena;
	c->req.arrived_us = c->start_us;
	c->req.deadline_us = c->start_us + HTTP_DEADLINE_S * CLOCK_SECOND;
	c->body = BUF(&c->arena);
	response_reset(&c->res, &c->arena);
	trace_new(&c->req);
	return c;
}

static void call_free(struct call *c)
{
	arena_finish(&c->arena);
	free(c);
}

bool call_body_count(struct call *c, size_t n)
{
	size_t max = c->server->config.max_bodies ? c->server->config.max_bodies : HTTP_MAX_BODIES;
	if (c->body_seen > HTTP_SMALL_BODY)
		max -= max / SMALL_PART;
	c->body_counted += n;
	return atomic_fetch_add(&c->server->body_bytes, n) + n <= max;
}

void call_release(struct call_list *l, struct call *c)
{
	assert(c->phase == CALL_READING || c->phase == CALL_DONE); /* no worker has it */
	arena_finish(&c->rerun);
	if (c->body_counted)
		atomic_fetch_sub(&c->server->body_bytes, c->body_counted);
	if (c->answer_counted)
		atomic_fetch_sub(&c->server->answer_bytes, c->answer_counted);
	if (c->body.cap + c->res.body.cap > HTTP_KEPT_BODY)
		arena_finish(&c->arena);
	arena_reset(&c->arena);
	pthread_mutex_lock(&l->lock);
	bool reuse = l->n < HTTP_FREE_CALLS;
	if (reuse) {
		c->next = l->free;
		l->free = c;
		l->n++;
	}
	pthread_mutex_unlock(&l->lock);
	if (!reuse)
		call_free(c);
}

void call_list_finish(struct call_list *l)
{
	for (struct call *c = l->free, *next; c; c = next) {
		next = c->next;
		call_free(c);
	}
	l->free = NULL;
	l->n = 0;
}

void call_refuse(struct call *c, int status)
{
	const struct http_config *config = &c->server->config;
	struct http_res *res = &c->res;
	response_drop_headers(res);
	res->body.n = 0;
	res->status = 0;
	if (c->allow)
		http_set_header(res, "Allow", router_allow(c->req.arena, c->allow));
	if ((status == 503 || status == 429) && !response_header(res, "Retry-After"))
		http_set_header(res, "Retry-After", STR("1"));
	if (status == 204) {
		http_reply(res, status, NULL);
		return;
	}
	if (config->error_page && config->error_page(config->ctx, &c->req, res, status)) {
		res->status = res->status ? res->status : status;
		return;
	}
	http_problem(res, &c->req, status, STR_NONE);
}

void call_again(struct call *c)
{
	assert(c->phase == CALL_QUEUED);
	arena_reset(&c->rerun);
	response_reset(&c->res, &c->rerun);
	c->req.arena = &c->rerun;
	c->req.caller = NULL;
	c->req.deadline_us = clock_mono() + HTTP_DEADLINE_S * CLOCK_SECOND;
}

static enum rc check(struct call *c)
{
	const struct http_route *route = c->req.route;
	if (!route->check)
		return RC_OK;
	TRY(route->check(&c->req, &c->res));
	assert(!c->res.status); /* a check that refuses does not return RC_OK */
	return RC_OK;
}

static enum rc answer(struct call *c)
{
	TRY(check(c));
	return c->phase == CALL_CHECK ? RC_OK : c->req.route->handler(&c->req, &c->res);
}

static enum rc invoke(struct call *c)
{
	enum rc rc = answer(c);
	c->req.uncertain |= rc == RC_UNCERTAIN;
	return rc == RC_ANSWERED ? RC_OK : rc;
}

/* Was the answer decided on an old version? */
static bool is_stale(struct call *c, enum rc rc, int64_t version)
{
	const struct http_config *config = &c->server->config;
	const struct http_route *route = c->req.route;
	if ((rc == RC_OK && c->res.status < 400) || route->at_once || route->reserved || c->req.uncertain)
		return false;
	bool refreshed = config->refresh && config->refresh(config->ctx, version);
	return refreshed || rc == RC_STALE;
}

static int64_t version_now(const struct http_config *config)
{
	return config->version ? config->version(config->ctx) : 0;
}

static enum rc invoke_again(struct call *c)
{
	response_reset(&c->res, c->req.arena);
	c->req.caller = NULL;
	return invoke(c);
}

/* Others overtook the write in every run but this one, which they have to wait for. */
static enum rc invoke_in_turn(struct call *c)
{
	const struct http_config *config = &c->server->config;
	if (config->turn)
		config->turn(config->ctx, true);
	c->req.in_turn = config->turn != NULL;
	if (config->refresh)
		(void)config->refresh(config->ctx, version_now(config));
	enum rc rc = invoke_again(c);
	c->req.in_turn = false;
	if (config->turn)
		config->turn(config->ctx, false);
	return rc;
}

/* A refusal is decided once more on the new version. A write that another one overtook is run again each time, up to
 * the limit. */
static enum rc invoke_on_current(struct call *c)
{
	const struct http_config *config = &c->server->config;
	int64_t version = version_now(config);
	enum rc rc = invoke(c);
	for (int i = 1; i < HTTP_MAX_RERUNS && (i == 1 || rc == RC_STALE) && is_stale(c, rc, version); i++) {
		version = version_now(config);
		rc = invoke_again(c);
	}
	return rc == RC_STALE && !c->req.route->at_once ? invoke_in_turn(c) : rc;
}

void call_run(struct call *c)
{
	int status = 503;
	if (atomic_load(&c->server->abandoning) || clock_mono() > c->req.deadline_us) {
		call_refuse(c, status);
		return;
	}
	enum rc rc = invoke_on_current(c);
	if (rc != RC_OK) {
		c->res.waits = false;
		if (http_rc_status(rc, &status) != RC_OK)
			status = 500;
		http_why(&c->res, rc_name(rc));
		call_refuse(c, status);
		return;
	}
	if (c->res.waits && !c->req.wait_over)
		return;
	c->res.waits = false;
	if (c->phase == CALL_CHECK && !c->res.status)
		return;
	if (c->res.status < 200 || c->res.status > 599)
		call_refuse(c, 500);
}
