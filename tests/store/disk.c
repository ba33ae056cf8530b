/* Every system call of the store on SQLite's files, or on its connections to PostgreSQL (SAMTYKKE_TEST_STORE), fails
 * once, or from then on. What the store says of each change is compared with what is there after a kill: a change that
 * was confirmed is there, a change of which nothing was done is not, and only of an uncertain one may be either. */
#include "world.h"
#include "store/change.h"
#include "store/keys.h"
#include "store/sessions.h"
#include "store/tokens.h"
#include "base/log.h"
#include "syscalls.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#define BACK_WITHIN (20 * CLOCK_SECOND)
#define HASH(c) str_span((c)->id.b, sizeof(c)->id.b * 2)

/* The changes of one round, in this order. The last two say the same: a repetition may find its own frames. */
enum step { CREATE, ACCEPT, TOKEN, SESSION, APPLY, APPLY_AGAIN, STEP__MAX };
static const char *const step_names[STEP__MAX] = { "create", "accept", "token", "session", "apply", "apply again" };

struct round {
	struct fault fault;
	bool opening; /* the fault is set before the store opens */
	struct consent *created;
	struct consent *accepted;
	struct token_row token;
	uint8_t guard[32], session[32], csrf[32];
	struct str party; /* number of the one that the registry gets */
};

/* What the child tells. */
struct said {
	bool opened;
	bool done; /* no call failed: there are no more to fail */
	bool back; /* the store works again without the fault, or nobody asked */
	enum rc rc[STEP__MAX];
};

static int64_t uncertain, confirmed, refused;

static struct session session_of(const struct round *r)
{
	return (struct session){ .id_hash = str_span(r->session, sizeof r->session),
				 .party = r->accepted->id,
				 .level = 4,
				 .csrf = str_span(r->csrf, sizeof r->csrf),
				 .created = NOW,
				 .last_seen = NOW };
}

static enum rc apply(const struct round *r)
{
	struct change *c = change_new(&arena);
	const struct party p = { .type = PARTY_PERSON, .ident = r->party, .name = STR("RASK REV") };
	change_party(c, &p);
	return store_apply(store, c, true);
}

static enum rc step_run(const struct round *r, enum step step)
{
	struct event e;
	struct session s = session_of(r);
	switch (step) {
	case CREATE:
		return create_in(store, &arena, r->created, &e);
	case ACCEPT:
		return answer(r->accepted, ST_ACCEPTED);
	case TOKEN:
		return tokens_insert(store, &arena, &r->token);
	case SESSION:
		return sessions_insert(store, &arena, &s);
	case APPLY:
	case APPLY_AGAIN:
		return apply(r);
	case STEP__MAX:
		break;
	}
	return RC_FAIL;
}

static bool works_again(void)
{
	struct event e;
	int64_t until = clock_mono() + BACK_WITHIN;
	struct consent *c = consent_new(&arena, uuid_v4());
	while (clock_mono() < until) {
		if (create_in(store, &arena, c, &e) == RC_OK)
			return true;
		usleep(1000);
	}
	return false;
}

/* In the child: it ends without closing anything. */
static void round_run(const struct round *r, int to)
{
	struct said said = { 0 };
	struct store_config c = { .uri = uri, .mode = STORE_SANDBOX, .migrate = true, .map_mb = 1 };
	struct str err;
	struct event e;
	if (r->opening)
		fault_set(r->fault);
	said.opened = store_open(&c, &store, &arena, &err) == RC_OK;
	if (!r->opening && (!said.opened || create_in(store, &arena, r->accepted, &e) != RC_OK))
		_exit(1);
	if (!r->opening)
		fault_set(r->fault);
	for (int i = 0; said.opened && !r->opening && i < STEP__MAX; i++)
		said.rc[i] = step_run(r, i);
	said.done = fault_failed() == 0;
	fault_set((struct fault){ 0 });
	/* After a fault that stays, the next attempt to open the database is some time away. */
	said.back = (r->fault.stays && r->fault.nth % 16 != 0) || (said.opened && works_again());
	(void)!write(to, &said, sizeof said);
	kill(getpid(), SIGKILL);
}

static struct said round_child(const struct round *r)
{
	struct said said;
	int ends[2], status;
	CHECK(pipe(ends) == 0);
	pid_t pid = fork();
	if (pid == 0)
		round_run(r, ends[1]);
	close(ends[1]);
	bool told = read(ends[0], &said, sizeof said) == (ssize_t)sizeof said;
	close(ends[0]);
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (!told || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail_msg("kind %d, call %d, stays %d: the child ended with %d", r->fault.kind, r->fault.nth,
			 r->fault.stays, status);
	return said;
}

/* ---- what is there ---- */

static bool there(const struct round *r, enum step step)
{
	struct reader *reader CLEANUP(reader_closep) = NULL;
	struct consent *c = NULL;
	struct session *s;
	struct party *p;
	struct uuid id;
	CHECK_RC(reader_open(store, true, &reader), RC_OK);
	switch (step) {
	case CREATE:
		return consents_get(reader, &arena, r->created->id, true, &c, NULL) == RC_OK && c->n_events == 1;
	case ACCEPT:
		CHECK_RC(consents_get(reader, &arena, r->accepted->id, true, &c, NULL), RC_OK);
		return c->status == ST_ACCEPTED && c->n_events == 2;
	case TOKEN:
		return tokens_guard_id(reader, r->token.guard, NOW, &id) == RC_OK;
	case SESSION:
		return sessions_get(reader, &arena, str_span(r->session, sizeof r->session), &s) == RC_OK;
	case APPLY:
	case APPLY_AGAIN:
		CHECK_RC(parties_by_ident(reader, &arena, &r->party, 1, &p, NULL), RC_OK);
		return p != NULL;
	case STEP__MAX:
		break;
	}
	return false;
}

static bool is_uncertain(enum rc rc)
{
	return rc == RC_UNCERTAIN;
}

static void step_check(const struct round *r, const struct said *said, enum step step)
{
	enum rc rc = said->rc[step];
	bool is = there(r, step);
	uncertain += is_uncertain(rc);
	confirmed += rc == RC_OK;
	refused += rc != RC_OK && !is_uncertain(rc);
	if (is_uncertain(rc))
		return;
	/* The first step of a pair tells nothing when the second was confirmed or is uncertain. */
	if (step == APPLY && rc != RC_OK && said->rc[APPLY_AGAIN] != RC_BUSY)
		return;
	if (step == APPLY_AGAIN && rc != RC_OK && said->rc[APPLY] != RC_BUSY)
		return;
	if (is != (rc == RC_OK))
		fail_msg("kind %d, call %d, stays %d: %s was %s, and it is%s there", r->fault.kind, r->fault.nth,
			 r->fault.stays, step_names[step], rc_name(rc), is ? "" : " not");
}

static void round_check(const struct round *r, const struct said *said)
{
	store = open_store(STORE_SANDBOX, false, false, RC_OK);
	for (int i = 0; !r->opening && i < STEP__MAX; i++)
		step_check(r, said, i);
	if (said->opened && !said->back)
		fail_msg("kind %d, call %d, stays %d: the store does not come back", r->fault.kind, r->fault.nth,
			 r->fault.stays);
	struct str report = STR_NONE;
	if (r->fault.nth % 16 == 0 && store_check(store, &arena, &report) != RC_OK)
		fail_msg("the store is damaged: %.*s", STR_FMT(report));
	store_close(store);
	store = NULL;
}

static void round_new(struct round *r, struct arena *a)
{
	r->created = consent_new(a, uuid_v4());
	r->accepted = consent_new(a, uuid_v4());
	r->party = person(a);
	rand_bytes(r->guard, sizeof r->guard);
	rand_bytes(r->session, sizeof r->session);
	rand_bytes(r->csrf, sizeof r->csrf);
	r->token = (struct token_row){ .id = uuid_v4(),
				       .client_id = STR("client"),
				       .guard = str_span(r->guard, sizeof r->guard),
				       .consumer = STR("810419512"),
				       .scope = STR("a:b"),
				       .issued = NOW,
				       .expires = NOW + CLOCK_HOUR,
				       .guard_until = NOW + CLOCK_HOUR };
}

/* Fails the first call, the second, and so on, until none fails any more. */
static void walk(enum fault_kind kind, bool stays, bool opening)
{
	for (int nth = 1;; nth++) {
		struct round r = { .fault = { kind, nth, stays }, .opening = opening };
		round_new(&r, &arena);
		struct said said = round_child(&r);
		round_check(&r, &said);
		arena_reset(&arena);
		if (said.done) {
			print_message("# kind %d, stays %d, opening %d: %d calls\n", kind, stays, opening, nth - 1);
			return;
		}
	}
}

static void test_disk__each_call_fails(void **state)
{
	(void)state;
	enum fault_kind kind = on_sqlite() ? 0 : FAULT_FILE__MAX, end = on_sqlite() ? FAULT_FILE__MAX : FAULT__MAX;
	uncertain = confirmed = refused = 0;
	for (; kind < end; kind++)
		for (int stays = 0; stays < 2; stays++)
			walk(kind, stays, false);
	print_message("# %lld confirmed, %lld refused, %lld uncertain\n", (long long)confirmed, (long long)refused,
		      (long long)uncertain);
	CHECK(uncertain > 0 && confirmed > 0 && refused > 0);
}

static void test_disk__each_call_of_an_opening_fails(void **state)
{
	(void)state;
	enum fault_kind kind = on_sqlite() ? FAULT_IO : FAULT_CUT;
	walk(kind, false, true);
	walk(kind, true, true);
}

static int folder_make(void **state)
{
	(void)state;
	static char path[64];
	/* Many kills, and none of the power: memory is as good as a disk, and faster. */
	log_setup(LOG__MAX, LOG_TEXT);
	uri = getenv("SAMTYKKE_TEST_STORE");
	if (uri) {
		store_close(open_store(STORE_SANDBOX, true, false, RC_OK));
		return 0;
	}
	if (access("/dev/shm", W_OK) == 0)
		snprintf(folder, sizeof folder, "/dev/shm/samtykke-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "sqlite:%s/store.db", folder);
	uri = path;
	store_close(open_store(STORE_SANDBOX, true, false, RC_OK));
	return 0;
}

T_MAIN_WITH(folder_make, teardown, cmocka_unit_test(test_disk__each_call_fails),
	    cmocka_unit_test(test_disk__each_call_of_an_opening_fails))
