#include "net/pool.h"

#include <semaphore.h>

#include "base/task.h"
#include "tiny_server.h"

#define STACK ((size_t)256 * 1024)

/* Holds its first request until it is told to go on; others are answered at once. */
struct site {
	struct tiny server;
	sem_t came, go;
};

static void answer(struct tiny *t, int fd, const char *request)
{
	struct site *s = t->ctx;
	if (strstr(request, " /held ")) {
		sem_post(&s->came);
		while (sem_wait(&s->go) != 0)
			;
	}
	tiny_reply(fd, 200, "", strstr(request, " /held ") ? "held" : "body");
}

struct caller {
	struct net_pool *pool;
	struct arena a;
	char url[96];
	int timeout_s;
	enum rc rc;
	struct net_res res;
	struct str why;
	pthread_t thread;
};

static void fetch(void *arg)
{
	struct caller *c = arg;
	const struct net_req req = { .method = "GET", .url = c->url, .timeout_s = c->timeout_s };
	c->rc = net_pool_fetch(c->pool, &c->a, &req, &c->res, &c->why);
}

static void *fetch_thread(void *arg)
{
	fetch(arg);
	return NULL;
}

static struct site *site_start(void)
{
	struct site *s = calloc(1, sizeof *s);
	CHECK(s);
	sem_init(&s->came, 0, 0);
	sem_init(&s->go, 0, 0);
	tiny_start(&s->server, answer, s);
	return s;
}

static void site_stop(struct site *s)
{
	tiny_stop(&s->server);
	free(s);
}

static void caller_init(struct caller *c, struct net_pool *pool, struct site *s, const char *path)
{
	*c = (struct caller){ .pool = pool };
	snprintf(c->url, sizeof c->url, "%s%s", s->server.url, path);
}

static void caller_start(struct caller *c)
{
	CHECK(pthread_create(&c->thread, NULL, fetch_thread, c) == 0);
}

static void test_pool__fetches(void **state)
{
	(void)state;
	struct site *s = site_start();
	struct net_pool *pool;
	struct caller c;
	CHECK_RC(net_pool_create(2, 2, &pool), RC_OK);
	for (int i = 0; i < 5; i++) {
		caller_init(&c, pool, s, "/");
		fetch(&c);
		CHECK_RC(c.rc, RC_OK);
		CHECK(c.res.status == 200);
		CHECK_STR(c.res.body, STR("body"));
		arena_finish(&c.a);
	}
	caller_init(&c, pool, s, "/");
	snprintf(c.url, sizeof c.url, "file:///etc/hostname");
	fetch(&c);
	CHECK_RC(c.rc, RC_INVALID);
	CHECK(c.why.n > 0);
	arena_finish(&c.a);
	net_pool_destroy(pool);
	net_pool_destroy(NULL);
	site_stop(s);
}

static void test_pool__one_more_than_it_takes_is_refused_at_once(void **state)
{
	(void)state;
	struct site *s = site_start();
	struct net_pool *pool;
	struct caller held, third;
	CHECK_RC(net_pool_create(1, 1, &pool), RC_OK);
	caller_init(&held, pool, s, "/held");
	caller_start(&held);
	while (sem_wait(&s->came) != 0)
		;
	caller_init(&third, pool, s, "/");
	fetch(&third); /* would wait for the thread that is held if it were taken */
	CHECK_RC(third.rc, RC_BUSY);
	CHECK_STR(third.why, STR("too many outgoing calls at once"));
	sem_post(&s->go);
	pthread_join(held.thread, NULL);
	CHECK_RC(held.rc, RC_OK);
	fetch(&third);
	CHECK_RC(third.rc, RC_OK);
	arena_finish(&held.a);
	arena_finish(&third.a);
	net_pool_destroy(pool);
	site_stop(s);
}

static void test_pool__the_deadline_holds_while_waiting_for_a_thread(void **state)
{
	(void)state;
	struct site *s = site_start();
	struct net_pool *pool;
	struct caller held, late;
	CHECK_RC(net_pool_create(1, 2, &pool), RC_OK);
	caller_init(&held, pool, s, "/held");
	held.timeout_s = 2;
	caller_start(&held); /* nobody lets it go on: it gives up after two seconds */
	while (sem_wait(&s->came) != 0)
		;
	caller_init(&late, pool, s, "/");
	late.timeout_s = 1;
	fetch(&late);
	CHECK_RC(late.rc, RC_BUSY);
	CHECK_STR(late.why, STR("waited too long for its turn"));
	pthread_join(held.thread, NULL);
	CHECK_RC(held.rc, RC_BUSY);
	sem_post(&s->go);
	arena_finish(&held.a);
	arena_finish(&late.a);
	net_pool_destroy(pool);
	CHECK(s->server.hits == 1);
	site_stop(s);
}

struct lane {
	struct caller call;
	sem_t notice;
	struct site *site;
	int others;
};

static void notice(void *ctx)
{
	sem_post(&((struct lane *)ctx)->notice);
}

/* Runs only if the task before it does not hold the thread; and only then does the answer come. */
static void let_go(void *arg)
{
	struct lane *l = arg;
	l->others++;
	sem_post(&l->site->go);
}

static void test_pool__a_task_is_parked_and_its_thread_goes_on(void **state)
{
	(void)state;
	struct lane l = { .site = site_start() };
	struct net_pool *pool;
	struct task_loop *loop;
	sem_init(&l.notice, 0, 0);
	CHECK_RC(net_pool_create(1, 1, &pool), RC_OK);
	CHECK_RC(task_loop_create(2, STACK, notice, &l, &loop), RC_OK);
	caller_init(&l.call, pool, l.site, "/held");
	task_loop_start(loop, fetch, &l.call);
	task_loop_start(loop, let_go, &l);
	CHECK(l.others == 1 && task_loop_running(loop) == 1);
	while (task_loop_running(loop)) {
		if (task_loop_sleep(loop))
			while (sem_wait(&l.notice) != 0)
				;
		while (task_loop_resume(loop))
			;
	}
	CHECK_RC(l.call.rc, RC_OK);
	CHECK_STR(l.call.res.body, STR("held"));
	arena_finish(&l.call.a);
	task_loop_destroy(loop);
	net_pool_destroy(pool);
	site_stop(l.site);
}

T_MAIN(cmocka_unit_test(test_pool__fetches), cmocka_unit_test(test_pool__one_more_than_it_takes_is_refused_at_once),
       cmocka_unit_test(test_pool__the_deadline_holds_while_waiting_for_a_thread),
       cmocka_unit_test(test_pool__a_task_is_parked_and_its_thread_goes_on))
