#include "t.h"

#include <pthread.h>

#include "base/clock.h"
#include "store/committer.h"
#include "store/fake.h"

#define MANY 8

static struct arena arena;
static struct fake fake;
static sem_t hold, held;

static const struct db_waits slow;

static struct committer *start_with(const struct db_waits *waits_slow, size_t queue_max)
{
	struct committer *c = NULL;
	struct committer_config config = {
		.driver = &db_fake, .uri = "fake:", .queue_max = queue_max, .waits_slow = waits_slow
	};
	fake.version = 1;
	fake_use(&fake);
	CHECK_RC(committer_create(&config, &c), RC_OK);
	return c;
}

static struct committer *start(size_t queue_max)
{
	return start_with(NULL, queue_max);
}

static int fresh(void **state)
{
	(void)state;
	fake = (struct fake){ 0 };
	sem_init(&hold, 0, 0);
	sem_init(&held, 0, 0);
	return 0;
}

static int done(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

/* A guarded change that can be told from others by its text. */
static struct change *change_of(struct arena *a, const char *text)
{
	struct change *c = change_new(a);
	c->guarded = true;
	CHANGE_OP(c, SQL_party_delete, db_text(str_of(text)));
	return c;
}

static enum rc run_one(struct committer *c)
{
	return committer_run(c, change_of(&arena, "x"));
}

struct job {
	struct committer *c;
	const char *text;
	bool bump;
	bool has_event;
	enum rc rc;
	pthread_t thread;
};

static void *job_main(void *arg)
{
	struct job *j = arg;
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct change *ch = change_of(&a, j->text);
	ch->bump = j->bump;
	ch->has_event = j->has_event;
	if (j->has_event)
		ch->receivers[0] = (struct uuid){ { 1 } };
	j->rc = committer_run(j->c, ch);
	return NULL;
}

/* One change, whose transaction has begun and waits. */
static void hold_with(struct committer *c, struct job *first)
{
	*first = (struct job){ .c = c, .text = "first" };
	fake.hold = &hold;
	fake.held = &held;
	pthread_create(&first->thread, NULL, job_main, first);
	sem_wait(&held);
}

static void until_waiting(const struct committer *c, int64_t n)
{
	while (committer_stats(c).waiting < n)
		usleep(100);
}

/* One change holds the committer at its begin, so that the jobs wait and become one batch. */
static void run_together(struct committer *c, struct job *jobs, size_t n)
{
	struct job first;
	hold_with(c, &first);
	for (size_t i = 0; i < n; i++) {
		jobs[i].c = c;
		pthread_create(&jobs[i].thread, NULL, job_main, &jobs[i]);
	}
	until_waiting(c, (int64_t)n);
	for (size_t i = 0; i < 4 * n + 4; i++)
		sem_post(&hold);
	pthread_join(first.thread, NULL);
	for (size_t i = 0; i < n; i++)
		pthread_join(jobs[i].thread, NULL);
	CHECK_RC(first.rc, RC_OK);
}

static void test_committer__waiting_changes_share_a_commit(void **state)
{
	(void)state;
	struct committer *c = start(0);
	struct job jobs[MANY];
	for (size_t i = 0; i < MANY; i++)
		jobs[i] = (struct job){ .text = "good" };
	run_together(c, jobs, MANY);
	for (size_t i = 0; i < MANY; i++)
		CHECK_RC(jobs[i].rc, RC_OK);
	assert_int_equal(fake.commits, 2);
	struct store_stats s = committer_stats(c);
	CHECK(s.batches == 2 && s.changes == MANY + 1 && s.max_batch == MANY && s.rerun_singly == 0);
	committer_destroy(c);
}

static void test_committer__only_the_bad_change_fails(void **state)
{
	(void)state;
	struct committer *c = start(0);
	struct job jobs[MANY];
	for (size_t i = 0; i < MANY; i++)
		jobs[i] = (struct job){ .text = i == 3 ? "bad" : "good" };
	fake.fail_text = STR("bad");
	run_together(c, jobs, MANY);
	for (size_t i = 0; i < MANY; i++)
		CHECK_RC(jobs[i].rc, i == 3 ? RC_FAIL : RC_OK);
	assert_int_equal(fake.rollbacks, 2);
	assert_int_equal(fake.commits, MANY);
	assert_int_equal(committer_stats(c).rerun_singly, MANY);
	committer_destroy(c);
}

/* The others are committed without it, in the batch's second try. */
static void test_committer__a_locked_row_holds_up_its_change_alone(void **state)
{
	(void)state;
	for (int event = 0; event <= 1; event++) {
		fresh(NULL);
		struct committer *c = start_with(&slow, 0);
		struct job jobs[MANY];
		for (size_t i = 0; i < MANY; i++)
			jobs[i] = (struct job){ .text = i == 3 ? "locked" : "good", .has_event = event };
		fake.lock_text = STR("locked");
		fake.locks = 2; /* for the batch, and for the lane's first try */
		run_together(c, jobs, MANY);
		for (size_t i = 0; i < MANY; i++)
			CHECK_RC(jobs[i].rc, RC_OK);
		assert_int_equal(fake.commits, 3);
		struct store_stats s = committer_stats(c);
		CHECK(s.held == 1 && s.rerun_singly == 0);
		committer_destroy(c);
	}
}

static void test_committer__a_row_that_stays_locked_is_busy(void **state)
{
	(void)state;
	struct committer *c = start_with(&slow, 0);
	fake.lock_text = STR("x");
	fake.locks = INT32_MAX;
	int64_t from = clock_mono();
	CHECK_RC(run_one(c), RC_BUSY);
	CHECK(clock_mono() - from >= CHANGE_WAIT_US);
	committer_destroy(c);
	c = start(0); /* without a lane */
	CHECK_RC(run_one(c), RC_BUSY);
	committer_destroy(c);
}

static void test_committer__a_failed_commit_is_tried_singly(void **state)
{
	(void)state;
	struct committer *c = start(0);
	fake.fail_commits = 1;
	CHECK_RC(run_one(c), RC_FAIL);
	CHECK_RC(run_one(c), RC_OK);
	fake.fail_nth = 2;
	CHECK_RC(run_one(c), RC_FAIL);
	committer_destroy(c);
}

static void test_committer__lost_in_commit_is_uncertain_and_reconnects(void **state)
{
	(void)state;
	struct committer *c = start(0);
	fake.uncertain_commits = 1;
	CHECK_RC(run_one(c), RC_UNCERTAIN);
	CHECK_RC(run_one(c), RC_OK);
	assert_int_equal(fake.opens, 2);
	committer_destroy(c);
}

static void test_committer__busy_passes_through(void **state)
{
	(void)state;
	struct committer *c = start(0);
	fake.busy_begins = 1;
	CHECK_RC(run_one(c), RC_BUSY);
	CHECK_RC(run_one(c), RC_OK);
	assert_int_equal(fake.opens, 1);
	committer_destroy(c);
}

static void test_committer__lost_before_anything_was_done_is_not_noticed(void **state)
{
	(void)state;
	struct committer *c = start(0);
	fake.busy_begins = 1;
	fake.die_on_begin = true;
	CHECK_RC(run_one(c), RC_OK);
	assert_int_equal(fake.opens, 2);
	committer_destroy(c);
}

static void test_committer__unreachable_is_busy_without_spinning(void **state)
{
	(void)state;
	struct committer *c = start(0);
	fake.refused_opens = 1;
	CHECK_RC(run_one(c), RC_BUSY);
	CHECK_RC(run_one(c), RC_BUSY); /* too soon to ask again */
	assert_int_equal(fake.opens, 0);
	usleep(80000);
	CHECK_RC(run_one(c), RC_OK);
	committer_destroy(c);
}

static void test_committer__zero_rows_is_a_conflict(void **state)
{
	(void)state;
	struct committer *c = start(0);
	fake.zero_rows = true;
	CHECK_RC(run_one(c), RC_CONFLICT);
	struct change *free_of_guard = change_of(&arena, "x");
	free_of_guard->guarded = false;
	CHECK_RC(committer_run(c, free_of_guard), RC_OK);
	committer_destroy(c);
}

/* What stands before the guarded statement is no guard. */
static void test_committer__the_guard_is_the_statement_that_is_named(void **state)
{
	(void)state;
	static const struct {
		int64_t first, second;
		enum rc rc;
	} rows[] = { { 0, 1, RC_OK }, { 1, 0, RC_CONFLICT }, { 1, 1, RC_OK } };
	for (size_t i = 0; i < LEN(rows); i++) {
		const struct db_val one = { .type = DB_INT, .i = 1 };
		const struct fake_answer script[] = { { .stmt = SQL_version, .rows = 1, .cols = &one, .n_cols = 1 },
						      { .stmt = SQL_party_delete, .rows = rows[i].first },
						      { .stmt = SQL_party_delete, .rows = rows[i].second } };
		fake.script = script;
		fake.n_script = LEN(script);
		fake.at = 0;
		struct committer *c = start(0);
		struct change *ch = change_of(&arena, "x");
		CHANGE_OP(ch, SQL_party_delete, db_text(STR("y")));
		ch->guard_at = 1;
		CHECK_RC(committer_run(c, ch), rows[i].rc);
		committer_destroy(c);
	}
}

static void test_committer__stale_is_left_out(void **state)
{
	(void)state;
	struct committer *c = start(0);
	struct change *ch = change_of(&arena, "x");
	ch->basis.version = 2;
	CHECK_RC(committer_run(c, ch), RC_STALE);
	CHECK(fake.n_log == 1 && fake.log[0] == SQL_version && fake.rollbacks == 1 && fake.commits == 0);
	fake.version = 2;
	CHECK_RC(committer_run(c, ch), RC_OK);
	ch->bump = true; /* whoever raises the version that it was decided on holds it from the beginning */
	fake.n_log = 0;
	CHECK_RC(committer_run(c, ch), RC_OK);
	CHECK(fake.log[0] == SQL_version_lock);
	committer_destroy(c);
}

static void test_committer__a_bump_ends_its_batch(void **state)
{
	(void)state;
	struct committer *c = start(0);
	struct job jobs[MANY];
	for (size_t i = 0; i < MANY; i++)
		jobs[i] = (struct job){ .text = "x", .bump = true };
	run_together(c, jobs, MANY);
	assert_int_equal(committer_stats(c).batches, MANY + 1);
	committer_destroy(c);
}

static void test_committer__queue_limit(void **state)
{
	(void)state;
	struct committer *c = start(MANY);
	struct job jobs[MANY], first;
	hold_with(c, &first);
	for (size_t i = 0; i < MANY; i++) {
		jobs[i] = (struct job){ .c = c, .text = "x" };
		pthread_create(&jobs[i].thread, NULL, job_main, &jobs[i]);
	}
	until_waiting(c, MANY);
	CHECK_RC(run_one(c), RC_BUSY);
	for (size_t i = 0; i < MANY + 2; i++)
		sem_post(&hold);
	pthread_join(first.thread, NULL);
	for (size_t i = 0; i < MANY; i++) {
		pthread_join(jobs[i].thread, NULL);
		CHECK_RC(jobs[i].rc, RC_OK);
	}
	committer_destroy(c);
	committer_destroy(NULL);
}

static void test_committer__event_ids_rise_past_the_feed(void **state)
{
	(void)state;
	struct uuid ahead, lower = { { 0 } };
	memset(ahead.b, 0x70, sizeof ahead.b);
	struct db_val last = db_blob(uuid_bytes(&ahead)), low = db_blob(uuid_bytes(&lower)), one = db_int(1);
	const struct fake_answer script[] = {
		{ SQL_feed_lock, 1, &low, 1 },    { SQL_feed_lock, 1, &last, 1 }, { SQL_version, 1, &one, 1 },
		{ SQL_party_delete, 1, NULL, 0 }, { SQL_feed_set, 1, NULL, 0 },   { SQL_feed_set, 1, NULL, 0 },
	};
	struct committer *c = start(0);
	fake.script = script;
	fake.n_script = LEN(script);
	struct change *ch = change_of(&arena, "x");
	ch->has_event = true;
	ch->receivers[0] = uuid_v4();
	ch->receivers[1] = uuid_v4();
	CHECK_RC(committer_run(c, ch), RC_OK);
	CHECK(uuid_cmp(ch->event_id, ahead) > 0);
	assert_int_equal(fake.at, LEN(script));
	committer_destroy(c);
}

static void test_committer__receivers_of_an_answer_are_looked_up(void **state)
{
	(void)state;
	struct uuid to = uuid_v4(), nil = { { 0 } };
	struct db_val receiver = db_blob(uuid_bytes(&to)), zero = db_blob(uuid_bytes(&nil)), one = db_int(1);
	const struct fake_answer script[] = {
		{ SQL_consent_to, 1, &receiver, 1 }, { SQL_consent_handler, 1, &receiver, 1 },
		{ SQL_feed_lock, 1, &zero, 1 },      { SQL_version, 1, &one, 1 },
		{ SQL_party_delete, 1, NULL, 0 },    { SQL_feed_set, 1, NULL, 0 },
		{ SQL_consent_to, 0, NULL, 0 },      { SQL_consent_handler, 0, NULL, 0 },
		{ SQL_version, 1, &one, 1 },
	};
	struct committer *c = start(0);
	fake.script = script;
	fake.n_script = LEN(script);
	struct change *ch = change_of(&arena, "x");
	ch->has_event = true;
	ch->consent = uuid_v4();
	CHECK_RC(committer_run(c, ch), RC_OK);
	CHECK(uuid_eq(ch->receivers[0], to));
	ch->receivers[0] = nil;
	CHECK_RC(committer_run(c, ch), RC_CONFLICT); /* no such consent */
	assert_int_equal(fake.at, LEN(script));
	committer_destroy(c);
}

static void test_committer__absent_argument_and_too_many_statements(void **state)
{
	(void)state;
	struct committer *c = start(0);
	struct change *ch = change_of(&arena, NULL);
	CHECK_RC(committer_run(c, ch), RC_INVALID);
	ch = change_new(&arena);
	change_op(ch, SQL_version_bump, NULL, 0);
	ch->n_ops = CHANGE_OPS_MAX + 1;
	CHECK_RC(committer_run(c, ch), RC_TOO_LARGE);
	ch->n_ops = 1;
	CHECK_RC(committer_run(c, ch), RC_OK);
	committer_destroy(c);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fresh, done)
T_MAIN(CASE(test_committer__waiting_changes_share_a_commit), CASE(test_committer__only_the_bad_change_fails),
       CASE(test_committer__a_locked_row_holds_up_its_change_alone),
       CASE(test_committer__a_row_that_stays_locked_is_busy), CASE(test_committer__a_failed_commit_is_tried_singly),
       CASE(test_committer__lost_in_commit_is_uncertain_and_reconnects), CASE(test_committer__busy_passes_through),
       CASE(test_committer__lost_before_anything_was_done_is_not_noticed),
       CASE(test_committer__unreachable_is_busy_without_spinning), CASE(test_committer__zero_rows_is_a_conflict),
       CASE(test_committer__the_guard_is_the_statement_that_is_named), CASE(test_committer__stale_is_left_out),
       CASE(test_committer__a_bump_ends_its_batch), CASE(test_committer__queue_limit),
       CASE(test_committer__event_ids_rise_past_the_feed), CASE(test_committer__receivers_of_an_answer_are_looked_up),
       CASE(test_committer__absent_argument_and_too_many_statements))
