/* One suite for every database: SAMTYKKE_TEST_STORE names it (an empty one); unset: SQLite in a temporary folder. */
#include "store/committer.h"
#include "store/import.h"
#include "store/keys.h"
#include "store/lists.h"
#include "store/activity.h"
#include "world.h"
#include "store/sessions.h"
#include "store/tokens.h"

#include <signal.h>
#include <sys/resource.h>

/* ---- consents ---- */
static void check_same(const struct consent *got, const struct consent *c)
{
	CHECK(uuid_eq(got->id, c->id) && urn_eq(got->from, c->from) && urn_eq(got->to, c->to));
	CHECK(urn_eq(got->required_delegator, c->required_delegator) && urn_eq(got->handled_by, c->handled_by));
	CHECK(uuid_eq(got->from_uuid, c->from_uuid) && uuid_eq(got->to_uuid, c->to_uuid));
	CHECK(uuid_eq(got->required_delegator_uuid, c->required_delegator_uuid));
	CHECK(uuid_eq(got->handled_by_uuid, c->handled_by_uuid));
	CHECK(got->origin == c->origin && got->keep_session == c->keep_session && got->opened == c->opened);
	CHECK(got->by_owner == c->by_owner && got->created == c->created && got->valid_to == c->valid_to);
	CHECK(got->status == c->status && got->view_mode == c->view_mode && got->answered == c->answered);
	CHECK_STR(got->valid_to_text, c->valid_to_text);
	CHECK_STR(got->rights_json, c->rights_json);
	CHECK_STR(got->message_json, c->message_json);
	CHECK_STR(got->redirect_url, c->redirect_url);
	CHECK_STR(got->template_id, c->template_id);
	CHECK(got->template_version == c->template_version && uuid_eq(got->last_event, c->last_event));
	CHECK(got->consented_text.p == NULL && got->shown_sha256.p == NULL && got->shown_language.p == NULL);
	CHECK((got->message_json.p == NULL) == (c->message_json.p == NULL));
}

static void test_consents__round_trip_of_every_field(void **state)
{
	(void)state;
	struct event e;
	struct consent *c = consent_new(&arena, uuid_v4());
	c->required_delegator = (struct urn){ .kind = URN_PERSON, .value = person(&arena) };
	c->handled_by = (struct urn){ .kind = URN_ORG, .value = STR("991825827") };
	c->required_delegator_uuid = uuid_v4();
	c->handled_by_uuid = uuid_v4();
	c->origin = ORIGIN_ALTINN2_LINK;
	c->keep_session = true;
	c->opened = 7;
	c->by_owner = true;
	c->message_json = STR("{\"nb\":\"Hei\"}");
	c->view_mode = VIEW_SHOW;
	CHECK_RC(create_in(store, &arena, c, &e), RC_OK);
	struct consent *got = loaded(c->id);
	check_same(got, c);
	CHECK(got->key > 0 && got->n_events == 1 && got->rights && got->rights->next == NULL);
	CHECK(uuid_eq(got->events[0].id, e.id) && uuid_eq(got->last_event, e.id));
	CHECK(got->events[0].type == EV_CREATED && got->events[0].created == NOW);
	CHECK(urn_eq(got->events[0].performed_by, c->to));
	struct consent *sparse = created(&arena);
	check_same(loaded(sparse->id), sparse);
}

static void test_consents__same_id_is_a_conflict(void **state)
{
	(void)state;
	struct event e;
	struct consent *c = created(&arena), again = *c;
	again.redirect_url = STR("https://other.example/");
	CHECK_RC(create_in(store, &arena, &again, &e), RC_CONFLICT);
	struct consent *got = loaded(c->id);
	CHECK_STR(got->redirect_url, c->redirect_url);
	CHECK(got->n_events == 1);
}

static void test_consents__unknown_is_not_found_and_tells_the_version(void **state)
{
	(void)state;
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct consent *c = NULL;
	int64_t v = 0;
	CHECK_RC(consents_get(r, &arena, uuid_v4(), true, &c, &v), RC_NOT_FOUND);
	CHECK(v >= 1);
}

static void test_consents__what_must_not_be_absent_is_refused(void **state)
{
	(void)state;
	struct event e;
	struct consent *c = consent_new(&arena, uuid_v4());
	c->redirect_url = STR_NONE;
	CHECK_RC(create_in(store, &arena, c, &e), RC_INVALID);
}

static void test_consents_of__newest_first_in_pages(void **state)
{
	(void)state;
	enum { MINE = 5 };
	struct uuid giver = uuid_v4(), ids[MINE];
	struct consent **page = NULL;
	size_t n = 0, seen = MINE;
	struct event e;
	for (size_t i = 0; i < MINE; i++) {
		struct consent *c = consent_new(&arena, uuid_v4());
		c->from_uuid = giver;
		c->view_mode = VIEW_SHOW;
		ids[i] = c->id;
		CHECK_RC(create_in(store, &arena, c, &e), RC_OK);
		(void)created(&arena); /* somebody else's in between */
	}
	struct reader *r CLEANUP(reader_closep) = reader(false);
	int64_t before = 0;
	do {
		CHECK_RC(consents_of(r, &arena, giver, before, 2, &page, &n), RC_OK);
		for (size_t i = 0; i < n; i++) {
			struct consent *want = loaded(ids[--seen]), *got = page[i];
			CHECK(uuid_eq(got->id, want->id) && got->key == want->key);
			CHECK(urn_eq(got->from, want->from) && urn_eq(got->to, want->to));
			CHECK(uuid_eq(got->from_uuid, giver) && uuid_eq(got->to_uuid, want->to_uuid));
			CHECK(got->created == want->created && got->valid_to == want->valid_to);
			CHECK(got->status == want->status && got->view_mode == VIEW_SHOW && got->rights);
			CHECK_STR(got->template_id, want->template_id);
			CHECK(got->template_version == want->template_version && !got->redirect_url.p);
			before = got->key;
		}
	} while (n == 2);
	assert_int_equal(n, 1);
	assert_int_equal(seen, 0);
	CHECK_RC(consents_of(r, &arena, giver, before, 2, &page, &n), RC_OK);
	assert_int_equal(n, 0);
	CHECK_RC(consents_of(r, &arena, giver, 0, CONSENTS_MAX, &page, &n), RC_OK);
	assert_int_equal(n, MINE);
	CHECK_RC(consents_of(r, &arena, giver, 0, CONSENTS_MAX + 1, &page, &n), RC_TOO_LARGE);
	CHECK_RC(consents_of(r, &arena, uuid_v4(), 0, 2, &page, &n), RC_OK);
	assert_int_equal(n, 0);
}

static void test_consents_between__accepted_live_ones_of_the_pair(void **state)
{
	(void)state;
	enum { MINE = 5 };
	struct uuid giver = uuid_v4(), receiver = uuid_v4();
	int64_t end = 0;
	struct pair_filter f = { .from = giver, .to = receiver, .limit = 2 };
	struct consent **page = NULL;
	size_t n = 0, seen = 0;
	struct event e;
	for (size_t i = 0; i < 4 * MINE; i++) {
		struct consent *c = consent_new(&arena, uuid_v4());
		c->from_uuid = i % 4 == 0 ? uuid_v4() : giver;
		c->to_uuid = i % 4 == 1 ? uuid_v4() : receiver;
		end = c->valid_to;
		CHECK_RC(create_in(store, &arena, c, &e), RC_OK);
		if (i % 4 != 2)
			CHECK_RC(answer(c, ST_ACCEPTED), RC_OK);
	}
	f.now = end - 1;
	struct reader *r CLEANUP(reader_closep) = reader(false);
	do {
		CHECK_RC(consents_between(r, &arena, &f, &page, &n), RC_OK);
		for (size_t i = 0; i < n; i++, seen++) {
			CHECK(uuid_eq(page[i]->from_uuid, giver) && uuid_eq(page[i]->to_uuid, receiver));
			CHECK(page[i]->status == ST_ACCEPTED && page[i]->rights);
			CHECK(!f.before || page[i]->key < f.before);
			f.before = page[i]->key;
		}
	} while (n == 2);
	assert_int_equal(seen, MINE);
	f = (struct pair_filter){ .from = giver, .to = receiver, .now = end, .limit = CONSENTS_MAX };
	CHECK_RC(consents_between(r, &arena, &f, &page, &n), RC_OK);
	assert_int_equal(n, 0);
	f.limit++;
	CHECK_RC(consents_between(r, &arena, &f, &page, &n), RC_TOO_LARGE);
}

static struct consent *asked(struct uuid giver, enum view_mode mode, int64_t valid_to)
{
	struct event e;
	struct consent *c = consent_new(&arena, uuid_v4());
	c->from_uuid = giver;
	c->view_mode = mode;
	c->valid_to = valid_to;
	CHECK_RC(create_in(store, &arena, c, &e), RC_OK);
	return c;
}

static void test_consents_all__oldest_first_with_all_events(void **state)
{
	(void)state;
	enum { MINE = 7 };
	struct uuid giver = uuid_v4(), ids[MINE];
	struct consent **page = NULL;
	size_t n = 0, seen = 0;
	for (size_t i = 0; i < MINE; i++) {
		struct consent *c = asked(giver, i % 2, NOW + CLOCK_DAY);
		ids[i] = c->id;
		(void)asked(uuid_v4(), VIEW_SHOW, NOW + CLOCK_DAY);
		if (i % 3)
			CHECK_RC(answer(c, i % 3 == 1 ? ST_ACCEPTED : ST_REJECTED), RC_OK);
		if (i == 4)
			CHECK_RC(answer(c, ST_REVOKED), RC_OK);
	}
	struct reader *r CLEANUP(reader_closep) = reader(true);
	int64_t after = 0;
	do {
		CHECK_RC(consents_all(r, &arena, giver, after, 3, &page, &n), RC_OK);
		for (size_t i = 0; i < n; i++) {
			struct consent *want = loaded(ids[seen++]), *got = page[i];
			CHECK(uuid_eq(got->id, want->id) && got->key == want->key && got->status == want->status);
			CHECK_STR(got->redirect_url, want->redirect_url);
			CHECK_STR(got->rights_json, want->rights_json);
			assert_int_equal(got->n_events, want->n_events);
			for (size_t k = 0; k < got->n_events; k++) {
				CHECK(uuid_eq(got->events[k].id, want->events[k].id));
				CHECK(got->events[k].type == want->events[k].type);
				CHECK(urn_eq(got->events[k].performed_by, want->events[k].performed_by));
				CHECK(uuid_eq(got->events[k].performed_by_uuid, want->events[k].performed_by_uuid));
			}
			after = got->key;
		}
	} while (n == 3);
	assert_int_equal(seen, MINE);
	CHECK_RC(consents_all(r, &arena, giver, 0, CONSENTS_MAX, &page, &n), RC_OK);
	assert_int_equal(n, MINE);
	CHECK_RC(consents_all(r, &arena, giver, 0, CONSENTS_MAX + 1, &page, &n), RC_TOO_LARGE);
	CHECK_RC(consents_all(r, &arena, uuid_v4(), 0, 2, &page, &n), RC_OK);
	assert_int_equal(n, 0);
}

static void test_consents_count__of_one_status_shown_and_not_over(void **state)
{
	(void)state;
	struct uuid giver = uuid_v4();
	static const struct {
		enum consent_status status;
		int64_t now, want;
	} t[] = {
		{ ST_CREATED, NOW, 2 },
		{ ST_CREATED, NOW + CLOCK_DAY - 1, 2 },
		{ ST_CREATED, NOW + CLOCK_DAY, 1 },
		{ ST_CREATED, NOW + 2 * CLOCK_DAY, 0 },
		{ ST_ACCEPTED, NOW, 1 },
		{ ST_REJECTED, NOW, 0 },
		{ ST_EXPIRED, NOW, 0 },
	};
	(void)asked(giver, VIEW_SHOW, NOW + CLOCK_DAY);
	(void)asked(giver, VIEW_SHOW, NOW + 2 * CLOCK_DAY);
	(void)asked(giver, VIEW_HIDE, NOW + 2 * CLOCK_DAY);
	(void)asked(uuid_v4(), VIEW_SHOW, NOW + 2 * CLOCK_DAY);
	CHECK_RC(answer(asked(giver, VIEW_SHOW, NOW + CLOCK_DAY), ST_ACCEPTED), RC_OK);
	CHECK_RC(answer(asked(giver, VIEW_HIDE, NOW + CLOCK_DAY), ST_REJECTED), RC_OK);
	struct reader *r CLEANUP(reader_closep) = reader(false);
	for (size_t i = 0; i < LEN(t); i++) {
		int64_t n = -1;
		CHECK_RC(consents_count(r, giver, t[i].status, t[i].now, &n), RC_OK);
		assert_int_equal(n, t[i].want);
	}
}

static void test_answer__only_listed_moves(void **state)
{
	(void)state;
	static const struct {
		enum consent_status first, then;
		enum rc want;
	} t[] = {
		{ ST_CREATED, ST_ACCEPTED, RC_OK },        { ST_CREATED, ST_REJECTED, RC_OK },
		{ ST_CREATED, ST_REVOKED, RC_CONFLICT },   { ST_ACCEPTED, ST_REVOKED, RC_OK },
		{ ST_ACCEPTED, ST_ACCEPTED, RC_CONFLICT }, { ST_ACCEPTED, ST_REJECTED, RC_CONFLICT },
		{ ST_REJECTED, ST_ACCEPTED, RC_CONFLICT }, { ST_REJECTED, ST_REJECTED, RC_CONFLICT },
		{ ST_REJECTED, ST_REVOKED, RC_CONFLICT },  { ST_CREATED, ST_EXPIRED, RC_INVALID },
		{ ST_CREATED, ST_CREATED, RC_INVALID },    { ST_CREATED, ST_DELETED, RC_OK },
		{ ST_DELETED, ST_ACCEPTED, RC_CONFLICT },  { ST_DELETED, ST_DELETED, RC_CONFLICT },
		{ ST_ACCEPTED, ST_DELETED, RC_CONFLICT },  { ST_DELETED, ST_REVOKED, RC_CONFLICT },
	};
	for (size_t i = 0; i < LEN(t); i++) {
		struct consent *c = created(&arena);
		if (t[i].first != ST_CREATED)
			CHECK_RC(answer(c, t[i].first), RC_OK);
		CHECK_RC(answer(c, t[i].then), t[i].want);
		struct consent *got = loaded(c->id);
		CHECK(got->status == (t[i].want == RC_OK ? t[i].then : t[i].first));
		CHECK(got->n_events == 1 + (size_t)(t[i].first != ST_CREATED) + (size_t)(t[i].want == RC_OK));
		CHECK(uuid_eq(got->last_event, got->events[got->n_events - 1].id));
	}
}

static struct consent *asked_as(enum consent_origin origin, struct uuid to, struct uuid handler, struct uuid from)
{
	struct event e;
	struct consent *c = consent_new(&arena, to);
	c->origin = origin;
	c->from_uuid = from;
	c->handled_by_uuid = handler;
	CHECK_RC(create_in(store, &arena, c, &e), RC_OK);
	return c;
}

struct want_requests {
	enum request_role role;
	enum request_state state;
	struct uuid party;
	struct list_mark after;
	size_t limit;
	size_t want;
	struct uuid first;
};

static void check_requests(const struct want_requests *w)
{
	struct reader *r CLEANUP(reader_closep) = reader(false);
	const struct requests_filter f = {
		.party = w->party, .role = w->role, .state = w->state, .after = w->after, .limit = w->limit
	};
	struct consent **list;
	size_t n;
	CHECK_RC(requests_of(r, &arena, &f, &list, &n), RC_OK);
	assert_int_equal(n, w->want);
	CHECK(!n || uuid_eq(list[0]->id, w->first));
	for (size_t i = 0; i < n; i++)
		CHECK(request_state(list[i]) == w->state && list[i]->key > 0 && list[i]->rights);
}

static struct list_mark mark_of(const struct consent *c)
{
	const struct consent *got = loaded(c->id);
	return (struct list_mark){ .at = request_changed(got), .key = got->key };
}

static void test_requests__of_an_organisation(void **state)
{
	(void)state;
	const struct uuid bank = uuid_v4(), supplier = uuid_v4(), baker = uuid_v4(), nobody = { { 0 } };
	const struct consent *const own = asked_as(ORIGIN_ALTINN2, bank, nobody, baker);
	(void)asked_as(ORIGIN_ALTINN3, bank, supplier, baker);
	const struct consent *const handled = asked_as(ORIGIN_ALTINN2_LINK, bank, supplier, uuid_v4());
	const struct list_mark start = { 0, 0 };
	const struct want_requests rows[] = {
		{ REQUEST_TO, REQUEST_UNOPENED, bank, start, 10, 2, own->id },
		{ REQUEST_TO, REQUEST_UNOPENED, bank, start, 1, 1, own->id },
		{ REQUEST_TO, REQUEST_UNOPENED, bank, mark_of(own), 10, 1, handled->id },
		{ REQUEST_TO, REQUEST_OPENED, bank, start, 10, 0, nobody },
		{ REQUEST_HANDLER, REQUEST_UNOPENED, supplier, start, 10, 1, handled->id },
		{ REQUEST_FROM, REQUEST_UNOPENED, baker, start, 10, 1, own->id },
		{ REQUEST_TO, REQUEST_UNOPENED, baker, start, 10, 0, nobody },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		check_requests(&rows[i]);
	struct reader *r CLEANUP(reader_closep) = reader(false);
	const struct requests_filter f = { .party = bank, .limit = CONSENTS_MAX + 1 };
	struct consent **list;
	size_t n;
	CHECK_RC(requests_of(r, &arena, &f, &list, &n), RC_TOO_LARGE);
}

static void test_requests__by_state_in_the_order_of_the_last_change(void **state)
{
	(void)state;
	const struct uuid bank = uuid_v4(), nobody = { { 0 } };
	const struct list_mark start = { 0, 0 };
	struct consent *c[5];
	for (size_t i = 0; i < LEN(c); i++)
		c[i] = asked_as(ORIGIN_ALTINN2, bank, nobody, uuid_v4());
	CHECK_RC(answer(c[3], ST_DELETED), RC_OK);
	CHECK_RC(answer(c[2], ST_ACCEPTED), RC_OK);
	CHECK_RC(answer(c[2], ST_REVOKED), RC_OK);
	CHECK_RC(consents_opened(store, &arena, c[4]->id, NOW + 2), RC_OK);
	CHECK_RC(consents_opened(store, &arena, c[0]->id, NOW + 3), RC_OK);
	CHECK_RC(answer(c[1], ST_REJECTED), RC_OK);
	const struct want_requests rows[] = {
		{ REQUEST_TO, REQUEST_UNOPENED, bank, start, 10, 0, nobody },
		{ REQUEST_TO, REQUEST_OPENED, bank, start, 10, 2, c[4]->id },
		{ REQUEST_TO, REQUEST_OPENED, bank, { NOW + 2, mark_of(c[4]).key }, 10, 1, c[0]->id },
		{ REQUEST_TO, REQUEST_ACCEPTED, bank, start, 10, 1, c[2]->id },
		{ REQUEST_TO, REQUEST_REJECTED, bank, start, 10, 1, c[1]->id },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		check_requests(&rows[i]);
	CHECK(request_state(loaded(c[3]->id)) == REQUEST_DELETED);
	CHECK(mark_of(c[2]).at == NOW + CLOCK_HOUR);
}

static void test_requests__are_opened_once(void **state)
{
	(void)state;
	const struct uuid nobody = { { 0 } };
	const struct consent *const c = asked_as(ORIGIN_ALTINN2, uuid_v4(), nobody, uuid_v4());
	const struct consent *const other = asked_as(ORIGIN_ALTINN3, uuid_v4(), nobody, uuid_v4());
	CHECK_RC(consents_opened(store, &arena, c->id, 7), RC_OK);
	CHECK_RC(consents_opened(store, &arena, c->id, 8), RC_CONFLICT);
	CHECK_RC(consents_opened(store, &arena, other->id, 7), RC_CONFLICT);
	assert_int_equal(loaded(c->id)->opened, 7);
	assert_int_equal(loaded(c->id)->n_events, 1);
	assert_int_equal(loaded(other->id)->opened, 0);
}

static void check_listed(struct str resource, bool ended, int64_t now, size_t want, const struct consent *first)
{
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct listed_filter f = { .resource = resource, .ended = ended, .now = now, .limit = 10 };
	struct listed_row *rows;
	size_t n;
	CHECK_RC(listed_of(r, &arena, &f, &rows, &n), RC_OK);
	assert_int_equal(n, want);
	if (!n)
		return;
	CHECK(uuid_eq(rows[0].id, first->id) && rows[0].ended == ended);
	CHECK(urn_eq(rows[0].from_urn, first->from) && urn_eq(rows[0].to_urn, first->to));
	CHECK(rows[0].created == first->created && rows[0].valid_to == first->valid_to);
	f.after = rows[0].changed;
	CHECK_RC(listed_of(r, &arena, &f, &rows, &n), RC_OK);
	assert_int_equal(n, want - 1);
	f.limit = CONSENTS_MAX + 1;
	CHECK_RC(listed_of(r, &arena, &f, &rows, &n), RC_TOO_LARGE);
}

static struct consent *given_in_list(const struct str *resources, size_t n)
{
	struct event e;
	struct consent *c = created(&arena);
	struct answer w = answer_of(c, ST_ACCEPTED);
	w.listed = resources;
	w.n_listed = n;
	CHECK_RC(consents_answer(store, &arena, &w, &e), RC_OK);
	return c;
}

static void test_listed__follows_the_consent(void **state)
{
	(void)state;
	char id[UUID_TEXT];
	const struct str resource = arena_str(&arena, uuid_text(uuid_v4(), id));
	const struct str twice[] = { resource, resource };
	struct consent *first = given_in_list(twice, 2);
	struct consent *second = given_in_list(&resource, 1);
	check_listed(resource, false, NOW, 2, first);
	check_listed(resource, true, NOW, 0, NULL);
	struct event e;
	struct answer w = answer_of(first, ST_REVOKED);
	w.listed = twice;
	w.n_listed = 2;
	w.now = NOW + 2 * CLOCK_HOUR;
	CHECK_RC(consents_answer(store, &arena, &w, &e), RC_OK);
	check_listed(resource, false, NOW, 1, second);
	check_listed(resource, true, NOW, 1, first);
	struct use u = { .id = second->id,
			 .now = NOW + 3 * CLOCK_HOUR,
			 .performed_by = second->to,
			 .detail = STR("{}"),
			 .ends = true,
			 .listed = &resource,
			 .n_listed = 1 };
	CHECK_RC(consents_use(store, &arena, &u, &e), RC_OK);
	CHECK_RC(consents_use(store, &arena, &u, &e), RC_OK); /* the other source of the same token */
	check_listed(resource, false, NOW, 0, NULL);
	check_listed(resource, true, NOW, 2, first);
}

static void test_listed__leaves_out_what_is_over_and_forgets_it(void **state)
{
	(void)state;
	char id[UUID_TEXT];
	const struct str resource = arena_str(&arena, uuid_text(uuid_v4(), id));
	struct consent *c = given_in_list(&resource, 1);
	check_listed(resource, false, c->valid_to - 1, 1, c);
	check_listed(resource, false, c->valid_to, 0, NULL);
	CHECK_RC(listed_prune(store, &arena, c->valid_to - 1), RC_OK);
	check_listed(resource, false, NOW, 1, c);
	CHECK_RC(listed_prune(store, &arena, c->valid_to), RC_OK);
	check_listed(resource, false, NOW, 0, NULL);
}

static void test_listed__names_the_parties_of_the_register(void **state)
{
	(void)state;
	char id[UUID_TEXT];
	const struct str resource = arena_str(&arena, uuid_text(uuid_v4(), id));
	struct party p = { .uuid = uuid_v4(), .type = PARTY_PERSON, .ident = person(&arena), .name = STR("KARI") };
	struct change *ch = change_new(&arena);
	change_party(ch, &p);
	CHECK_RC(store_apply(store, ch, true), RC_OK);
	struct event e;
	struct consent *c = consent_new(&arena, uuid_v4());
	c->from_uuid = p.uuid;
	CHECK_RC(create_in(store, &arena, c, &e), RC_OK);
	struct answer w = answer_of(c, ST_ACCEPTED);
	w.listed = &resource;
	w.n_listed = 1;
	CHECK_RC(consents_answer(store, &arena, &w, &e), RC_OK);
	struct reader *r CLEANUP(reader_closep) = reader(false);
	const struct listed_filter f = { .resource = resource, .now = NOW, .limit = 10 };
	struct listed_row *rows;
	size_t n;
	CHECK_RC(listed_of(r, &arena, &f, &rows, &n), RC_OK);
	assert_int_equal(n, 1);
	CHECK_STR(rows[0].from.name, STR("KARI"));
	CHECK_STR(rows[0].from.ident, p.ident);
	CHECK(rows[0].to.ident.p == NULL && rows[0].changed.at == NOW + CLOCK_HOUR);
}

static void test_answer__acceptance_keeps_what_was_shown(void **state)
{
	(void)state;
	struct consent *c = created(&arena);
	CHECK_RC(answer(c, ST_ACCEPTED), RC_OK);
	struct consent *got = loaded(c->id);
	char text[CLOCK_TEXT_MAX];
	CHECK(got->answered == NOW + CLOCK_HOUR);
	CHECK_STR(got->consented_text, clock_text(NOW + CLOCK_HOUR, text));
	CHECK_STR(got->shown_language, STR("nn"));
	CHECK_STR(got->shown_sha256, STR("abcd"));
	CHECK(got->events[1].type == EV_ACCEPTED && urn_eq(got->events[1].performed_by, c->from));
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct str json = STR_NONE;
	CHECK_RC(consents_snapshot(r, &arena, c->id, &json), RC_OK);
	CHECK_STR(json, STR("{\"t\":1}"));
	CHECK_RC(consents_snapshot(r, &arena, uuid_v4(), &json), RC_NOT_FOUND);
}

static void test_answer__expired_cannot_be_accepted(void **state)
{
	(void)state;
	struct consent *c = created(&arena);
	struct answer w = answer_of(c, ST_ACCEPTED);
	struct event e;
	w.now = c->valid_to;
	CHECK_RC(consents_answer(store, &arena, &w, &e), RC_CONFLICT);
	w.now = c->valid_to - 1;
	CHECK_RC(consents_answer(store, &arena, &w, &e), RC_OK);
	w.id = uuid_v4();
	CHECK_RC(consents_answer(store, &arena, &w, &e), RC_CONFLICT);
}

static struct consent *contested;
static _Atomic int winners;

static void *contest(void *number)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct answer w = answer_of(contested, (intptr_t)number % 2 ? ST_ACCEPTED : ST_REJECTED);
	struct event e;
	enum rc rc = consents_answer(store, &a, &w, &e);
	if (rc == RC_OK)
		winners++;
	else if (rc != RC_CONFLICT)
		winners += 100;
	return NULL;
}

static void test_answer__exactly_one_of_many_wins(void **state)
{
	(void)state;
	for (int round = 0; round < 5; round++) {
		contested = created(&arena);
		winners = 0;
		in_threads(contest);
		assert_int_equal(winners, 1);
		CHECK(loaded(contested->id)->n_events == 2);
	}
}

/* ---- the feed ---- */
#define FEEDS 3
#define CREATES 30
static struct uuid feeds[FEEDS];
static struct store *second; /* another process would look like this */
static _Atomic int faults, writing;

/* A consent of another system that was asked for and rejected there. */
static struct import_row imported(struct arena *a, struct consent *c)
{
	c->events = arena_array(a, struct event, 2);
	c->n_events = 2;
	c->status = ST_REJECTED;
	c->answered = NOW + CLOCK_HOUR;
	for (size_t i = 0; i < 2; i++)
		c->events[i] = (struct event){ .type = i ? EV_REJECTED : EV_CREATED,
					       .created = NOW + (int64_t)i * CLOCK_HOUR,
					       .performed_by = c->to,
					       .performed_by_uuid = c->to_uuid };
	return (struct import_row){ .consent = c };
}

static void *feed_write(void *number)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	size_t n = (size_t)(intptr_t)number;
	for (size_t i = 0; i < CREATES; i++) {
		struct store *s = (n + i) % 2 ? second : store;
		struct consent *c = consent_new(&a, feeds[(n + i) % FEEDS]);
		struct event e;
		struct answer w;
		c->handled_by = org_urn();
		c->handled_by_uuid = feeds[(n + i + 1) % FEEDS];
		struct import_row row = imported(&a, c);
		w = answer_of(c, ST_REJECTED);
		bool imports = i % 3 == 0;
		if (imports && consents_import(s, &a, &row, 1) != RC_OK)
			faults++;
		c->status = imports ? c->status : ST_CREATED;
		if (!imports && (create_in(s, &a, c, &e) != RC_OK || consents_answer(s, &a, &w, &e) != RC_OK))
			faults++;
		arena_reset(&a);
	}
	writing--;
	return NULL;
}

struct follow {
	struct uuid cursor;
	int seen, now;
};

static enum rc follow_event(void *ctx, const struct feed_event *e)
{
	struct follow *f = ctx;
	if (uuid_cmp(e->event.id, f->cursor) <= 0)
		faults++;
	f->cursor = e->event.id;
	f->seen++;
	f->now++;
	return RC_OK;
}

static int follow_once(struct follow *f, struct uuid receiver)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct reader *r CLEANUP(reader_closep) = NULL;
	f->now = 0;
	struct feed q = { .receiver = receiver, .after = f->cursor, .limit = 50 };
	struct feed_end end;
	if (reader_open(store, false, &r) != RC_OK || events_after(r, &a, &q, follow_event, f, &end) != RC_OK)
		faults++;
	return f->now;
}

static void test_import__is_whole_and_skips_what_is_there(void **state)
{
	(void)state;
	struct consent *first = consent_new(&arena, uuid_v4()), *second_one = consent_new(&arena, uuid_v4());
	struct import_row rows[] = { imported(&arena, first), imported(&arena, second_one) };
	CHECK_RC(consents_import(store, &arena, rows, 1), RC_OK);
	CHECK(!rows[0].existed);
	struct uuid last = first->last_event;
	CHECK_RC(consents_import(store, &arena, rows, 2), RC_OK);
	CHECK(rows[0].existed && !rows[1].existed && uuid_eq(loaded(first->id)->last_event, last));
	for (size_t i = 0; i < LEN(rows); i++) {
		struct consent *got = loaded(rows[i].consent->id);
		CHECK(got->n_events == 2 && got->status == ST_REJECTED && got->answered == NOW + CLOCK_HOUR);
		CHECK(got->events[0].created == NOW && got->events[1].type == EV_REJECTED);
		CHECK(uuid_cmp(got->events[0].id, got->events[1].id) < 0 &&
		      uuid_eq(got->last_event, got->events[1].id));
	}
	struct consent *broken = consent_new(&arena, uuid_v4()), *whole = consent_new(&arena, uuid_v4());
	struct import_row pair[] = { imported(&arena, whole), imported(&arena, broken) };
	broken->redirect_url = STR_NONE;
	CHECK_RC(consents_import(store, &arena, pair, 2), RC_INVALID);
	struct reader *r CLEANUP(reader_closep) = reader(false);
	CHECK_RC(consents_get(r, &arena, whole->id, false, &whole, NULL), RC_NOT_FOUND);
}

static void *feed_follow(void *ctx)
{
	struct follow *f = ctx;
	bool last = false;
	for (;;) {
		int n = 0;
		bool done = writing == 0;
		for (size_t i = 0; i < FEEDS; i++)
			n += follow_once(&f[i], feeds[i]);
		if (last && n == 0)
			return NULL;
		last = done;
		if (n == 0)
			usleep(500);
	}
}

static void test_events__nothing_appears_behind_a_cursor(void **state)
{
	(void)state;
	struct follow live[FEEDS] = { 0 };
	pthread_t follower;
	for (size_t i = 0; i < FEEDS; i++)
		feeds[i] = uuid_v4();
	second = open_store(STORE_SANDBOX, false, false, RC_OK);
	faults = 0;
	writing = THREADS;
	assert_int_equal(pthread_create(&follower, NULL, feed_follow, live), 0);
	in_threads(feed_write);
	pthread_join(follower, NULL);
	store_close(second);
	assert_int_equal(faults, 0);
	/* Each event is in two feeds; each create and each answer is one. */
	assert_int_equal(live[0].seen + live[1].seen + live[2].seen, THREADS * CREATES * 2 * 2);
}

static void test_events__page_limit(void **state)
{
	(void)state;
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct follow f = { 0 };
	struct feed q = { .receiver = uuid_v4(), .limit = EVENTS_MAX };
	struct feed_end end;
	CHECK_RC(events_after(r, &arena, &q, follow_event, &f, &end), RC_OK);
	q.limit++;
	CHECK_RC(events_after(r, &arena, &q, follow_event, &f, &end), RC_TOO_LARGE);
}

struct heard {
	struct uuid ids[8];
	size_t n;
};

static enum rc hear(void *ctx, const struct feed_event *e)
{
	struct heard *h = ctx;
	if (h->n < LEN(h->ids))
		h->ids[h->n] = e->consent;
	h->n++;
	return RC_OK;
}

static struct feed_end heard_in(struct store *s, const struct feed *f, struct heard *h)
{
	struct reader *r CLEANUP(reader_closep) = NULL;
	struct feed_end end = { 0 };
	*h = (struct heard){ 0 };
	CHECK_RC(reader_open(s, false, &r), RC_OK);
	CHECK_RC(events_after(r, &arena, f, hear, h, &end), RC_OK);
	return end;
}

static struct consent *created_at(struct uuid to, int64_t when, struct event *e)
{
	struct consent *c = consent_new(&arena, to);
	c->created = when;
	CHECK_RC(create_in(store, &arena, c, e), RC_OK);
	return c;
}

static void test_events__filters(void **state)
{
	(void)state;
	struct uuid to = uuid_v4();
	struct event e[3];
	struct heard h;
	/* Times run against the ids: nothing may be concluded from one to the other here. */
	struct consent *c[3];
	for (size_t i = 0; i < 3; i++)
		c[i] = created_at(to, NOW - (int64_t)i * CLOCK_DAY, &e[i]);
	CHECK_RC(answer(c[1], ST_ACCEPTED), RC_OK); /* an hour after NOW */
	struct feed f = { .receiver = to, .limit = 10 };
	struct feed_end end = heard_in(store, &f, &h);
	CHECK(h.n == 4 && !end.more && uuid_cmp(end.cursor, e[2].id) > 0);
	f.types = 1u << EV_ACCEPTED;
	end = heard_in(store, &f, &h);
	CHECK(h.n == 1 && uuid_eq(h.ids[0], c[1]->id) && !end.more);
	f.types |= 1u << EV_CREATED;
	f.before = e[2].id;
	end = heard_in(store, &f, &h);
	CHECK(h.n == 2 && uuid_eq(end.cursor, e[1].id));
	f = (struct feed){ .receiver = to, .limit = 10, .created_from = NOW - CLOCK_DAY };
	CHECK(heard_in(store, &f, &h).more == false && h.n == 3);
	f.created_until = NOW;
	(void)heard_in(store, &f, &h);
	CHECK(h.n == 1 && uuid_eq(h.ids[0], c[1]->id));
	f.created_from = 0;
	(void)heard_in(store, &f, &h);
	CHECK(h.n == 2 && uuid_eq(h.ids[1], c[2]->id));
	f = (struct feed){ .receiver = to, .limit = 1, .consent = c[1]->id };
	end = heard_in(store, &f, &h);
	CHECK(h.n == 1 && end.more && uuid_eq(end.cursor, e[1].id));
	f.after = end.cursor;
	end = heard_in(store, &f, &h);
	CHECK(h.n == 1 && end.more);
	f.after = end.cursor;
	end = heard_in(store, &f, &h);
	CHECK(h.n == 0 && !end.more && uuid_eq(end.cursor, f.after));
	f = (struct feed){ .receiver = uuid_v4(), .limit = 1, .consent = c[1]->id };
	CHECK(!heard_in(store, &f, &h).more && h.n == 0);
}

static void test_events__receiver_and_handler_in_one_see_it_once(void **state)
{
	(void)state;
	struct consent *c = consent_new(&arena, uuid_v4());
	struct event e;
	struct heard h;
	c->handled_by = org_urn();
	c->handled_by_uuid = c->to_uuid;
	CHECK_RC(create_in(store, &arena, c, &e), RC_OK);
	CHECK_RC(answer(c, ST_REJECTED), RC_OK);
	struct feed f = { .receiver = c->to_uuid, .limit = 10 }, one = f;
	CHECK(!heard_in(store, &f, &h).more && h.n == 2);
	one.consent = c->id;
	CHECK(!heard_in(store, &one, &h).more && h.n == 2);
}

static struct uuid busy_feed;
static void *busy_write(void *number)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	(void)number;
	for (int i = 0; i <= EVENTS_SCAN_MAX / THREADS; i++) {
		struct event e;
		if (create_in(store, &a, consent_new(&a, busy_feed), &e) != RC_OK)
			faults++;
		arena_reset(&a);
	}
	return NULL;
}

static void test_events__a_rare_one_is_looked_for_in_steps(void **state)
{
	(void)state;
	struct heard h;
	struct event e;
	busy_feed = uuid_v4();
	faults = 0;
	in_threads(busy_write);
	assert_int_equal(faults, 0);
	struct consent *c = created_at(busy_feed, NOW, &e);
	CHECK_RC(answer(c, ST_REJECTED), RC_OK);
	struct feed f = { .receiver = busy_feed, .limit = 5, .types = 1u << EV_REJECTED };
	struct feed_end end = heard_in(store, &f, &h);
	CHECK(h.n == 0 && end.more);
	f.after = end.cursor;
	end = heard_in(store, &f, &h);
	CHECK(h.n == 1 && !end.more && uuid_eq(h.ids[0], c->id));
	f = (struct feed){ .receiver = busy_feed, .limit = 5, .consent = c->id, .types = 1u << EV_REJECTED };
	CHECK(!heard_in(store, &f, &h).more && h.n == 1);
	f = (struct feed){ .receiver = busy_feed, .limit = 3, .types = 1u << EV_CREATED };
	end = heard_in(store, &f, &h);
	CHECK(h.n == 3 && end.more);
}

static void test_events__in_production_time_shortens_the_way(void **state)
{
	(void)state;
	char dir[] = "/tmp/samtykke-store-XXXXXX";
	struct store *s = NULL;
	struct str err;
	struct event e;
	struct heard h;
	CHECK(mkdtemp(dir) != NULL);
	struct store_config config = { .uri = arena_cstr(&arena, arena_fmt(&arena, "sqlite:%s/store.db", dir)),
				       .mode = STORE_PRODUCTION,
				       .migrate = true };
	CHECK_RC(store_open(&config, &s, &arena, &err), RC_OK);
	struct consent *c = consent_new(&arena, uuid_v4());
	c->created = clock_real();
	CHECK_RC(create_in(s, &arena, c, &e), RC_OK);
	struct feed f = { .receiver = c->to_uuid, .limit = 5, .created_from = c->created };
	CHECK(!heard_in(s, &f, &h).more && h.n == 1);
	f.created_from++;
	CHECK(!heard_in(s, &f, &h).more && h.n == 0);
	/* An id far below the time asked for is not even looked at. */
	f.created_from = clock_real() + 2 * CLOCK_HOUR;
	CHECK(uuid_is_nil(heard_in(s, &f, &h).cursor));
	store_close(s);
	static const char *const files[] = { "/store.db", "/store.db-wal", "/store.db-shm", "" };
	for (size_t i = 0; i < LEN(files); i++)
		remove(arena_cstr(&arena, arena_fmt(&arena, "%s%s", dir, files[i])));
}

static void test_events__floor(void **state)
{
	(void)state;
	struct uuid last = { { 0 } }, id = uuid_v7_after(&last, NOW);
	CHECK(uuid_cmp(events_floor(NOW), id) < 0 && uuid_cmp(events_floor(NOW + 1000), id) > 0);
	CHECK(uuid_is_nil(events_floor(-1)));
}

static struct uuid last_of[2], receivers[2];
static size_t n_lasts;
static void last_seen(void *ctx, struct uuid receiver, struct uuid last)
{
	(void)ctx;
	last_of[uuid_eq(receiver, receivers[1])] = last;
	n_lasts++;
}

static void test_feeds_last__moves_with_every_event(void **state)
{
	(void)state;
	struct uuid asked[FEEDS_MAX + 1] = { { { 0 } } };
	struct uuid before;
	struct event e;
	receivers[0] = asked[0] = uuid_v4();
	receivers[1] = asked[1] = uuid_v4();
	asked[2] = uuid_v4(); /* never got any */
	struct consent *c = created_at(receivers[0], NOW, &e);
	(void)created_at(receivers[1], NOW, &e);
	struct reader *r CLEANUP(reader_closep) = reader(false);
	n_lasts = 0;
	CHECK_RC(feeds_last(r, asked, 3, last_seen, NULL), RC_OK);
	CHECK_RC(feeds_last(r, asked, 0, last_seen, NULL), RC_OK);
	/* One row keeps the order of all feeds where there is one writer. */
	assert_int_equal(n_lasts, store_shared(store) ? 2 : 0);
	CHECK(store_shared(store) != on_sqlite());
	before = last_of[0];
	CHECK_RC(answer(c, ST_REJECTED), RC_OK);
	CHECK_RC(feeds_last(r, asked, FEEDS_MAX, last_seen, NULL), RC_OK);
	CHECK(!store_shared(store) || uuid_cmp(last_of[0], before) > 0);
	CHECK_RC(feeds_last(r, asked, FEEDS_MAX + 1, last_seen, NULL), RC_TOO_LARGE);
}

static struct uuid told[8];
static _Atomic size_t n_told;
static void tell(void *ctx, const struct uuid *who, size_t n)
{
	CHECK(ctx == &n_told);
	for (size_t i = 0; i < n && n_told < LEN(told); i++) {
		told[n_told] = who[i];
		n_told++; /* a reader counts on what stands before it */
	}
}

static bool was_told(struct uuid who)
{
	bool found = false;
	for (size_t i = 0; i < n_told; i++)
		found |= uuid_eq(told[i], who);
	return found;
}

static void told_are(size_t n)
{
	for (int i = 0; i < 5000 && n_told < n; i++)
		usleep(1000);
	store_on_commit(store, NULL, NULL); /* whatever is under way has been told now */
	assert_int_equal(n_told, n);
	n_told = 0;
	store_on_commit(store, tell, &n_told);
}

static void test_commits__receivers_are_told(void **state)
{
	(void)state;
	struct event e;
	struct consent *c = consent_new(&arena, uuid_v4());
	c->handled_by = org_urn();
	c->handled_by_uuid = uuid_v4();
	store_on_commit(store, tell, &n_told);
	CHECK_RC(create_in(store, &arena, c, &e), RC_OK);
	told_are(2);
	CHECK_RC(create_in(store, &arena, c, &e), RC_CONFLICT);
	CHECK_RC(answer(c, ST_ACCEPTED), RC_OK); /* who they are is looked up */
	told_are(2);
	struct answer w = answer_of(c, ST_REVOKED);
	w.to_uuid = c->to_uuid;
	w.handled_by_uuid = c->handled_by_uuid;
	CHECK_RC(consents_answer(store, &arena, &w, &e), RC_OK);
	for (int i = 0; i < 5000 && n_told < 2; i++)
		usleep(1000);
	CHECK(was_told(c->to_uuid) && was_told(c->handled_by_uuid));
	store_on_commit(store, NULL, NULL);
	n_told = 0;
	CHECK(created(&arena) != NULL);
	assert_int_equal(n_told, 0);
}

/* ---- tokens ---- */
static struct token_row token_new(struct arena *a, struct str guard);

/* ---- the log of a giver ---- */
static struct consent *asked_of(struct uuid giver, int64_t valid_to)
{
	struct event e;
	struct consent *c = consent_new(&arena, uuid_v4());
	c->from_uuid = giver;
	c->valid_to = valid_to;
	CHECK_RC(create_in(store, &arena, c, &e), RC_OK);
	return c;
}

static void use_at(const struct consent *c, int64_t now)
{
	struct event e;
	struct use u = { .id = c->id, .now = now, .performed_by = org_urn(), .detail = STR("{\"resource\":\"x\"}") };
	CHECK_RC(consents_use(store, &arena, &u, &e), RC_OK);
}

/* A consent that is not there: as if another one had its key. */
static void consent_name(struct token_row *t, const struct consent *c)
{
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct consent *stored;
	bool there = consents_get(r, &arena, c->id, false, &stored, NULL) == RC_OK;
	t->consent = c->id;
	t->consent_key = there ? stored->key : 1;
	t->giver = c->from_uuid;
}

static void test_trail__newest_first_in_pages_whatever_the_kind(void **state)
{
	(void)state;
	struct uuid giver = uuid_v4();
	struct consent *given = asked_of(giver, NOW + 2 * CLOCK_DAY), *no = asked_of(giver, NOW + CLOCK_DAY);
	(void)asked_of(giver, NOW + CLOCK_DAY); /* unanswered: nothing has happened to it */
	CHECK_RC(answer(given, ST_ACCEPTED), RC_OK);
	CHECK_RC(answer(no, ST_REJECTED), RC_OK);
	use_at(given, NOW + 2 * CLOCK_HOUR);
	struct token_row t = token_new(&arena, bytes32(&arena));
	consent_name(&t, given);
	t.issued = NOW + 3 * CLOCK_HOUR;
	t.guard_until = t.issued + 2;
	t.consumer = STR("810419512");
	CHECK_RC(tokens_insert(store, &arena, &t), RC_OK);
	t.id = uuid_v4();
	CHECK_RC(tokens_insert(store, &arena, &t), RC_CONFLICT); /* a replay leaves no trace */
	const int64_t at[] = { NOW + 2 * CLOCK_DAY, NOW + 3 * CLOCK_HOUR, NOW + 2 * CLOCK_HOUR, NOW + CLOCK_HOUR,
			       NOW + CLOCK_HOUR };
	const enum activity_row_kind kinds[] = { ACTIVITY_ROW_END, ACTIVITY_ROW_TOKEN, ACTIVITY_ROW_EVENT,
						 ACTIVITY_ROW_EVENT, ACTIVITY_ROW_EVENT };
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct activity_at before = { .at = INT64_MAX };
	struct activity_row *rows;
	size_t n, seen = 0;
	do {
		CHECK_RC(activities_of(r, &arena, giver, &before, 2, &rows, &n), RC_OK);
		for (size_t i = 0; i < n; i++, seen++) {
			CHECK(seen < LEN(at) && rows[i].at == at[seen] && rows[i].kind == kinds[seen]);
			CHECK(uuid_eq(rows[i].consent->from_uuid, giver));
			before = (struct activity_at){ rows[i].at, rows[i].id };
		}
	} while (n == 2);
	assert_int_equal(seen, LEN(at));
	before.at = NOW + 4 * CLOCK_HOUR;
	CHECK_RC(activities_of(r, &arena, giver, &before, 2, &rows, &n), RC_OK);
	CHECK_STR(rows[0].consumer, STR("810419512"));
	CHECK(rows[1].event.type == EV_USED && rows[1].event.created == NOW + 2 * CLOCK_HOUR);
	CHECK_RC(activities_tokens(r, &arena, given->id, 2, &rows, &n), RC_OK);
	CHECK(n == 1 && rows[0].at == NOW + 3 * CLOCK_HOUR);
	CHECK_RC(activities_tokens(r, &arena, no->id, 2, &rows, &n), RC_OK);
	assert_int_equal(n, 0);
	CHECK_RC(activities_of(r, &arena, giver, &before, ACTIVITY_ROWS_MAX + 1, &rows, &n), RC_TOO_LARGE);
	CHECK_RC(activities_tokens(r, &arena, no->id, ACTIVITY_ROWS_MAX + 1, &rows, &n), RC_TOO_LARGE);
}

static struct str token_guard;
static struct uuid token_ids[THREADS];

static struct token_row token_new(struct arena *a, struct str guard)
{
	return (struct token_row){ .id = uuid_v4(),
				   .client_id = STR("client"),
				   .guard = guard.p ? guard : bytes32(a),
				   .consumer = STR("810419512"),
				   .scope = STR("a b"),
				   .issued = NOW,
				   .expires = NOW + 1,
				   .guard_until = NOW + 2 };
}

static void *token_race(void *number)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct token_row t = token_new(&a, token_guard);
	token_ids[(intptr_t)number] = t.id;
	enum rc rc = tokens_insert(store, &a, &t);
	winners += rc == RC_OK ? 1 + 1000 * (int)(intptr_t)number : rc == RC_CONFLICT ? 0 : 1000000;
	return NULL;
}

static void test_tokens__one_guard_one_token(void **state)
{
	(void)state;
	struct uuid id;
	struct reader *r CLEANUP(reader_closep) = reader(false);
	token_guard = bytes32(&arena);
	CHECK_RC(tokens_guard_id(r, token_guard, NOW, &id), RC_NOT_FOUND);
	winners = 0;
	in_threads(token_race);
	assert_int_equal(winners % 1000, 1);
	CHECK_RC(tokens_guard_id(r, token_guard, NOW, &id), RC_OK);
	CHECK(uuid_eq(id, token_ids[winners / 1000]));
	struct token_row t = token_new(&arena, STR("short"));
	CHECK_RC(tokens_insert(store, &arena, &t), RC_INVALID);
}

static int64_t token_race_at;

static void *token_race_later(void *number)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct token_row t = token_new(&a, token_guard);
	token_ids[(intptr_t)number] = t.id;
	t.issued = token_race_at;
	t.guard_until = token_race_at + 2;
	enum rc rc = tokens_insert(store, &a, &t);
	winners += rc == RC_OK ? 1 + 1000 * (int)(intptr_t)number : rc == RC_CONFLICT ? 0 : 1000000;
	return NULL;
}

/* A record is kept as long as the grant could be sent again; then the same jti is good for another one, once. */
static void test_tokens__a_guard_whose_time_is_over_is_free(void **state)
{
	(void)state;
	struct uuid id, first;
	struct consent *c = created(&arena);
	token_guard = bytes32(&arena);
	struct token_row t = token_new(&arena, token_guard);
	consent_name(&t, c);
	CHECK_RC(answer(c, ST_ACCEPTED), RC_OK);
	CHECK_RC(tokens_insert(store, &arena, &t), RC_OK);
	first = t.id;
	t.id = uuid_v4();
	t.issued = NOW + 1;
	CHECK_RC(tokens_insert(store, &arena, &t), RC_CONFLICT); /* guarded until NOW + 2 */
	for (token_race_at = NOW + 2; token_race_at < NOW + 12; token_race_at += 2) {
		winners = 0;
		in_threads(token_race_later);
		assert_int_equal(winners % 1000, 1);
		struct reader *r CLEANUP(reader_closep) = reader(false);
		CHECK_RC(tokens_guard_id(r, token_guard, token_race_at, &id), RC_OK);
		CHECK(uuid_eq(id, token_ids[winners / 1000]));
		CHECK_RC(tokens_guard_id(r, token_guard, token_race_at + 2, &id), RC_NOT_FOUND);
	}
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct activity_row *rows;
	size_t n;
	CHECK_RC(activities_tokens(r, &arena, c->id, 10, &rows, &n), RC_OK); /* the first token's row stays */
	CHECK(n == 1 && uuid_eq(rows[0].id, first));
	/* A guard that is free does not help a consent that is over. */
	CHECK_RC(answer(c, ST_REVOKED), RC_OK);
	t.issued = token_race_at;
	CHECK_RC(tokens_insert(store, &arena, &t), RC_CONFLICT);
}

static void test_tokens__stale_version_is_refused(void **state)
{
	(void)state;
	struct token_row t = token_new(&arena, STR_NONE);
	t.basis.version = version() + 1;
	CHECK_RC(tokens_insert(store, &arena, &t), RC_STALE);
	t.basis.version--;
	CHECK_RC(tokens_insert(store, &arena, &t), RC_OK);
}

static void change_one(struct subject s)
{
	struct change *c = change_new(&arena);
	change_entry(c, &(struct entry){ str_of(s.kind), s.name, 0, STR("{}") });
	change_touch(c, s);
	CHECK_RC(store_apply(store, c, true), RC_OK);
}

static enum rc decided(const struct subject *used, size_t n, int64_t at)
{
	struct token_row t = token_new(&arena, STR_NONE);
	t.basis = (struct basis){ .version = at, .narrow = true, .used = used, .n_used = n };
	return tokens_insert(store, &arena, &t);
}

static void test_basis__a_narrow_one_is_stale_when_its_subjects_change(void **state)
{
	(void)state;
	const struct subject a = { "k", STR("a") }, b = { "k", STR("b") }, other_kind = { "l", STR("a") };
	const struct subject both[] = { b, a };
	int64_t at = version();
	change_one(b);
	change_one(other_kind);
	CHECK_RC(decided(&a, 1, at), RC_OK);
	CHECK_RC(decided(NULL, 0, at), RC_OK);
	CHECK_RC(decided(both, 2, at), RC_STALE);
	CHECK_RC(decided(both, 2, version()), RC_OK);
	CHECK_RC(decided(&a, 1, version() + 1), RC_STALE); /* of another store, perhaps */
	at = version();
	change_one(a);
	CHECK_RC(decided(both, 2, at), RC_STALE);
	CHECK_RC(decided(&b, 1, at), RC_OK);
	struct token_row t = token_new(&arena, STR_NONE); /* a basis that is not narrow */
	t.basis.version = at;
	CHECK_RC(tokens_insert(store, &arena, &t), RC_STALE);
}

static int64_t epoch(void)
{
	struct reader *r CLEANUP(reader_closep) = reader(false);
	int64_t e = 0;
	CHECK_RC(store_registry_epoch(r, &e), RC_OK);
	return e;
}

static void test_basis__is_stale_when_the_epoch_rises(void **state)
{
	(void)state;
	const struct subject a = { "k", STR("a") };
	const struct party p = { .type = PARTY_ORG, .ident = STR("312587408") };
	for (int i = 0; i < 4; i++) {
		int64_t at = version();
		struct change *c = change_new(&arena);
		change_entry(c, &(struct entry){ STR("k"), STR("x"), 0, STR("{}") });
		if (i > 0)
			change_touch(c, (struct subject){ "k", STR("x") });
		if (i == 1)
			change_touch_all(c);
		if (i == 2)
			change_party(c, &p);
		CHECK_RC(store_apply(store, c, true), RC_OK);
		CHECK_RC(decided(&a, 1, at), i < 3 ? RC_STALE : RC_OK);
		CHECK_RC(decided(NULL, 0, at), i < 3 ? RC_STALE : RC_OK);
		assert_int_equal(epoch(), i < 3 ? version() : version() - 1);
	}
}

/* TOUCHED_VERSIONS later the epoch stands for all subjects. */
static void test_basis__subjects_are_forgotten(void **state)
{
	(void)state;
	const struct subject a = { "k", STR("a") }, b = { "k", STR("b") };
	struct change *c = change_new(&arena);
	CHECK_RC(store_apply(store, c, true), RC_OK);
	int64_t begin = epoch();
	assert_int_equal(begin, version());
	change_one(a);
	c = change_new(&arena);
	for (int i = 2; i < TOUCHED_VERSIONS; i++)
		change_op(c, SQL_version_bump, NULL, 0);
	CHECK_RC(store_apply(store, c, false), RC_OK);
	change_one(b);
	assert_int_equal(version(), begin + TOUCHED_VERSIONS);
	assert_int_equal(epoch(), begin);
	CHECK_RC(decided(&b, 1, begin), RC_STALE);
	CHECK_RC(decided(NULL, 0, begin), RC_OK);
	change_one(b);
	assert_int_equal(epoch(), version());
	CHECK_RC(decided(NULL, 0, version() - 1), RC_STALE);
}

static struct token_row token_of_consent(const struct consent *c, int64_t issued)
{
	struct token_row t = token_new(&arena, STR_NONE);
	consent_name(&t, c);
	t.issued = issued;
	return t;
}

static void test_tokens__only_of_an_accepted_and_valid_consent(void **state)
{
	(void)state;
	struct consent *c = created(&arena);
	struct uuid id;
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct token_row early = token_of_consent(c, NOW);
	CHECK_RC(tokens_insert(store, &arena, &early), RC_CONFLICT);
	CHECK_RC(tokens_guard_id(r, early.guard, NOW, &id), RC_NOT_FOUND);
	CHECK_RC(answer(c, ST_ACCEPTED), RC_OK);
	CHECK_RC(tokens_insert(store, &arena, &early), RC_OK);
	struct token_row late = token_of_consent(c, c->valid_to), last = token_of_consent(c, c->valid_to - 1);
	CHECK_RC(tokens_insert(store, &arena, &late), RC_CONFLICT);
	CHECK_RC(tokens_insert(store, &arena, &last), RC_OK);
	CHECK_RC(answer(c, ST_REVOKED), RC_OK);
	struct token_row after = token_of_consent(c, NOW);
	CHECK_RC(tokens_insert(store, &arena, &after), RC_CONFLICT);
	struct consent unknown = { .id = uuid_v4() };
	struct token_row stray = token_of_consent(&unknown, NOW);
	CHECK_RC(tokens_insert(store, &arena, &stray), RC_CONFLICT);
}

/* ---- uses ---- */
static struct use use_of(const struct consent *c, const char *detail, const char *unless)
{
	return (struct use){ .id = c->id,
			     .now = NOW + 2 * CLOCK_HOUR,
			     .performed_by = org_urn(),
			     .performed_by_uuid = c->to_uuid,
			     .detail = str_of(detail),
			     .unless = unless ? str_of(unless) : STR_NONE };
}

static enum rc used(const struct consent *c, const char *detail, const char *unless)
{
	struct event e;
	struct use u = use_of(c, detail, unless);
	return consents_use(store, &arena, &u, &e);
}

static struct consent *given(bool one_time)
{
	struct event e;
	struct consent *c = consent_new(&arena, uuid_v4());
	c->one_time = one_time;
	CHECK_RC(create_in(store, &arena, c, &e), RC_OK);
	CHECK_RC(answer(c, ST_ACCEPTED), RC_OK);
	return c;
}

static void test_use__only_of_an_accepted_and_valid_consent(void **state)
{
	(void)state;
	static const struct {
		enum consent_status first, then;
		enum rc want;
	} t[] = { { ST_CREATED, ST_CREATED, RC_CONFLICT },
		  { ST_REJECTED, ST_REJECTED, RC_CONFLICT },
		  { ST_ACCEPTED, ST_REVOKED, RC_CONFLICT },
		  { ST_ACCEPTED, ST_ACCEPTED, RC_OK } };
	for (size_t i = 0; i < LEN(t); i++) {
		struct consent *c = created(&arena);
		if (t[i].first != ST_CREATED)
			CHECK_RC(answer(c, t[i].first), RC_OK);
		if (t[i].then != t[i].first)
			CHECK_RC(answer(c, t[i].then), RC_OK);
		size_t before = loaded(c->id)->n_events;
		CHECK_RC(used(c, "{\"a\":1}", NULL), t[i].want);
		struct consent *got = loaded(c->id);
		CHECK(got->n_events == before + (t[i].want == RC_OK));
		CHECK(got->used == 0 && uuid_eq(got->last_event, got->events[got->n_events - 1].id));
	}
	struct consent *c = given(false);
	struct use late = use_of(c, "{}", NULL);
	struct event e;
	late.now = c->valid_to;
	CHECK_RC(consents_use(store, &arena, &late, &e), RC_CONFLICT);
	late.now = c->valid_to - 1;
	CHECK_RC(consents_use(store, &arena, &late, &e), RC_OK);
	late.id = uuid_v4();
	CHECK_RC(consents_use(store, &arena, &late, &e), RC_CONFLICT);
}

static void test_use__is_kept_with_its_event(void **state)
{
	(void)state;
	static const char detail[] = "{\"resource\":\"å\",\"reference\":\"r1\",\"time\":\"t\"}";
	struct consent *c = given(false);
	CHECK_RC(used(c, detail, NULL), RC_OK);
	struct consent *got = loaded(c->id);
	const struct event *e = &got->events[2];
	CHECK(e->type == EV_USED && e->created == NOW + 2 * CLOCK_HOUR);
	CHECK(urn_eq(e->performed_by, org_urn()) && uuid_eq(e->performed_by_uuid, c->to_uuid));
	CHECK_STR(e->detail, str_of(detail));
	CHECK(!got->events[1].detail.p);
	CHECK_RC(used(c, detail, "{\"resource\":\"å\",\"reference\":\"r1\","), RC_CONFLICT);
	CHECK_RC(used(c, detail, "{\"resource\":\"å\",\"reference\":\"r\","), RC_OK);
	CHECK_RC(used(c, detail, NULL), RC_OK);
	assert_int_equal(loaded(c->id)->n_events, 5);
}

static void test_use__the_first_ends_a_one_time_consent(void **state)
{
	(void)state;
	struct consent *c = given(true);
	struct token_row before = token_of_consent(c, NOW), after = token_of_consent(c, NOW);
	CHECK(loaded(c->id)->one_time && !loaded(c->id)->used);
	CHECK_RC(tokens_insert(store, &arena, &before), RC_OK);
	CHECK_RC(used(c, "{\"x\":1}", "{\"x\""), RC_OK);
	CHECK(loaded(c->id)->used == NOW + 2 * CLOCK_HOUR && loaded(c->id)->status == ST_ACCEPTED);
	CHECK_RC(tokens_insert(store, &arena, &after), RC_CONFLICT);
	struct use other = use_of(c, "{\"y\":1}", "{\"y\"");
	struct event e;
	other.now++;
	CHECK_RC(consents_use(store, &arena, &other, &e), RC_OK);
	CHECK(loaded(c->id)->used == NOW + 2 * CLOCK_HOUR);
	CHECK_RC(used(c, "{\"x\":2}", "{\"x\""), RC_CONFLICT);
}

static void *use_race(void *number)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct store *s = (intptr_t)number % 2 ? second : store;
	struct use u = use_of(contested, "{\"x\":1}", "{\"x\"");
	struct event e;
	enum rc rc = consents_use(s, &a, &u, &e);
	winners += rc == RC_OK ? 1 : rc == RC_CONFLICT ? 0 : 100;
	return NULL;
}

static void test_use__exactly_one_of_many_wins(void **state)
{
	(void)state;
	second = open_store(STORE_SANDBOX, false, false, RC_OK);
	for (int round = 0; round < 6; round++) {
		contested = given(round % 2);
		winners = 0;
		in_threads(use_race);
		assert_int_equal(winners, 1);
		assert_int_equal(loaded(contested->id)->n_events, 3);
	}
	store_close(second);
}

static void *use_often(void *number)
{
	(void)number;
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (int i = 0; i < CONSENT_MAX_USES; i++) {
		struct use u = use_of(contested, "{}", NULL);
		struct event e;
		enum rc rc = consents_use(store, &a, &u, &e);
		if (rc == RC_CONFLICT)
			return NULL;
		winners += rc == RC_OK ? 1 : 1000000;
		arena_reset(&a);
	}
	return NULL;
}

static void test_use__so_many_and_no_more(void **state)
{
	(void)state;
	contested = given(false);
	winners = 0;
	in_threads(use_often);
	assert_int_equal(winners, CONSENT_MAX_USES);
	assert_int_equal(loaded(contested->id)->n_events, CONSENT_MAX_USES + 2);
}

/* ---- sessions ---- */
static struct session session_new(void)
{
	return (struct session){ .id_hash = bytes32(&arena),
				 .party = uuid_v4(),
				 .level = 4,
				 .csrf = bytes32(&arena),
				 .created = NOW,
				 .last_seen = NOW };
}

static enum rc session_get(struct str id, struct session **out)
{
	struct reader *r CLEANUP(reader_closep) = reader(false);
	return sessions_get(r, &arena, id, out);
}

static void test_sessions__life(void **state)
{
	(void)state;
	struct session n = session_new(), *got = NULL;
	struct uuid consent = uuid_v4();
	n.language = STR("en");
	n.sid = STR("s-1");
	n.auth_time = NOW - 7;
	n.acr = STR("idporten-loa-high");
	CHECK_RC(sessions_insert(store, &arena, &n), RC_OK);
	CHECK_RC(sessions_insert(store, &arena, &n), RC_CONFLICT);
	CHECK_RC(session_get(n.id_hash, &got), RC_OK);
	CHECK(uuid_eq(got->party, n.party) && got->level == 4 && got->created == NOW && uuid_is_nil(got->leaving));
	CHECK_STR(got->csrf, n.csrf);
	CHECK_STR(got->language, n.language);
	CHECK_STR(got->sid, n.sid);
	CHECK(got->auth_time == NOW - 7);
	CHECK_STR(got->acr, n.acr);
	CHECK_RC(sessions_touch(store, &arena, n.id_hash, NOW + 5), RC_OK);
	CHECK_RC(session_get(n.id_hash, &got), RC_OK);
	CHECK(got->last_seen == NOW + 5);
	CHECK_RC(sessions_leave(store, &arena, n.id_hash, consent, NOW + 6), RC_OK);
	CHECK_RC(sessions_leave(store, &arena, n.id_hash, consent, NOW + 7), RC_CONFLICT);
	CHECK_RC(sessions_touch(store, &arena, n.id_hash, NOW + 6), RC_CONFLICT);
	CHECK_RC(session_get(n.id_hash, &got), RC_OK);
	CHECK(uuid_eq(got->leaving, consent) && got->last_seen == NOW + 6);
	CHECK_RC(sessions_delete(store, &arena, n.id_hash), RC_OK);
	CHECK_RC(session_get(n.id_hash, &got), RC_NOT_FOUND);
	CHECK_RC(session_get(STR("short"), &got), RC_NOT_FOUND);
	n.csrf = STR("short");
	CHECK_RC(sessions_insert(store, &arena, &n), RC_INVALID);
}

static void test_sessions__end_by_the_providers_name(void **state)
{
	(void)state;
	struct session mine = session_new(), leaving = session_new(), other = session_new(), none = session_new(), *got;
	struct str sid = uuid_str(&arena, uuid_v4()), jti = bytes32(&arena);
	mine.sid = leaving.sid = sid;
	other.sid = STR("another");
	CHECK_RC(sessions_insert(store, &arena, &mine), RC_OK);
	CHECK_RC(sessions_insert(store, &arena, &leaving), RC_OK);
	CHECK_RC(sessions_insert(store, &arena, &other), RC_OK);
	CHECK_RC(sessions_insert(store, &arena, &none), RC_OK);
	CHECK_RC(sessions_leave(store, &arena, leaving.id_hash, uuid_v4(), NOW), RC_OK);
	CHECK_RC(sessions_end_sid(store, &arena, sid, STR("short"), NOW), RC_INVALID);
	CHECK_RC(sessions_end_sid(store, &arena, sid, jti, NOW), RC_OK);
	CHECK_RC(session_get(mine.id_hash, &got), RC_NOT_FOUND);
	CHECK_RC(session_get(leaving.id_hash, &got), RC_OK);
	CHECK_RC(session_get(other.id_hash, &got), RC_OK);
	CHECK_RC(session_get(none.id_hash, &got), RC_OK);
	/* The same token again does nothing, to whomever has come back meanwhile. */
	mine.id_hash = bytes32(&arena);
	CHECK_RC(sessions_insert(store, &arena, &mine), RC_OK);
	CHECK_RC(sessions_end_sid(store, &arena, sid, jti, NOW), RC_CONFLICT);
	CHECK_RC(session_get(mine.id_hash, &got), RC_OK);
	CHECK_RC(sessions_delete_sid(store, &arena, sid), RC_OK);
	CHECK_RC(sessions_delete_sid(store, &arena, sid), RC_OK);
	CHECK_RC(session_get(mine.id_hash, &got), RC_NOT_FOUND);
	CHECK_RC(session_get(leaving.id_hash, &got), RC_OK);
}

static bool login_taken(struct str state_hash)
{
	struct reader *r CLEANUP(reader_closep) = reader(false);
	bool taken;
	CHECK_RC(logins_taken(r, state_hash, &taken), RC_OK);
	return taken;
}

static void test_logins__are_taken_once(void **state)
{
	(void)state;
	struct str mine = bytes32(&arena), other = bytes32(&arena);
	CHECK(!login_taken(mine));
	CHECK_RC(logins_take(store, &arena, mine, NOW), RC_OK);
	CHECK_RC(logins_take(store, &arena, mine, NOW), RC_CONFLICT);
	CHECK(login_taken(mine));
	CHECK(!login_taken(other));
	CHECK_RC(logins_take(store, &arena, STR("short"), NOW), RC_INVALID);
}

static void test_logins__prune_takes_the_old(void **state)
{
	(void)state;
	struct str old = bytes32(&arena), young = bytes32(&arena), jti = bytes32(&arena), later = bytes32(&arena);
	CHECK_RC(logins_take(store, &arena, old, NOW - 1), RC_OK);
	CHECK_RC(logins_take(store, &arena, young, NOW), RC_OK);
	CHECK_RC(sessions_end_sid(store, &arena, STR("x"), jti, NOW - 1), RC_OK);
	CHECK_RC(sessions_end_sid(store, &arena, STR("x"), later, NOW + 1), RC_OK);
	CHECK_RC(logins_prune(store, &arena, NOW), RC_OK);
	CHECK(!login_taken(old));
	CHECK(login_taken(young));
	CHECK_RC(sessions_end_sid(store, &arena, STR("x"), jti, NOW + 1), RC_OK);
	CHECK_RC(sessions_end_sid(store, &arena, STR("x"), later, NOW + 1), RC_CONFLICT);
}

static void test_sessions__prune_takes_old_and_idle(void **state)
{
	(void)state;
	struct session old = session_new(), idle = session_new(), live = session_new(), *got;
	struct session ahead = session_new(), used_ahead = session_new();
	ahead.created = used_ahead.last_seen = NOW + 11;
	CHECK_RC(sessions_insert(store, &arena, &ahead), RC_OK);
	CHECK_RC(sessions_insert(store, &arena, &used_ahead), RC_OK);
	old.created = NOW - 100;
	idle.last_seen = NOW - 50;
	CHECK_RC(sessions_insert(store, &arena, &old), RC_OK);
	CHECK_RC(sessions_insert(store, &arena, &idle), RC_OK);
	CHECK_RC(sessions_insert(store, &arena, &live), RC_OK);
	struct session left = session_new(), left_long_ago = session_new();
	left.created = left_long_ago.created = NOW - 200;
	CHECK_RC(sessions_insert(store, &arena, &left), RC_OK);
	CHECK_RC(sessions_insert(store, &arena, &left_long_ago), RC_OK);
	CHECK_RC(sessions_leave(store, &arena, left.id_hash, uuid_v4(), NOW - 79), RC_OK);
	CHECK_RC(sessions_leave(store, &arena, left_long_ago.id_hash, uuid_v4(), NOW - 80), RC_OK);
	const struct sessions_over over = {
		.created_before = NOW - 99, .seen_before = NOW - 49, .left_before = NOW - 79, .ahead = NOW + 10
	};
	CHECK_RC(sessions_prune(store, &arena, &over), RC_OK);
	CHECK_RC(session_get(left.id_hash, &got), RC_OK);
	CHECK_RC(session_get(left_long_ago.id_hash, &got), RC_NOT_FOUND);
	CHECK_RC(session_get(old.id_hash, &got), RC_NOT_FOUND);
	CHECK_RC(session_get(idle.id_hash, &got), RC_NOT_FOUND);
	CHECK_RC(session_get(ahead.id_hash, &got), RC_NOT_FOUND);
	CHECK_RC(session_get(used_ahead.id_hash, &got), RC_NOT_FOUND);
	CHECK_RC(session_get(live.id_hash, &got), RC_OK);
}

/* ---- registry and parties ---- */
static enum rc count_entry(void *ctx, const struct entry *e)
{
	struct buf *b = ctx;
	if (str_starts(e->key, STR("t-")))
		buf_fmt(b, "%.*s/%.*s/%lld=%.*s;", STR_FMT(e->kind), STR_FMT(e->key), (long long)e->version,
			STR_FMT(e->body));
	return RC_OK;
}

static struct str entries(void)
{
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct buf b = BUF(&arena);
	CHECK_RC(entries_each(r, count_entry, &b), RC_OK);
	return buf_str(&b);
}

static void test_apply__entries_in_byte_order_and_version(void **state)
{
	(void)state;
	int64_t before = version();
	struct change *c = change_new(&arena);
	const struct entry rows[] = {
		{ STR("scope"), STR("t-b"), 0, STR("1") },    { STR("scope"), STR("t-B"), 0, STR("2") },
		{ STR("resource"), STR("t-r"), 2, STR("3") }, { STR("resource"), STR("t-r"), 1, STR("4") },
		{ STR("scope"), STR("t-b"), 0, STR("5") },
	};
	for (size_t i = 0; i < LEN(rows); i++)
		change_entry(c, &rows[i]);
	CHECK_RC(store_apply(store, c, true), RC_OK);
	CHECK(version() == before + 1);
	CHECK_STR(entries(), STR("resource/t-r/1=4;resource/t-r/2=3;scope/t-B/0=2;scope/t-b/0=5;"));
	c = change_new(&arena);
	change_entry_delete(c, STR("resource"), STR("t-r"), 1);
	CHECK_RC(store_apply(store, c, false), RC_OK);
	CHECK(version() == before + 1);
	CHECK_STR(entries(), STR("resource/t-r/2=3;scope/t-B/0=2;scope/t-b/0=5;"));
	CHECK_RC(store_apply(store, change_new(&arena), false), RC_OK);
}

#define COUNTER_PER_THREAD 5

static enum rc counter_row(void *ctx, const struct entry *e)
{
	uint64_t n;
	if (str_is(e->key, "counter") && str_u64(e->body, &n) == RC_OK)
		*(int64_t *)ctx = (int64_t)n;
	return RC_OK;
}

static enum rc counter_read(struct store *s, int64_t *n_out, int64_t *version_out)
{
	struct reader *r CLEANUP(reader_closep) = NULL;
	*n_out = 0;
	TRY(reader_open(s, true, &r));
	TRY(store_registry_version(r, version_out));
	return entries_each(r, counter_row, n_out);
}

static struct store *counter_stores[2]; /* two processes, as far as the database can tell */

/* Reads, adds one, writes: what is lost when a write that was decided on an old version passes. */
static void *count_up(void *arg)
{
	struct store *s = counter_stores[(size_t)arg % LEN(counter_stores)];
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (int done = 0; done < COUNTER_PER_THREAD;) {
		int64_t n, v;
		CHECK_RC(counter_read(s, &n, &v), RC_OK);
		struct change *c = change_new(&a);
		change_entry(
			c, &(struct entry){ STR("scope"), STR("counter"), 0, arena_fmt(&a, "%lld", (long long)n + 1) });
		change_at(c, v);
		enum rc rc = store_apply(s, c, true);
		CHECK(rc == RC_OK || rc == RC_STALE || rc == RC_BUSY);
		done += rc == RC_OK;
	}
	return NULL;
}

static void test_apply__what_was_decided_on_an_old_version_is_stale(void **state)
{
	(void)state;
	int64_t n, v, before = version();
	struct change *c = change_new(&arena);
	change_entry(c, &(struct entry){ STR("scope"), STR("counter"), 0, STR("7") });
	change_at(c, before - 1);
	CHECK_RC(store_apply(store, c, true), RC_STALE);
	counter_stores[0] = store;
	counter_stores[1] = open_store(STORE_SANDBOX, false, false, RC_OK);
	in_threads(count_up);
	store_close(counter_stores[1]);
	CHECK_RC(counter_read(store, &n, &v), RC_OK);
	assert_int_equal(n, THREADS * COUNTER_PER_THREAD);
	assert_int_equal(v, before + THREADS * COUNTER_PER_THREAD);
}

static struct party *party_get(struct str ident)
{
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct party *found[1];
	int64_t v = 0;
	CHECK_RC(parties_by_ident(r, &arena, &ident, 1, found, &v), RC_OK);
	CHECK(v >= 1);
	return found[0];
}

static enum rc party_put(const struct party *p)
{
	struct change *c = change_new(&arena);
	change_party(c, p);
	return store_apply(store, c, false);
}

static void test_parties__minted_kept_and_found(void **state)
{
	(void)state;
	struct party p = { .type = PARTY_PERSON, .ident = person(&arena) }, q = p, *got, *again, *found = NULL;
	CHECK_RC(party_put(&p), RC_OK);
	got = party_get(p.ident);
	CHECK(got && got->party_id > 0 && got->user_id > 0 && !uuid_is_nil(got->uuid) && !got->name.p);
	q.name = STR("KARI");
	q.parent = uuid_v4();
	CHECK_RC(party_put(&q), RC_OK);
	again = party_get(p.ident);
	CHECK(again->key == got->key && uuid_eq(again->uuid, got->uuid) && again->party_id == got->party_id &&
	      again->user_id == got->user_id && uuid_eq(again->parent, q.parent));
	CHECK_STR(again->name, q.name);
	struct reader *r CLEANUP(reader_closep) = reader(false);
	bool any = false;
	CHECK_RC(parties_any_person(r, &any), RC_OK);
	CHECK(any);
	CHECK_RC(parties_by_number(r, &arena, got->user_id, 0, &found), RC_OK);
	CHECK(uuid_eq(found->uuid, got->uuid));
	CHECK_RC(parties_by_number(r, &arena, 0, got->party_id, &found), RC_OK);
	CHECK_RC(parties_by_number(r, &arena, 0, 7, &found), RC_NOT_FOUND);
	struct party next = {
		.type = PARTY_ORG, .ident = STR("810419512"), .unit_type = STR("AS"), .party_id = got->party_id + 10
	};
	CHECK_RC(party_put(&next), RC_OK);
	CHECK(party_get(next.ident)->user_id == 0);
	struct party after = { .type = PARTY_ORG, .ident = STR("991825827") };
	CHECK_RC(party_put(&after), RC_OK);
	CHECK(party_get(after.ident)->party_id > next.party_id);
}

static void test_parties__many_at_once_and_limit(void **state)
{
	(void)state;
	struct party a = { .type = PARTY_PERSON, .ident = person(&arena) },
		     b = { .type = PARTY_PERSON, .ident = person(&arena) };
	CHECK_RC(party_put(&a), RC_OK);
	CHECK_RC(party_put(&b), RC_OK);
	struct str idents[PARTIES_MAX + 1] = { b.ident, STR("nobody"), a.ident, b.ident };
	struct party *found[PARTIES_MAX + 1];
	struct uuid uuids[2];
	struct reader *r CLEANUP(reader_closep) = reader(false);
	CHECK_RC(parties_by_ident(r, &arena, idents, 4, found, NULL), RC_OK);
	CHECK(found[0] && !found[1] && found[2] && found[3] && found[2]->key != found[0]->key);
	uuids[0] = found[2]->uuid;
	uuids[1] = uuid_v4();
	CHECK_RC(parties_by_uuid(r, &arena, uuids, 2, found, NULL), RC_OK);
	CHECK(found[0] && !found[1]);
	CHECK_STR(found[0]->ident, a.ident);
	CHECK_RC(parties_by_ident(r, &arena, idents, PARTIES_MAX + 1, found, NULL), RC_TOO_LARGE);
	struct change *c = change_new(&arena);
	change_party_delete(c, a.ident);
	CHECK_RC(store_apply(store, c, false), RC_OK);
	CHECK(!party_get(a.ident));
}

static enum rc count_holding(void *ctx, const struct holding *h)
{
	CHECK(h->value.n > 0);
	(*(int *)ctx)++;
	return RC_OK;
}

static void test_holdings__of_a_holder_for_a_party(void **state)
{
	(void)state;
	struct holding h = { uuid_v4(), uuid_v4(), STR("role"), STR("urn:altinn:rolecode:dagl") };
	struct change *c = change_new(&arena);
	change_holding(c, &h);
	change_holding(c, &h);
	h.value = STR("urn:altinn:rolecode:lede");
	change_holding(c, &h);
	CHECK_RC(store_apply(store, c, true), RC_OK);
	struct reader *r CLEANUP(reader_closep) = reader(false);
	int n = 0, all = 0;
	const struct holding_pair pairs[HOLDING_PAIRS_MAX + 1] = { { h.holder, h.party }, { h.party, h.holder } };
	CHECK_RC(holdings_of(r, pairs, HOLDING_PAIRS_MAX + 1, count_holding, &n), RC_TOO_LARGE);
	CHECK_RC(holdings_of(r, pairs, 2, count_holding, &n), RC_OK);
	CHECK_RC(holdings_each(r, count_holding, &all), RC_OK);
	assert_int_equal(n, 2);
	CHECK(all >= 2);
	c = change_new(&arena);
	change_holding_delete(c, &h);
	CHECK_RC(store_apply(store, c, true), RC_OK);
	n = 0;
	CHECK_RC(holdings_of(r, pairs, 2, count_holding, &n), RC_OK);
	assert_int_equal(n, 1);
}

static bool stands(struct uuid person, struct uuid party, const char *value)
{
	struct standing s;
	struct reader *r CLEANUP(reader_closep) = reader(false);
	CHECK_RC(authority_of(r, &arena, person, party, &s), RC_OK);
	CHECK(s.epoch > 0);
	CHECK(s.party_known);
	CHECK(s.is_person);
	CHECK(s.ident.n > 0);
	for (const struct held *h = s.held; h; h = h->next)
		if (str_is(h->value, value))
			return true;
	return false;
}

static void test_authority__directly_by_key_role_and_by_main_unit(void **state)
{
	(void)state;
	struct party p = { .type = PARTY_PERSON, .ident = person(&arena) },
		     unit = { .type = PARTY_ORG, .ident = person(&arena), .name = STR("UNIT") },
		     main_unit = { .type = PARTY_ORG, .ident = person(&arena), .name = STR("MAIN") },
		     firm = { .type = PARTY_ORG, .ident = person(&arena), .name = STR("FIRM") };
	p.uuid = uuid_v4();
	unit.uuid = uuid_v4();
	main_unit.uuid = unit.parent = uuid_v4();
	firm.uuid = uuid_v4();
	struct party *const all[] = { &p, &main_unit, &unit, &firm };
	for (size_t i = 0; i < LEN(all); i++)
		CHECK_RC(party_put(all[i]), RC_OK);
	const struct holding held[] = {
		{ unit.uuid, p.uuid, STR("role"), STR("direct") },
		{ main_unit.uuid, p.uuid, STR("role"), STR("main") },
		{ main_unit.uuid, p.uuid, STR("right"), STR("tax/read") },
		{ firm.uuid, p.uuid, STR("role"), STR("urn:altinn:rolecode:LEDE") },
		{ unit.uuid, firm.uuid, STR("package"), STR("key") },
		{ main_unit.uuid, firm.uuid, STR("role"), STR("urn:altinn:rolecode:hadm") },
		{ unit.uuid, firm.uuid, STR("right"), STR("tax/write") },
	};
	struct change *c = change_new(&arena);
	for (size_t i = 0; i < LEN(held); i++)
		change_holding(c, &held[i]);
	CHECK_RC(store_apply(store, c, true), RC_OK);
	CHECK(stands(p.uuid, unit.uuid, "direct") && stands(p.uuid, unit.uuid, "main") &&
	      stands(p.uuid, unit.uuid, "key"));
	CHECK(stands(p.uuid, unit.uuid, "urn:altinn:rolecode:hadm") && stands(p.uuid, main_unit.uuid, "tax/read"));
	CHECK(!stands(p.uuid, unit.uuid, "tax/read") && !stands(p.uuid, unit.uuid, "tax/write"));
	CHECK(!stands(p.uuid, main_unit.uuid, "direct") && !stands(p.uuid, main_unit.uuid, "key"));
	struct party *found[4];
	size_t n = 0;
	struct reader *r CLEANUP(reader_closep) = reader(false);
	CHECK_RC(parties_represented(r, &arena, p.uuid, LEN(found), found, &n), RC_OK);
	assert_int_equal(n, 3);
	CHECK_STR(found[0]->name, STR("FIRM"));
	CHECK_STR(found[1]->name, STR("MAIN"));
	CHECK_STR(found[2]->name, STR("UNIT"));
	CHECK_RC(parties_represented(r, &arena, p.uuid, 2, found, &n), RC_OK);
	assert_int_equal(n, 2);
}

static bool represents(struct uuid person, struct uuid party)
{
	struct party *found[4];
	size_t n = 0;
	struct reader *r CLEANUP(reader_closep) = reader(false);
	CHECK_RC(parties_represented(r, &arena, person, LEN(found), found, &n), RC_OK);
	for (size_t i = 0; i < n; i++)
		if (uuid_eq(found[i]->uuid, party))
			return true;
	return false;
}

/* One holder of the role in an organisation, which has a package for another one. */
static void role_counts(const char *code, bool key, bool manager)
{
	struct party p = { .type = PARTY_PERSON, .ident = person(&arena), .uuid = uuid_v4() },
		     firm = { .type = PARTY_ORG, .ident = person(&arena), .uuid = uuid_v4() },
		     customer = { .type = PARTY_ORG, .ident = person(&arena), .uuid = uuid_v4() };
	const struct holding role = { firm.uuid, p.uuid, STR("role"), arena_fmt(&arena, ROLE_URN "%s", code) },
			     package = { customer.uuid, firm.uuid, STR("package"), STR("accounts") };
	struct change *c = change_new(&arena);
	change_party(c, &p);
	change_party(c, &firm);
	change_party(c, &customer);
	change_holding(c, &role);
	change_holding(c, &package);
	CHECK_RC(store_apply(store, c, true), RC_OK);
	CHECK(stands(p.uuid, customer.uuid, "accounts") == key);
	CHECK(represents(p.uuid, firm.uuid) == manager);
}

static void test_authority__each_role_counts_as_the_list_says(void **state)
{
	(void)state;
#define YES true
#define NO false
#define ROLE(code, register_name, key, manager, answers_all) role_counts(code, key, manager);
	MODEL_ROLES(ROLE, ROLE)
	ROLE("priv", NULL, NO, NO, NO)
#undef ROLE
#undef YES
#undef NO
}

static enum rc keep_key(void *ctx, const struct key_row *k)
{
	buf_fmt(ctx, "%.*s %lld %zu;", STR_FMT(k->kid), (long long)k->retire_at, k->sealed.n);
	return RC_OK;
}

static void test_keys__by_publication(void **state)
{
	(void)state;
	int64_t before = version();
	struct key_row k = { .kid = STR("k2"),
			     .alg = STR("RS256"),
			     .public_json = STR("{}"),
			     .sealed = bytes32(&arena),
			     .published = NOW + 1 };
	CHECK_RC(keys_insert(store, &arena, &k), RC_OK);
	k.kid = STR("k1");
	k.published = NOW;
	CHECK_RC(keys_insert(store, &arena, &k), RC_OK);
	k.retire_at = 77;
	k.published++;
	CHECK_RC(keys_insert(store, &arena, &k), RC_CONFLICT);
	k.published--;
	CHECK_RC(keys_set_times(store, &arena, &k, 1), RC_OK);
	k.kid = STR("none");
	CHECK_RC(keys_set_times(store, &arena, &k, 1), RC_CONFLICT);
	CHECK_RC(keys_set_public(store, &arena, &k), RC_CONFLICT);
	CHECK(version() == before + 3);
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct buf b = BUF(&arena);
	CHECK_RC(keys_each(r, keep_key, &b), RC_OK);
	CHECK_STR(buf_str(&b), STR("k1 77 32;k2 0 32;"));
}

static enum rc describe_key(void *ctx, const struct key_row *k)
{
	struct buf *b = ctx;
	if (str_starts(k->kid, STR("t")))
		buf_fmt(b, "%.*s %.*s %zu %.*s;", STR_FMT(k->kid), STR_FMT(k->public_json), k->sealed.n,
			STR_FMT(k->token_uri));
	return RC_OK;
}

static void test_keys__in_a_token_or_sealed_anew(void **state)
{
	(void)state;
	struct key_row k[] = {
		{ .kid = STR("t1"),
		  .alg = STR("ES256"),
		  .public_json = STR("{}"),
		  .token_uri = STR("pkcs11:token=a;object=b") },
		{ .kid = STR("t2"), .alg = STR("ES256"), .public_json = STR("{}"), .sealed = bytes32(&arena) },
	};
	for (size_t i = 0; i < LEN(k); i++) {
		k[i].published = NOW + 2 + (int64_t)i;
		CHECK_RC(keys_insert(store, &arena, &k[i]), RC_OK);
	}
	int64_t before = version();
	k[0].public_json = STR("{\"x\":1}");
	CHECK_RC(keys_set_public(store, &arena, &k[0]), RC_OK);
	k[1].sealed = STR("sealed anew");
	CHECK_RC(keys_set_sealed(store, &arena, &k[1], 1), RC_OK);
	CHECK_RC(keys_set_sealed(store, &arena, k, 0), RC_OK);
	CHECK(version() == before + 2);
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct buf b = BUF(&arena);
	CHECK_RC(keys_each(r, describe_key, &b), RC_OK);
	CHECK_STR(buf_str(&b), STR("t1 {\"x\":1} 0 pkcs11:token=a;object=b;t2 {} 11 ;"));
}

/* ---- the committer on a real database ---- */
static struct party taken;

static void *mixed(void *number)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	for (int i = 0; i < 10; i++) {
		struct event e;
		struct change *c = change_new(&a);
		struct party clash = { .type = PARTY_ORG, .ident = STR("999999999"), .party_id = taken.party_id };
		if ((intptr_t)number != 0) {
			faults += create_in(store, &a, consent_new(&a, feeds[0]), &e) != RC_OK;
			continue;
		}
		change_party(c, &clash);
		faults += store_apply(store, c, false) != RC_FAIL;
	}
	return NULL;
}

/* ---- status lists ---- */
struct keys_seen {
	int64_t keys[STATUS_PAGE + 8];
	size_t n;
};

static void key_seen(void *ctx, int64_t key)
{
	struct keys_seen *s = ctx;
	CHECK(s->n < LEN(s->keys));
	s->keys[s->n++] = key;
}

static bool saw(const struct keys_seen *s, const struct consent *c)
{
	int64_t key = loaded(c->id)->key;
	for (size_t i = 0; i < s->n; i++)
		if (s->keys[i] == key)
			return true;
	return false;
}

static struct keys_seen ended_since(struct uuid *cursor)
{
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct keys_seen s = { .n = 0 };
	CHECK_RC(status_ended(r, 0, cursor, key_seen, &s), RC_OK);
	return s;
}

static struct keys_seen expired_in(int64_t after, int64_t until)
{
	struct reader *r CLEANUP(reader_closep) = reader(false);
	struct keys_seen s = { .n = 0 };
	CHECK_RC(status_expired(r, 0, after, until, key_seen, &s), RC_OK);
	return s;
}

static void test_status__tells_what_was_imported_as_ended(void **state)
{
	(void)state;
	struct uuid cursor = { { 0 } };
	(void)ended_since(&cursor);
	struct consent *c[] = { consent_new(&arena, uuid_v4()), consent_new(&arena, uuid_v4()) };
	struct import_row rows[] = { imported(&arena, c[0]), imported(&arena, c[1]) };
	c[0]->status = ST_REVOKED;
	c[1]->status = ST_ACCEPTED;
	CHECK_RC(consents_import(store, &arena, rows, LEN(rows)), RC_OK);
	struct keys_seen s = ended_since(&cursor);
	CHECK(saw(&s, c[0]) && !saw(&s, c[1]));
}

static void test_status__ended_in_the_order_of_the_commits(void **state)
{
	(void)state;
	struct event e;
	struct uuid cursor = { { 0 } };
	struct consent *first = given(false), *later = given(false), *one_time = given(true), *many = given(false);
	CHECK_RC(answer(first, ST_REVOKED), RC_OK);
	struct keys_seen s = ended_since(&cursor);
	CHECK(saw(&s, first) && !saw(&s, later) && !saw(&s, one_time) && !saw(&s, many));
	s = ended_since(&cursor);
	assert_int_equal(s.n, 0);
	struct use u = use_of(one_time, "{\"resource\":\"a\"}", NULL);
	u.ends = true;
	CHECK_RC(consents_use(store, &arena, &u, &e), RC_OK);
	CHECK_RC(used(many, "{\"resource\":\"a\"}", NULL), RC_OK);
	CHECK_RC(answer(later, ST_REVOKED), RC_OK);
	s = ended_since(&cursor);
	CHECK(s.n == 2 && saw(&s, one_time) && saw(&s, later));
	s = ended_since(&cursor);
	assert_int_equal(s.n, 0);
	int64_t lists;
	struct reader *r CLEANUP(reader_closep) = reader(false);
	CHECK_RC(status_lists_count(r, &lists), RC_OK);
	assert_int_equal(lists, 1);
	CHECK_RC(status_ended(r, 1, &(struct uuid){ { 0 } }, key_seen, &s), RC_OK);
	assert_int_equal(s.n, 0);
}

static int64_t live_of(struct uuid giver, int64_t now)
{
	int64_t n = -1;
	struct reader *r CLEANUP(reader_closep) = reader(false);
	CHECK_RC(consents_count(r, giver, ST_ACCEPTED, now, &n), RC_OK);
	return n;
}

/* Every statement that asks whether a consent is live says what consent_live() says. */
static void test_expiry__one_boundary_in_every_statement(void **state)
{
	(void)state;
	const int64_t end = NOW + 500 * CLOCK_DAY;
	for (int64_t now = end - 1; now <= end + 1; now++) {
		bool live = consent_live(end, now);
		enum rc want = live ? RC_OK : RC_CONFLICT;
		struct event e;
		struct consent *request = asked(uuid_v4(), VIEW_SHOW, end), *c = asked(uuid_v4(), VIEW_SHOW, end);
		CHECK(live == (now < end));
		CHECK_RC(answer(c, ST_ACCEPTED), RC_OK);
		struct answer late = answer_of(request, ST_ACCEPTED);
		late.now = now;
		CHECK_RC(consents_answer(store, &arena, &late, &e), want);
		struct use u = use_of(c, "{}", NULL);
		u.now = now;
		CHECK_RC(consents_use(store, &arena, &u, &e), want);
		struct token_row t = token_of_consent(c, now);
		CHECK_RC(tokens_insert(store, &arena, &t), want);
		CHECK(live_of(c->from_uuid, now) == live);
		struct keys_seen over = expired_in(end - 2, now);
		CHECK(saw(&over, c) == !live);
	}
}

static void test_status__expired_by_time_a_page_after_the_other(void **state)
{
	(void)state;
	int64_t end = NOW + 1000 * CLOCK_DAY;
	struct event e;
	for (size_t i = 0; i < STATUS_PAGE + 2; i++) { /* more than a page of them at one moment */
		struct consent *c = consent_new(&arena, uuid_v4());
		c->valid_to = end + (i == 0);
		CHECK_RC(create_in(store, &arena, c, &e), RC_OK);
	}
	assert_int_equal(expired_in(end - CLOCK_DAY, end - 1).n, 0);
	assert_int_equal(expired_in(end - 1, end).n, STATUS_PAGE + 1);
	assert_int_equal(expired_in(end - 1, end + 1).n, STATUS_PAGE + 2);
	assert_int_equal(expired_in(end, end + 1).n, 1);
	assert_int_equal(expired_in(end + 1, end + CLOCK_DAY).n, 0);
}

static void *ends_one(void *arg)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct event e;
	const struct consent *c = ((struct consent **)arg)[0];
	struct answer w = answer_of(c, ST_REVOKED);
	CHECK_RC(consents_answer(store, &a, &w, &e), RC_OK);
	return NULL;
}

/* A reader that follows while many withdraw: nothing appears behind its cursor. */
static void test_status__nothing_is_missed_while_it_happens(void **state)
{
	(void)state;
	struct uuid cursor = { { 0 } };
	struct consent *all[THREADS];
	pthread_t t[THREADS];
	size_t seen = 0;
	for (size_t i = 0; i < THREADS; i++)
		all[i] = given(false);
	(void)ended_since(&cursor);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, ends_one, &all[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		seen += ended_since(&cursor).n;
		pthread_join(t[i], NULL);
	}
	seen += ended_since(&cursor).n;
	assert_int_equal(seen, THREADS);
}

static void test_status__the_seed_is_the_store_s(void **state)
{
	(void)state;
	uint8_t one[STATUS_SEED_BYTES], two[STATUS_SEED_BYTES], nothing[STATUS_SEED_BYTES] = { 0 };
	CHECK_RC(status_seed(store, &arena, one), RC_OK);
	CHECK_RC(status_seed(store, &arena, two), RC_OK);
	CHECK(memcmp(one, two, sizeof one) == 0 && memcmp(one, nothing, sizeof one) != 0);
}

static void test_committer__a_bad_change_fails_alone(void **state)
{
	(void)state;
	taken = (struct party){ .type = PARTY_PERSON, .ident = person(&arena), .party_id = 123456789 };
	CHECK_RC(party_put(&taken), RC_OK);
	faults = 0;
	in_threads(mixed);
	assert_int_equal(faults, 0);
	CHECK(!party_get(STR("999999999")));
}

static void test_committer__full_disk_is_busy_and_passes(void **state)
{
	(void)state;
	struct rlimit was, none = { 0 };
	struct event e;
	struct consent *before = created(&arena);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	none.rlim_max = was.rlim_max;
	setrlimit(RLIMIT_FSIZE, &none);
	enum rc rc = create_in(store, &arena, consent_new(&arena, uuid_v4()), &e);
	setrlimit(RLIMIT_FSIZE, &was);
	CHECK_RC(rc, RC_BUSY);
	CHECK(loaded(before->id)->n_events == 1);
	CHECK_RC(create_in(store, &arena, consent_new(&arena, uuid_v4()), &e), RC_OK);
}

static void test_readers__a_snapshot_stands_still(void **state)
{
	(void)state;
	struct consent *c = created(&arena), *got;
	struct reader *r CLEANUP(reader_closep) = reader(true);
	CHECK_RC(consents_get(r, &arena, c->id, true, &got, NULL), RC_OK);
	CHECK_RC(answer(c, ST_REJECTED), RC_OK);
	CHECK_RC(consents_get(r, &arena, c->id, true, &got, NULL), RC_OK);
	CHECK(got->status == ST_CREATED && got->n_events == 1);
	CHECK(loaded(c->id)->status == ST_REJECTED);
}

static void test_readers__one_too_many_is_busy(void **state)
{
	(void)state;
	struct reader *all[8], *more = NULL;
	size_t n = on_sqlite() ? 4 : 8;
	for (size_t i = 0; i < n; i++)
		all[i] = reader(false);
	CHECK_RC(reader_open(store, false, &more), RC_BUSY);
	for (size_t i = 0; i < n; i++)
		reader_close(all[i]);
	reader_close(reader(true));
	reader_close(NULL);
}

/* ---- opening ---- */
static void test_open__the_other_mode_is_denied(void **state)
{
	(void)state;
	open_store(STORE_PRODUCTION, false, false, RC_DENIED);
	open_store(STORE_PRODUCTION, true, false, RC_DENIED);
	store_close(open_store(STORE_SANDBOX, true, false, RC_OK));
}

static void test_open__offline_does_not_write(void **state)
{
	(void)state;
	struct event e;
	struct str report = STR_NONE;
	struct store *s = open_store(STORE_SANDBOX, false, true, RC_OK);
	CHECK_RC(create_in(s, &arena, consent_new(&arena, uuid_v4()), &e), RC_FAIL);
	CHECK_RC(store_check(s, &arena, &report), RC_OK);
	CHECK(store_stats(s).batches == 0 && store_stats(store).changes > 0);
	store_close(s);
	store_close(NULL);
}

static void steps(const char *sql)
{
	const struct db_driver *d;
	struct db *db = NULL;
	struct str err;
	CHECK_RC(db_driver_for(uri, &d), RC_OK);
	CHECK_RC(db_open(d, &arena, uri, true, &db, &err), RC_OK);
	CHECK_RC(db_script(db, sql, &err), RC_OK);
	db_close(db);
}

static void test_migrate__refuses_gaps_and_newer_stores(void **state)
{
	(void)state;
	steps("INSERT INTO schema_step (step) SELECT MAX(step) + 1 FROM schema_step");
	open_store(STORE_SANDBOX, true, false, RC_FAIL);
	open_store(STORE_SANDBOX, false, false, RC_FAIL);
	steps("UPDATE schema_step SET step = step + 1 WHERE step = (SELECT MAX(step) FROM schema_step)");
	open_store(STORE_SANDBOX, true, false, RC_FAIL);
	steps("DELETE FROM schema_step WHERE step = (SELECT MAX(step) FROM schema_step)");
	store_close(open_store(STORE_SANDBOX, false, false, RC_OK));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_consents__round_trip_of_every_field),
		cmocka_unit_test(test_consents__same_id_is_a_conflict),
		cmocka_unit_test(test_consents__unknown_is_not_found_and_tells_the_version),
		cmocka_unit_test(test_consents__what_must_not_be_absent_is_refused),
		cmocka_unit_test(test_consents_of__newest_first_in_pages),
		cmocka_unit_test(test_consents_between__accepted_live_ones_of_the_pair),
		cmocka_unit_test(test_trail__newest_first_in_pages_whatever_the_kind),
		cmocka_unit_test(test_consents_all__oldest_first_with_all_events),
		cmocka_unit_test(test_consents_count__of_one_status_shown_and_not_over),
		cmocka_unit_test(test_answer__only_listed_moves),
		cmocka_unit_test(test_requests__of_an_organisation),
		cmocka_unit_test(test_requests__are_opened_once),
		cmocka_unit_test(test_requests__by_state_in_the_order_of_the_last_change),
		cmocka_unit_test(test_import__is_whole_and_skips_what_is_there),
		cmocka_unit_test(test_listed__follows_the_consent),
		cmocka_unit_test(test_listed__leaves_out_what_is_over_and_forgets_it),
		cmocka_unit_test(test_listed__names_the_parties_of_the_register),
		cmocka_unit_test(test_answer__acceptance_keeps_what_was_shown),
		cmocka_unit_test(test_answer__expired_cannot_be_accepted),
		cmocka_unit_test(test_answer__exactly_one_of_many_wins),
		cmocka_unit_test(test_events__nothing_appears_behind_a_cursor),
		cmocka_unit_test(test_events__page_limit),
		cmocka_unit_test(test_events__filters),
		cmocka_unit_test(test_events__receiver_and_handler_in_one_see_it_once),
		cmocka_unit_test(test_events__a_rare_one_is_looked_for_in_steps),
		cmocka_unit_test(test_events__in_production_time_shortens_the_way),
		cmocka_unit_test(test_events__floor),
		cmocka_unit_test(test_feeds_last__moves_with_every_event),
		cmocka_unit_test(test_commits__receivers_are_told),
		cmocka_unit_test(test_tokens__one_guard_one_token),
		cmocka_unit_test(test_tokens__a_guard_whose_time_is_over_is_free),
		cmocka_unit_test(test_tokens__stale_version_is_refused),
		cmocka_unit_test(test_basis__a_narrow_one_is_stale_when_its_subjects_change),
		cmocka_unit_test(test_basis__is_stale_when_the_epoch_rises),
		cmocka_unit_test(test_basis__subjects_are_forgotten),
		cmocka_unit_test(test_tokens__only_of_an_accepted_and_valid_consent),
		cmocka_unit_test(test_use__only_of_an_accepted_and_valid_consent),
		cmocka_unit_test(test_use__is_kept_with_its_event),
		cmocka_unit_test(test_use__the_first_ends_a_one_time_consent),
		cmocka_unit_test(test_use__exactly_one_of_many_wins),
		cmocka_unit_test(test_use__so_many_and_no_more),
		cmocka_unit_test(test_sessions__life),
		cmocka_unit_test(test_sessions__end_by_the_providers_name),
		cmocka_unit_test(test_logins__are_taken_once),
		cmocka_unit_test(test_logins__prune_takes_the_old),
		cmocka_unit_test(test_sessions__prune_takes_old_and_idle),
		cmocka_unit_test(test_apply__entries_in_byte_order_and_version),
		cmocka_unit_test(test_apply__what_was_decided_on_an_old_version_is_stale),
		cmocka_unit_test(test_parties__minted_kept_and_found),
		cmocka_unit_test(test_parties__many_at_once_and_limit),
		cmocka_unit_test(test_holdings__of_a_holder_for_a_party),
		cmocka_unit_test(test_authority__directly_by_key_role_and_by_main_unit),
		cmocka_unit_test(test_authority__each_role_counts_as_the_list_says),
		cmocka_unit_test(test_keys__by_publication),
		cmocka_unit_test(test_keys__in_a_token_or_sealed_anew),
		cmocka_unit_test(test_status__tells_what_was_imported_as_ended),
		cmocka_unit_test(test_status__ended_in_the_order_of_the_commits),
		cmocka_unit_test(test_expiry__one_boundary_in_every_statement),
		cmocka_unit_test(test_status__expired_by_time_a_page_after_the_other),
		cmocka_unit_test(test_status__nothing_is_missed_while_it_happens),
		cmocka_unit_test(test_status__the_seed_is_the_store_s),
		cmocka_unit_test(test_committer__a_bad_change_fails_alone),
		cmocka_unit_test(test_readers__a_snapshot_stands_still),
		cmocka_unit_test(test_readers__one_too_many_is_busy),
		cmocka_unit_test(test_open__the_other_mode_is_denied),
		cmocka_unit_test(test_open__offline_does_not_write),
		cmocka_unit_test(test_migrate__refuses_gaps_and_newer_stores),
		/* Last, and for SQLite only: a PostgreSQL server whose log disk is full stops by itself; tests/faults
		   has that. */
		cmocka_unit_test(test_committer__full_disk_is_busy_and_passes),
	};
	const char *target = getenv("SAMTYKKE_TEST_STORE");
	bool files = !target || strncmp(target, "sqlite:", 7) == 0;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("store", tests, LEN(tests) - (files ? 0 : 1), setup, teardown);
}
