/* Requests that wait: set aside, woken, timed out, forgotten. */
#include "http/http.h"
#include "http_client.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

#define LONG_S 60
#define MANY 40
#define ROUNDS 300
#define HEAVY 1000000 /* bytes that one run makes */

struct app {
	struct http_server *server;
	atomic_int runs, over;
	atomic_bool there, denied, wakes_itself;
};

static struct uuid key_of(struct str name)
{
	struct uuid u = { { 0 } };
	memcpy(u.b, name.p, name.n < sizeof u.b ? name.n : sizeof u.b);
	return u;
}

static enum rc check(struct http_req *req, struct http_res *res)
{
	(void)res;
	struct app *app = req->handlers;
	return atomic_load(&app->denied) ? RC_UNAUTHENTICATED : RC_OK;
}

/* Waits for the key that the query names, until something is there. A key is its own owner, but for "open". */
static enum rc poll_for(struct http_req *req, struct http_res *res, int64_t until)
{
	struct app *app = req->handlers;
	struct uuid key = key_of(req->query);
	bool there = atomic_load(&app->there), time_over = clock_mono() >= until;
	memset(arena_alloc(req->arena, HEAVY), 1, HEAVY);
	buf_lit(&res->body, "left over");
	http_set_header(res, "X-Left-Over", STR("1"));
	if (atomic_exchange(&app->wakes_itself, false)) {
		atomic_store(&app->there, true);
		http_wake(app->server, &key, 1);
	}
	atomic_fetch_add(&app->runs, 1);
	if (req->wait_over)
		atomic_fetch_add(&app->over, 1);
	if (!there && !req->wait_over && !time_over) {
		http_wait(res, key, str_is(req->query, "open") ? (struct uuid){ { 0 } } : key, until);
		return RC_OK;
	}
	*res = (struct http_res){ .arena = req->arena, .body = BUF(req->arena) };
	http_reply(res, 200, "text/plain");
	buf_z(&res->body, there ? "there" : "nothing");
	buf_add(&res->body, req->param[0]);
	buf_add(&res->body, http_header(req, "X-Say"));
	return RC_OK;
}

static enum rc long_poll(struct http_req *req, struct http_res *res)
{
	return poll_for(req, res, req->arrived_us + LONG_S * CLOCK_SECOND);
}

static enum rc short_poll(struct http_req *req, struct http_res *res)
{
	return poll_for(req, res, req->arrived_us + CLOCK_SECOND / 5);
}

static enum rc stubborn(struct http_req *req, struct http_res *res)
{
	http_wait(res, key_of(req->query), key_of(req->query), clock_mono() + LONG_S * CLOCK_SECOND);
	return RC_OK;
}

static enum rc fails(struct http_req *req, struct http_res *res)
{
	(void)stubborn(req, res);
	return RC_NOT_FOUND;
}

static enum rc plain(struct http_req *req, struct http_res *res)
{
	(void)req;
	http_reply(res, 200, "text/plain");
	buf_lit(&res->body, "plain");
	return RC_OK;
}

static const struct http_route rows[] = {
	// clang-format off
	{ .method = HTTP_GET, .pattern = "/long/{name}", .check = check, .handler = long_poll },
	{ .method = HTTP_GET, .pattern = "/short/{name}", .handler = short_poll },
	{ .method = HTTP_GET, .pattern = "/stubborn", .handler = stubborn },
	{ .method = HTTP_GET, .pattern = "/fails", .handler = fails },
	{ .method = HTTP_GET, .pattern = "/plain", .handler = plain },
	// clang-format on
};
static void start(struct app *app, int workers, size_t max_waiting)
{
	*app = (struct app){ 0 };
	struct http_config c = {
		.listen = "127.0.0.1", .workers = workers, .io_threads = 1, .ctx = app, .max_waiting = max_waiting
	};
	const struct http_table tables[] = { { .rows = rows, .n = LEN(rows), .checks = app, .handlers = app }, { 0 } };
	struct str why;
	CHECK_RC(http_server_start(&c, tables, &app->server, &why), RC_OK);
}

static int say(const struct app *app, const char *text)
{
	int fd = dial_port(http_server_port(app->server));
	put(fd, str_of(text));
	return fd;
}

static struct reply answer(struct arena *a, int fd)
{
	struct buf rest = BUF(a);
	return reply(a, fd, &rest, false);
}

static struct reply ask(const struct app *app, struct arena *a, const char *text)
{
	int fd = say(app, text);
	struct reply r = answer(a, fd);
	close(fd);
	return r;
}

static void waiting(const struct app *app, size_t n)
{
	for (int i = 0; i < WAIT_MS && http_waiting(app->server, NULL, 0) != n; i++)
		usleep(1000);
	assert_int_equal(http_waiting(app->server, NULL, 0), n);
}

static void runs(struct app *app, int n)
{
	for (int i = 0; i < WAIT_MS && atomic_load(&app->runs) < n; i++)
		usleep(1000);
	assert_int_equal(atomic_load(&app->runs), n);
}

static void wake(struct app *app, const char *name)
{
	struct uuid key = key_of(str_of(name));
	http_wake(app->server, &key, 1);
}

static void test_wait__woken_by_its_key_alone(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	struct uuid keys[3];
	start(&app, 2, 0);
	int one = say(&app, "GET /long/a?one HTTP/1.1\r\nHost: h\r\nX-Say: !\r\n\r\n");
	int two = say(&app, "GET /long/b?two" END);
	waiting(&app, 2);
	assert_int_equal(http_waiting(app.server, keys, 3), 2);
	CHECK(uuid_eq(keys[0], key_of(STR("one"))) || uuid_eq(keys[1], key_of(STR("one"))));
	app.there = true;
	wake(&app, "three");
	wake(&app, "one");
	struct reply r = answer(&a, one);
	assert_int_equal(r.status, 200);
	CHECK_STR(r.body, STR("therea!"));
	assert_null(header_of(r.head, STR("X-Left-Over")).p);
	waiting(&app, 1);
	assert_int_equal(app.runs, 3);
	wake(&app, "two");
	CHECK_STR(answer(&a, two).body, STR("thereb"));
	close(one);
	close(two);
	CHECK(http_server_stop(app.server, 5));
}

static void test_wait__a_wake_before_the_wait_is_not_lost(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	start(&app, 2, 0);
	for (int i = 0; i < 20; i++) {
		app.there = false;
		app.wakes_itself = true;
		CHECK_STR(ask(&app, &a, "GET /long/x?k" END).body, STR("therex"));
	}
	assert_int_equal(app.runs, 40);
	CHECK(http_server_stop(app.server, 5));
}

static void test_wait__is_run_again_when_its_time_is_over(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	start(&app, 2, 0);
	int far = say(&app, "GET /long/x?k" END);
	waiting(&app, 1);
	CHECK_STR(ask(&app, &a, "GET /short/x?k" END).body, STR("nothingx"));
	assert_int_equal(app.runs, 3);
	assert_int_equal(app.over, 0);
	waiting(&app, 1);
	close(far);
	waiting(&app, 0);
	CHECK(http_server_stop(app.server, 5));
}

static void test_wait__check_runs_again(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	start(&app, 2, 0);
	int fd = say(&app, "GET /long/x?k" END);
	waiting(&app, 1);
	app.denied = app.there = true;
	wake(&app, "k");
	assert_int_equal(answer(&a, fd).status, 401);
	close(fd);
	assert_int_equal(ask(&app, &a, "GET /fails?k" END).status, 404);
	CHECK(http_server_stop(app.server, 5));
}

static void test_wait__holds_no_worker(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	int fds[MANY];
	start(&app, 1, 0);
	for (size_t i = 0; i < MANY; i++)
		fds[i] = say(&app, "GET /long/x?k" END);
	waiting(&app, MANY);
	CHECK_STR(ask(&app, &a, "GET /plain" END).body, STR("plain"));
	app.there = true;
	wake(&app, "k");
	for (size_t i = 0; i < MANY; i++) {
		CHECK_STR(answer(&a, fds[i]).body, STR("therex"));
		close(fds[i]);
	}
	waiting(&app, 0);
	CHECK(http_server_stop(app.server, 5));
}

static void refuses(const struct app *app, struct arena *a, const char *text, int status)
{
	struct reply r = ask(app, a, text);
	assert_int_equal(r.status, status);
	CHECK_STR(header_of(r.head, STR("Retry-After")), STR("1"));
	assert_null(header_of(r.head, STR("X-Left-Over")).p);
}

static void test_wait__limit(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	start(&app, 2, 2);
	int one = say(&app, "GET /long/x?k" END), two = say(&app, "GET /long/x?l" END);
	waiting(&app, 2);
	refuses(&app, &a, "GET /long/x?m" END, 503);
	close(one);
	waiting(&app, 1);
	int three = say(&app, "GET /long/x?m" END);
	waiting(&app, 2);
	close(two);
	close(three);
	waiting(&app, 0);
	CHECK(http_server_stop(app.server, 5));
}

static void test_wait__an_owner_has_a_share(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	int fds[6];
	start(&app, 2, 2 * HTTP_WAITING_SHARES);
	fds[0] = say(&app, "GET /long/x?k" END);
	fds[1] = say(&app, "GET /long/x?k" END);
	waiting(&app, 2);
	refuses(&app, &a, "GET /long/x?k" END, 429);
	fds[2] = say(&app, "GET /long/x?l" END);
	fds[3] = say(&app, "GET /long/x?l" END);
	waiting(&app, 4);
	refuses(&app, &a, "GET /long/x?l" END, 429);
	close(fds[0]);
	waiting(&app, 3);
	fds[4] = say(&app, "GET /long/x?k" END);
	waiting(&app, 4);
	refuses(&app, &a, "GET /long/x?k" END, 429);
	close(fds[2]);
	close(fds[3]);
	waiting(&app, 2);
	fds[5] = say(&app, "GET /long/x?l" END);
	waiting(&app, 3);
	app.there = true;
	wake(&app, "l");
	CHECK_STR(answer(&a, fds[5]).body, STR("therex"));
	wake(&app, "k");
	CHECK_STR(answer(&a, fds[1]).body, STR("therex"));
	CHECK_STR(answer(&a, fds[4]).body, STR("therex"));
	for (size_t i = 0; i < LEN(fds); i++)
		if (i != 0 && i != 2 && i != 3)
			close(fds[i]);
	waiting(&app, 0);
	CHECK(http_server_stop(app.server, 5));
}

/* The places of owners are all taken; those of requests without an owner are not touched, and have a limit too. */
static void test_wait__requests_without_an_owner_have_places_of_their_own(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	struct uuid keys[2];
	int fds[4];
	start(&app, 1, 2); /* one worker: a run begins when the wait before it has begun */
	fds[0] = say(&app, "GET /long/x?k" END);
	fds[1] = say(&app, "GET /long/x?l" END);
	waiting(&app, 2);
	fds[2] = say(&app, "GET /long/x?open" END);
	fds[3] = say(&app, "GET /long/x?open" END);
	runs(&app, 4);
	refuses(&app, &a, "GET /long/x?open" END, 503);
	assert_int_equal(http_waiting(app.server, keys, LEN(keys)), 2);
	CHECK(!uuid_eq(keys[0], key_of(STR("open"))) && !uuid_eq(keys[1], key_of(STR("open"))));
	app.there = true;
	wake(&app, "open");
	CHECK_STR(answer(&a, fds[2]).body, STR("therex"));
	CHECK_STR(answer(&a, fds[3]).body, STR("therex"));
	waiting(&app, 2);
	for (size_t i = 0; i < LEN(fds); i++)
		close(fds[i]);
	waiting(&app, 0);
	CHECK(http_server_stop(app.server, 5));
}

static void test_wait__a_client_that_has_said_all_is_answered(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	start(&app, 2, 0);
	int fd = say(&app, "GET /long/x?k" END);
	waiting(&app, 1);
	shutdown(fd, SHUT_WR);
	CHECK_STR(answer(&a, fd).body, STR("nothingx"));
	assert_int_equal(app.over, 1);
	close(fd);
	CHECK(http_server_stop(app.server, 5));
}

static void test_wait__the_connection_goes_on_afterwards(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	struct buf rest = BUF(&a);
	start(&app, 2, 0);
	int fd = say(&app, "GET /long/x?k" END "GET /plain" END);
	for (int i = 0; i < 3; i++) {
		app.there = false;
		waiting(&app, 1);
		app.there = true;
		wake(&app, "k");
		CHECK_STR(reply(&a, fd, &rest, false).body, STR("therex"));
		CHECK_STR(reply(&a, fd, &rest, false).body, STR("plain"));
		app.there = false;
		if (i < 2)
			put(fd, STR("GET /long/x?k" END "GET /plain" END));
	}
	close(fd);
	CHECK(http_server_stop(app.server, 5));
}

static void test_wait__keeps_nothing_of_earlier_runs(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	struct rusage before, after;
	start(&app, 1, 0);
	int fd = say(&app, "GET /long/x?k" END);
	waiting(&app, 1);
	getrusage(RUSAGE_SELF, &before);
	for (int i = 2; i <= ROUNDS; i++) {
		wake(&app, "k");
		runs(&app, i);
		waiting(&app, 1);
	}
	getrusage(RUSAGE_SELF, &after);
	CHECK(after.ru_maxrss - before.ru_maxrss < ROUNDS * HEAVY / 1024 / 2);
	app.there = true;
	wake(&app, "k");
	CHECK_STR(answer(&a, fd).body, STR("therex"));
	close(fd);
	CHECK(http_server_stop(app.server, 5));
}

static void test_wait__stop_ends_it(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	int fds[MANY];
	start(&app, 2, 0);
	for (size_t i = 0; i < MANY; i++)
		fds[i] = say(&app, i ? "GET /long/x?k" END : "GET /stubborn?k" END);
	waiting(&app, MANY);
	int64_t begun = clock_mono();
	CHECK(http_server_stop(app.server, LONG_S));
	CHECK(clock_mono() - begun < LONG_S * CLOCK_SECOND / 2);
	assert_int_equal(app.over, MANY - 1);
	for (size_t i = 0; i < MANY; i++) {
		struct reply r = answer(&a, fds[i]);
		assert_int_equal(r.status, i ? 200 : 500);
		CHECK_STR(header_of(r.head, STR("Connection")), STR("close"));
		close(fds[i]);
	}
}

static void *wake_always(void *arg)
{
	struct app *app = arg;
	while (!atomic_load(&app->there)) {
		wake(app, "a");
		wake(app, "b");
	}
	wake(app, "a");
	wake(app, "b");
	return NULL;
}

static void test_wait__wakes_and_waits_at_the_same_time(void **state)
{
	(void)state;
	CLEANUP(arena_finish) struct arena a = { 0 };
	struct app app;
	pthread_t waker;
	int fds[MANY];
	start(&app, 4, 0);
	for (size_t i = 0; i < MANY; i++)
		fds[i] = say(&app, i % 2 ? "GET /long/x?a" END : "GET /long/x?b" END);
	pthread_create(&waker, NULL, wake_always, &app);
	for (size_t i = 0; i < MANY; i += 4) {
		close(fds[i]);
		fds[i] = -1;
	}
	for (int i = 0; i < WAIT_MS && atomic_load(&app.runs) < 10 * MANY; i++)
		usleep(1000);
	app.there = true;
	pthread_join(waker, NULL);
	for (size_t i = 0; i < MANY; i++) {
		if (fds[i] < 0)
			continue;
		CHECK_STR(answer(&a, fds[i]).body, STR("therex"));
		close(fds[i]);
	}
	waiting(&app, 0);
	CHECK(http_server_stop(app.server, 5));
}

T_MAIN(cmocka_unit_test(test_wait__woken_by_its_key_alone),
       cmocka_unit_test(test_wait__a_wake_before_the_wait_is_not_lost),
       cmocka_unit_test(test_wait__is_run_again_when_its_time_is_over), cmocka_unit_test(test_wait__check_runs_again),
       cmocka_unit_test(test_wait__holds_no_worker), cmocka_unit_test(test_wait__limit),
       cmocka_unit_test(test_wait__an_owner_has_a_share),
       cmocka_unit_test(test_wait__requests_without_an_owner_have_places_of_their_own),
       cmocka_unit_test(test_wait__a_client_that_has_said_all_is_answered),
       cmocka_unit_test(test_wait__the_connection_goes_on_afterwards),
       cmocka_unit_test(test_wait__keeps_nothing_of_earlier_runs), cmocka_unit_test(test_wait__stop_ends_it),
       cmocka_unit_test(test_wait__wakes_and_waits_at_the_same_time))
