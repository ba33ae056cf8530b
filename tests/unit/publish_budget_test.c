#include "publish/budget.h"
#include "publish/limits.h"
#include "seed_kit.h"
#include "selfservice_kit.h"

#define FULL "conflict: the organisation has as many bytes stored as it may"
#define RESOURCE_REST                                                                                                  \
	"'resourceType':'Consent','title':{'nb':'x'},"                                                                 \
	"'hasCompetentAuthority':{'organization':'" OWNER "','orgcode':'ttd','name':{'nb':'x'}}"

static size_t room_of(struct desk *d, const char *orgno, enum budget b)
{
	bool changed;
	CHECK_RC(registry_refresh(&d->box, &changed), RC_OK);
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(&d->box);
	return budget_room(r, str_of(orgno), b);
}

/* Times that are not made: those have no fixed length. */
#define TIME "'created':'2026-12-01T00:00:00Z'"
#define TIMES TIME ",'lastUpdated':'2026-12-01T00:00:00Z'"

/* The operator, whom no budget binds, stores n clients of the bank of about 50 KB, and one with a key of `pad` bytes
 * more. */
static void clients_fill(struct desk *d, size_t n, size_t pad)
{
	struct buf doc = BUF(&d->k.a);
	buf_lit(&doc, "{\"clients\":[");
	for (size_t i = 0; i < n; i++) {
		buf_fmt(&doc, "{\"clientId\":\"big-%03zu\",\"orgno\":\"" BANK "\",", i);
		buf_add(&doc, json_q(&d->k.a, TIMES ",'jwks':"));
		key_set_write(&doc, 1, 50000);
		buf_lit(&doc, "},");
	}
	buf_add(&doc, json_q(&d->k.a, "{'clientId':'pad','orgno':'" BANK "'," TIMES ",'jwks':"));
	key_set_write(&doc, 1, pad);
	buf_lit(&doc, "}]}");
	kit_apply(&d->k, buf_str(&doc));
}

/* What clients_fill or versions_fill has stored. */
struct filling {
	size_t n;
	size_t pad;
};

/* Fills up until the bank has exactly `room` bytes. */
static struct filling clients_leave(struct desk *d, size_t room)
{
	clients_fill(d, 1, 1);
	size_t first = room_of(d, BANK, BUDGET_SELF);
	clients_fill(d, 2, 1);
	size_t n = 1 + (first - room) / (first - room_of(d, BANK, BUDGET_SELF));
	clients_fill(d, n, 1);
	struct filling f = { n, 1 + room_of(d, BANK, BUDGET_SELF) - room };
	clients_fill(d, f.n, f.pad);
	assert_int_equal(room_of(d, BANK, BUDGET_SELF), room);
	return f;
}

static struct str client_create(struct desk *d, const char *id)
{
	struct client_manager m = { .publisher = publisher(d, BANK), .own = true };
	return outcome(d, selfservice_client_create(&m, str_of(id), body(d, "{'client_name':'n'}"), &d->p));
}

static void test_budget__of_registrations(void **state)
{
	struct desk *d = *state;
	size_t before = room_of(d, BANK, BUDGET_SELF);
	assert_int_equal(before, SELF_MAX_BYTES);
	CHECK_STR(client_create(d, "one"), STR("ok"));
	size_t one = before - room_of(d, BANK, BUDGET_SELF);
	/* the two times of an entry may have up to 7 characters less, each */
	struct filling f = clients_leave(d, one - 15);
	CHECK_STR(client_create(d, "two"), STR(FULL));
	clients_fill(d, f.n, f.pad - 30);
	CHECK_STR(client_create(d, "two"), STR("ok"));
	CHECK(room_of(d, BANK, BUDGET_SELF) < one / 2);
	CHECK_STR(client_create(d, "six"), STR(FULL));
	/* others have budgets of their own, the operator has none, and what exists can become smaller */
	assert_int_equal(room_of(d, SUPPLIER, BUDGET_SELF), SELF_MAX_BYTES);
	kit_apply(&d->k, json_q(&d->k.a, "{'clients':[{'clientId':'ten','orgno':'" BANK "'}]}"));
	kit_apply(&d->k, json_q(&d->k.a, "{'clients':[{'clientId':'red','orgno':'" BANK "','scopes':['ttd:open']}]}"));
	struct client_manager m = { .publisher = publisher(d, BANK), .own = true };
	CHECK_STR(outcome(d, selfservice_client_keys(&m, STR("big-000"), body(d, "{'keys':[]}"), &d->p)), STR("ok"));
	CHECK_STR(client_create(d, "six"), STR("ok"));
}

/* A supplier's clients count for the supplier, a delegation for the organisation that delegates. */
static void test_budget__whose_it_is(void **state)
{
	struct desk *d = *state;
	size_t owner = room_of(d, OWNER, BUDGET_SELF);
	CHECK(owner < SELF_MAX_BYTES); /* its scopes */
	kit_apply(&d->k, json_q(&d->k.a, "{'clients':[{'clientId':'s','orgno':'" BANK "','supplierOrgno':'" SUPPLIER
					 "'," TIMES "}],"
					 "'delegations':[{'consumer':'" BANK "','supplier':'" SUPPLIER
					 "','scopes':['ttd:open']," TIME "}]}"));
	size_t bank = SELF_MAX_BYTES - room_of(d, BANK, BUDGET_SELF);
	size_t supplier = SELF_MAX_BYTES - room_of(d, SUPPLIER, BUDGET_SELF);
	assert_int_equal(supplier,
			 strlen("{'clientId':'s','orgno':'810419512','supplierOrgno':'810418192'," TIMES "}"));
	assert_int_equal(bank,
			 strlen("{'consumer':'810419512','supplier':'810418192','scopes':['ttd:open']," TIME "}"));
	assert_int_equal(room_of(d, OWNER, BUDGET_SELF), owner);
	assert_int_equal(room_of(d, BANK, BUDGET_PUBLISH), PUBLISH_MAX_BYTES);
}

static void texts_write(struct buf *b, size_t bytes)
{
	buf_lit(b, ",\"consentText\":{");
	for (int i = 0; i < 4; i++) {
		size_t rest = (size_t)(3 - i), n = bytes - rest > SEED_MAX_TEXT ? SEED_MAX_TEXT : bytes - rest;
		buf_fmt(b, "%s\"%.2s\":\"%0*d\"", i ? "," : "", &"nbnnense"[2 * i], (int)n, 0);
		bytes -= n;
	}
	buf_lit(b, "}");
}

/* The operator stores `n` versions of about 60 KB, and a resource with texts of `pad` bytes. */
static void versions_fill(struct desk *d, size_t n, size_t pad)
{
	struct buf doc = BUF(&d->k.a);
	buf_lit(&doc, "{\"resources\":[");
	for (size_t i = 0; i < n; i++) {
		buf_add(&doc, json_q(&d->k.a, "{'identifier':'ttd_big'," RESOURCE_REST));
		texts_write(&doc, 60000);
		buf_fmt(&doc, ",\"versionId\":%zu},", i + 1);
	}
	buf_add(&doc, json_q(&d->k.a, "{'identifier':'ttd_pad'," RESOURCE_REST));
	texts_write(&doc, pad);
	buf_lit(&doc, ",\"versionId\":1}]}");
	kit_apply(&d->k, json_q(&d->k.a, "{'resources':[{'identifier':'ttd_pad','state':'absent'}]}"));
	kit_apply(&d->k, buf_str(&doc));
}

static struct filling versions_leave(struct desk *d, size_t room)
{
	size_t first, n;
	versions_fill(d, 1, 4);
	first = room_of(d, OWNER, BUDGET_PUBLISH);
	versions_fill(d, 2, 4);
	n = 1 + (first - room) / (first - room_of(d, OWNER, BUDGET_PUBLISH));
	versions_fill(d, n, 4);
	struct filling f = { n, 4 + room_of(d, OWNER, BUDGET_PUBLISH) - room };
	versions_fill(d, f.n, f.pad);
	assert_int_equal(room_of(d, OWNER, BUDGET_PUBLISH), room);
	return f;
}

static struct str list_make(struct desk *d, const char *name)
{
	struct publisher owner = publisher(d, OWNER);
	struct list_id id = { STR("ttd"), str_of(name) };
	return outcome(d, publish_list(&owner, id, body(d, "{'name':'n'}"), &d->p));
}

static void test_budget__of_publications(void **state)
{
	struct desk *d = *state;
	size_t list = PUBLISH_VERSION_BYTES + strlen("{'owner':'ttd','identifier':'one','name':'n','members':[],"
						     "'resourceConnections':[]}");
	struct filling f = versions_leave(d, list - 1);
	CHECK_STR(list_make(d, "one"), STR(FULL));
	versions_fill(d, f.n, f.pad - 1);
	CHECK_STR(list_make(d, "one"), STR("ok"));
	assert_int_equal(room_of(d, OWNER, BUDGET_PUBLISH), 0);
	struct publisher owner = publisher(d, OWNER);
	const struct js *more = body(d, "{'identifier':'ttd_new'," RESOURCE_REST "}");
	CHECK_STR(outcome(d, publish_resource(&owner, STR_NONE, more, &d->p)), STR(FULL));
}

T_MAIN(cmocka_unit_test_setup_teardown(test_budget__of_registrations, desk_setup, desk_teardown),
       cmocka_unit_test_setup_teardown(test_budget__whose_it_is, desk_setup, desk_teardown),
       cmocka_unit_test_setup_teardown(test_budget__of_publications, desk_setup, desk_teardown))
