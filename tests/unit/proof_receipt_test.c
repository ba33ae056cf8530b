#include "base/clock.h"
#include "proof/receipt.h"
#include "consent_world.h"
#include "jose/jose.h"
#include "text/text.h"

static const struct receipt_order plain = { STR_INIT("https://consent.example/"),
					    STR_INIT("https://consent.example/mine"), false };
static const struct receipt_order numbered = { STR_INIT("https://consent.example/"),
					       STR_INIT("https://consent.example/mine"), true };

static struct consent *accepted(struct world *w, struct draft *d, struct org_caller who)
{
	struct person_caller giver = { .party = w->elena->uuid,
				       .level = 4,
				       .acr = STR("idporten-loa-high"),
				       .provider = STR("https://login.example") };
	struct problems p = PROBLEMS(&w->a);
	struct consent *c;
	bool existed;
	CHECK_RC(consent_create(&w->d, &w->a, d, &who, &c, &existed, &p), RC_OK);
	CHECK_RC(consent_decide(&w->d, &w->a, d->id, &giver, ST_ACCEPTED, STR("nb"), &c, &p), RC_OK);
	return c;
}

static const struct js *receipt(struct world *w, const struct consent *c, const struct receipt_order *o)
{
	struct consent_snapshot f;
	struct str json;
	const struct js *doc;
	CHECK_RC(consent_snapshot_load(&w->d, &w->a, c, &f), RC_OK);
	CHECK_RC(receipt_write(&w->d, &w->a, c, &f, o, &json), RC_OK);
	CHECK_RC(js_parse(&w->a, json, NULL, &doc, NULL), RC_OK);
	return doc;
}

/* "notice.text": a member of a group; "processing.purposes.0.resource" goes on into arrays. */
static const struct js *at(const struct js *doc, const char *path)
{
	struct str rest = str_of(path), head, tail;
	while (doc && rest.n) {
		bool more = str_cut(rest, '.', &head, &tail);
		uint64_t i;
		if (doc->type == JS_ARRAY && str_u64(head, &i) == RC_OK) {
			const struct js *found = NULL;
			JS_EACH(m, doc)
				if (i-- == 0)
					found = m;
			doc = found;
		} else {
			doc = js_get_str(doc, head);
		}
		rest = more ? tail : STR_NONE;
	}
	return doc;
}

static void check_at(const struct js *doc, const char *path, const char *want)
{
	const struct js *v = at(doc, path);
	struct str got = !v ? STR("nothing") : v->type == JS_STRING ? v->s : v->raw;
	if (!str_is(got, want))
		fail_msg("%s: %.*s, want %s", path, STR_FMT(got), want);
}

static void test_receipt__members(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "income");
	draft_meta(&w->a, d.rights, STR("year"), STR("2025"));
	(void)draft_right(&w->a, &d, "tax");
	d.redirect_url = STR("https://bank.example:8443/back?x=1#y");
	struct consent *c = accepted(w, &d, FROM_ORG(BANK));
	const struct js *doc = receipt(w, c, &plain);
	char text[CLOCK_TEXT_MAX];
	int64_t valid_to = c->valid_to - c->valid_to % CLOCK_SECOND, given = c->answered - c->answered % CLOCK_SECOND;
	check_at(doc, "iss", "https://consent.example/");
	check_at(doc, "header.schema_version", "ISO/IEC TS 27560:2023");
	check_at(doc, "header.consent_id", arena_cstr(&w->a, uuid_str(&w->a, c->id)));
	check_at(doc, "processing.controllers.0.name", "Smekkfull Bank AS");
	check_at(doc, "processing.controllers.0.organisation_number", BANK);
	check_at(doc, "processing.controllers.0.contact", "https://bank.example:8443");
	check_at(doc, "processing.recipients.0.organisation_number", BANK);
	check_at(doc, "processing.sources.0.name", "Etaten");
	CHECK(at(doc, "processing.sources")->n == 1); /* two rights, one source */
	CHECK(!at(doc, "processing.handled_by"));
	CHECK(at(doc, "processing.purposes")->n == 2);
	check_at(doc, "processing.purposes.0.purpose", "Tittel");
	check_at(doc, "processing.purposes.0.resource", "income");
	check_at(doc, "processing.purposes.0.resource_version", "4");
	check_at(doc, "processing.purposes.0.actions.0", "consent");
	check_at(doc, "processing.purposes.0.metadata.year", "2025");
	check_at(doc, "processing.purposes.1.data_categories.0", "Tittel tax");
	check_at(doc, "processing.purposes.1.lawful_basis", "consent");
	check_at(doc, "processing.purposes.1.retention_period.until", arena_cstr(&w->a, clock_text(valid_to, text)));
	check_at(doc, "notice.language", "nb");
	check_at(doc, "notice.template", "default");
	check_at(doc, "notice.template_version", "1");
	check_at(doc, "event.event_type", "explicit consent");
	check_at(doc, "event.event_time", arena_cstr(&w->a, clock_text(given, text)));
	check_at(doc, "event.authentication.acr", "idporten-loa-high");
	check_at(doc, "event.authentication.provider", "https://login.example");
	check_at(doc, "event.valid_to", arena_cstr(&w->a, clock_text(valid_to, text)));
	check_at(doc, "event.withdrawal_method", "https://consent.example/mine");
	check_at(doc, "event.state", "Accepted");
}

static void test_receipt__the_hash_is_of_what_stands_in_it(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax");
	struct consent *c = accepted(w, &d, FROM_ORG(BANK));
	const struct js *doc = receipt(w, c, &plain), *html = at(doc, "notice.html");
	struct buf hash = BUF(&w->a);
	buf_hex(&hash, jose_sha256(&w->a, html->s));
	CHECK_STR(at(doc, "notice.text_sha256")->s, buf_str(&hash));
	CHECK_STR(at(doc, "notice.text_sha256")->s, c->shown_sha256);
	CHECK_STR(at(doc, "notice.text")->s, text_plain(&w->a, html->s));
	CHECK(str_find(at(doc, "notice.text")->s, STR("Smekkfull Bank AS spør Elena Fjær")) == 0);
}

static void test_receipt__nobody_is_told_who_it_is(void **state)
{
	struct world *w = *state;
	struct draft d[3] = { draft_of(&w->a, "tax"), draft_of(&w->a, "tax"), draft_of(&w->a, "tax") };
	d[2].to = ORG(LENDER);
	d[2].redirect_url = STR("https://lender.example/");
	struct consent *c = accepted(w, &d[0], FROM_ORG(BANK)), *again = accepted(w, &d[1], FROM_ORG(BANK)),
		       *other = accepted(w, &d[2], FROM_ORG(LENDER));
	const struct js *one = receipt(w, c, &plain), *two = receipt(w, again, &plain),
			*three = receipt(w, other, &plain);
	struct str id = at(one, "header.pii_principal_id")->s;
	assert_int_equal(id.n, 43);
	CHECK_STR(at(two, "header.pii_principal_id")->s, id);
	CHECK(!str_eq(at(three, "header.pii_principal_id")->s, id));
	CHECK_STR(at(one, "event.performed_by")->s, id);
	CHECK(str_find(one->raw, STR(ELENA)) < 0 && str_find(one->raw, STR(ELENA_UUID)) < 0);
	CHECK(!str_eq(at(one, "header.record_id")->s, at(receipt(w, c, &plain), "header.record_id")->s));
	check_at(receipt(w, c, &numbered), "header.pii_principal_id", "urn:altinn:person:identifier-no:" ELENA);
}

static void test_receipt__the_state_when_it_is_issued(void **state)
{
	struct world *w = *state;
	struct draft d = draft_of(&w->a, "tax"), ended = draft_of(&w->a, "tax");
	struct consent *c = accepted(w, &d, FROM_ORG(BANK)), *e = accepted(w, &ended, FROM_ORG(BANK));
	struct person_caller who = { .party = w->elena->uuid, .level = 4 };
	struct problems p = PROBLEMS(&w->a);
	CHECK_RC(consent_decide(&w->d, &w->a, e->id, &who, ST_REVOKED, STR("nb"), &e, &p), RC_OK);
	check_at(receipt(w, e, &plain), "event.state", "Revoked");
	clock_set_offset(c->valid_to - clock_real() + CLOCK_HOUR);
	check_at(receipt(w, c, &plain), "event.state", "Expired");
	c->used = c->answered;
	check_at(receipt(w, c, &plain), "event.state", "Used");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
T_MAIN(CASE(test_receipt__members), CASE(test_receipt__the_hash_is_of_what_stands_in_it),
       CASE(test_receipt__nobody_is_told_who_it_is), CASE(test_receipt__the_state_when_it_is_issued))
