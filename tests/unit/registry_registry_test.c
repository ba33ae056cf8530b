#include <pthread.h>

#include "jose/jose.h"
#include "publish_kit.h"
#include "registry/subject.h"

#define BANK_CLIENT "5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01"

static void world_open(struct kit *k, struct registry_box *box)
{
	kit_open(k, STORE_SANDBOX);
	kit_apply(k, seed_sandbox());
	CHECK_RC(registry_init(box, k->store), RC_OK);
}

static void world_close(struct kit *k, struct registry_box *box)
{
	registry_finish(box);
	kit_close(k);
}

static void test_registry__resource(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	world_open(&k, &box);
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(&box);
	const struct resource *res = registry_resource(r, STR("ttd_inntektsopplysninger"));
	assert_non_null(res);
	assert_int_equal(res->version, 4);
	CHECK_STR(res->type, STR("Consent"));
	CHECK_STR(res->owner_code, STR("ttd"));
	CHECK_STR(res->owner_orgno, STR("991825827"));
	CHECK_STR(res->template_id, STR("default"));
	assert_int_equal(res->max_validity, 10 * CLOCK_DAY);
	assert_int_equal(res->n_metadata, 1);
	CHECK_STR(res->metadata[0].key, STR("inntektsaar"));
	assert_int_equal(res->policy.min_level, 3);
	CHECK(registry_resource_at(r, STR("ttd_inntektsopplysninger"), STR("4")) == res);
	CHECK(!registry_resource_at(r, STR("ttd_inntektsopplysninger"), STR("3")));
	CHECK(!registry_resource_at(r, STR("ttd_inntektsopplysninger"), STR_NONE));
	CHECK(!registry_resource(r, STR("nix")));
	CHECK(registry_resource(r, STR("ttd_engangsutlevering"))->one_time);
	CHECK_STR(registry_resource(r, STR("ttd_formue_utgaatt"))->status, STR("Withdrawn"));
	registry_release(r);
	r = NULL;
	world_close(&k, &box);
}

static void test_registry__template(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	world_open(&k, &box);
	const struct registry *r = registry_hold(&box);
	const struct consent_template *t = registry_template(r, STR("DEFAULT"));
	assert_non_null(t);
	CHECK(registry_template_at(r, STR("default"), 1) == t);
	CHECK(!registry_template_at(r, STR("default"), 2));
	CHECK(registry_template(r, STR("poa"))->is_poa);
	CHECK(!registry_template(r, STR("sblanesoknad"))->message_in_request);
	assert_int_equal(registry_template(r, STR("sblanesoknad"))->n_restricted, 2);
	for (int l = 0; l <= LANG_EN; l++)
		CHECK(t->texts.title[0].t[l].n && t->texts.heading[1].t[l].n && t->texts.expiration.t[l].n);
	registry_release(r);
	world_close(&k, &box);
}

static void test_registry__client_and_scope(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	struct jwk *key;
	world_open(&k, &box);
	const struct registry *r = registry_hold(&box);
	const struct client *c = registry_client(r, STR(BANK_CLIENT));
	assert_non_null(c);
	CHECK(c->active && c->token_lifetime == 120 && c->private_jwk.n);
	CHECK_STR(c->orgno, STR("810419512"));
	assert_int_equal(c->keys->n, 1);
	CHECK_RC(jwks_find(c->keys, STR("smekkfull-bank-1"), JOSE_RS256, &key), RC_OK);
	CHECK(!registry_client(r, STR("nix")));
	const struct scope *s = registry_scope(r, STR("skatteetaten:inntekt"));
	CHECK(s && s->active && s->n_grants == 1);
	CHECK_STR(s->delegation_source, STR("https://www.altinn.no/"));
	CHECK(registry_delegated(r, STR("810419512"), STR("810418192"), STR("skatteetaten:inntekt")));
	CHECK(!registry_delegated(r, STR("810419512"), STR("810418192"), STR("altinn:portal/enduser")));
	CHECK(!registry_delegated(r, STR("810418192"), STR("810419512"), STR("skatteetaten:inntekt")));
	CHECK(registry_on_access_list(r, STR("ttd"), STR("godkjentebanker"), STR("810419512")));
	CHECK(!registry_on_access_list(r, STR("ttd"), STR("godkjentebanker"), STR("810418192")));
	registry_release(r);
	world_close(&k, &box);
}

static void test_registry__redirect_allow_is_a_union(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	struct str *list;
	size_t n;
	world_open(&k, &box);
	const struct registry *r = registry_hold(&box);
	CHECK_RC(registry_redirect_allow(r, &k.a, STR("810419512"), &list, &n), RC_OK);
	assert_int_equal(n, 0);
	registry_release(r);
	kit_apply(&k,
		  STR("{\"clients\":[{\"clientId\":\"a\",\"orgno\":\"810419512\",\"redirectAllow\":[\"https://"
		      "a.example\"]},"
		      "{\"clientId\":\"b\",\"orgno\":\"810419512\",\"redirectAllow\":[\"https://*.b.example\"]}]}"));
	bool changed = false;
	CHECK_RC(registry_refresh(&box, &changed), RC_OK);
	CHECK(changed);
	r = registry_hold(&box);
	CHECK_RC(registry_redirect_allow(r, &k.a, STR("810419512"), &list, &n), RC_OK);
	assert_int_equal(n, 2);
	registry_release(r);
	kit_apply(&k, STR("{\"clients\":[{\"clientId\":\"a\",\"state\":\"absent\"}]}"));
	CHECK_RC(registry_refresh(&box, &changed), RC_OK);
	r = registry_hold(&box);
	CHECK_RC(registry_redirect_allow(r, &k.a, STR("810419512"), &list, &n), RC_OK);
	assert_int_equal(n, 1);
	CHECK(!registry_client(r, STR("a"))->active);
	registry_release(r);
	world_close(&k, &box);
}

static void test_registry__snapshot_outlives_refresh(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	bool changed = true;
	world_open(&k, &box);
	CHECK_RC(registry_refresh(&box, &changed), RC_OK);
	CHECK(!changed);
	const struct registry *old = registry_hold(&box);
	struct str body = registry_resource(old, STR("ttd_inntektsopplysninger"))->body;
	struct buf b = BUF(&k.a);
	ptrdiff_t at = str_find(body, STR("\"versionId\":4"));
	CHECK(at > 0);
	buf_lit(&b, "{\"resources\":[");
	buf_raw(&b, body.p, (size_t)at);
	buf_lit(&b, "\"versionId\":5");
	buf_raw(&b, body.p + at + 13, body.n - (size_t)at - 13);
	buf_lit(&b, "]}");
	kit_apply(&k, buf_str(&b));
	CHECK_RC(registry_refresh(&box, &changed), RC_OK);
	CHECK(changed);
	const struct registry *r = registry_hold(&box);
	CHECK(registry_version(r) > registry_version(old));
	assert_int_equal(registry_resource(old, STR("ttd_inntektsopplysninger"))->version, 4);
	assert_int_equal(registry_resource(r, STR("ttd_inntektsopplysninger"))->version, 5);
	/* versions that did not change are compiled once, and outlive the snapshot that compiled them */
	const struct resource *kept = registry_resource(r, STR("ttd_engangsutlevering"));
	CHECK(registry_resource(old, STR("ttd_engangsutlevering")) == kept);
	CHECK(registry_resource_at(r, STR("ttd_inntektsopplysninger"), STR("4")) ==
	      registry_resource(old, STR("ttd_inntektsopplysninger")));
	registry_release(old);
	CHECK_STR(kept->identifier, STR("ttd_engangsutlevering"));
	CHECK(kept->policy.n_rules > 0);
	registry_release(r);
	world_close(&k, &box);
}

/* An operator may remove a version and apply it again with other content. */
static void test_registry__same_version_with_other_content(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	const struct str id = STR("ttd_engangsutlevering");
	bool changed;
	world_open(&k, &box);
	const struct registry *old = registry_hold(&box);
	const struct resource *before = registry_resource(old, id);
	const struct str from = STR("\"isOneTimeConsent\":true"), to = STR("\"isOneTimeConsent\":false");
	ptrdiff_t at = str_find(before->body, from);
	CHECK(at > 0 && before->one_time);
	kit_apply(&k, json_q(&k.a, "{'resources':[{'identifier':'ttd_engangsutlevering','state':'absent'}]}"));
	kit_apply(&k, arena_fmt(&k.a, "{\"resources\":[%.*s%.*s%.*s]}", (int)at, before->body.p, STR_FMT(to),
				(int)(before->body.n - (size_t)at - from.n), before->body.p + at + from.n));
	CHECK_RC(registry_refresh(&box, &changed), RC_OK);
	CHECK(changed);
	const struct registry *r = registry_hold(&box);
	assert_int_equal(registry_resource(r, id)->version, before->version);
	CHECK(!registry_resource(r, id)->one_time);
	registry_release(old);
	registry_release(r);
	world_close(&k, &box);
}

static void resource_count(void *ctx, const struct resource *res)
{
	(void)res;
	++*(size_t *)ctx;
}

static void client_count(void *ctx, const struct client *c)
{
	(void)c;
	++*(size_t *)ctx;
}

static void test_registry__budgets_go_on(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	bool moved;
	world_open(&k, &box);
	const struct registry *r = registry_hold(&box);
	*registry_client(r, STR(BANK_CLIENT))->budget = 4711;
	registry_release(r);
	kit_apply(&k, STR("{\"clients\":[{\"clientId\":\"" BANK_CLIENT "\",\"name\":\"x\"},"
			  "{\"clientId\":\"new\",\"orgno\":\"810419512\"}]}"));
	CHECK_RC(registry_refresh(&box, &moved), RC_OK);
	CHECK(moved);
	r = registry_hold(&box);
	CHECK_STR(registry_client(r, STR(BANK_CLIENT))->name, STR("x"));
	CHECK(*registry_client(r, STR(BANK_CLIENT))->budget == 4711);
	CHECK(*registry_client(r, STR("new"))->budget == 0);
	registry_release(r);
	world_close(&k, &box);
}

static void test_registry__each(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	size_t resources = 0, clients = 0;
	world_open(&k, &box);
	const struct registry *r = registry_hold(&box);
	registry_resources_each(r, resource_count, &resources);
	registry_clients_each(r, client_count, &clients);
	assert_int_equal(resources, 8);
	assert_int_equal(clients, 4);
	registry_release(r);
	registry_release(NULL);
	world_close(&k, &box);
}

static void template_name(void *ctx, const struct consent_template *t)
{
	buf_fmt(ctx, "%.*s/%lld ", STR_FMT(t->id), (long long)t->version);
}

static void list_name(void *ctx, const struct access_list *l)
{
	buf_fmt(ctx, "%.*s/%.*s:%zu ", STR_FMT(l->owner), STR_FMT(l->identifier), l->n_members);
}

static void test_registry__templates_and_lists_in_order(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	bool changed;
	world_open(&k, &box);
	kit_apply(&k, json_q(&k.a, "{'accessLists':[{'owner':'ttd','identifier':'a','members':["
				   "'urn:altinn:organization:identifier-no:991825827',"
				   "'urn:altinn:organization:identifier-no:810419512',"
				   "'urn:altinn:organization:identifier-no:991825827']}]}"));
	CHECK_RC(registry_refresh(&box, &changed), RC_OK);
	const struct registry *r = registry_hold(&box);
	struct buf templates = BUF(&k.a), lists = BUF(&k.a);
	registry_templates_each(r, template_name, &templates);
	registry_access_lists_each(r, list_name, &lists);
	CHECK_STR(buf_str(&templates), STR("bst_krav/1 default/1 poa/1 samtykkemal_simpleconsent/1 sblanesoknad/1 "));
	CHECK_STR(buf_str(&lists), STR("ttd/a:2 ttd/godkjentebanker:1 "));
	const struct access_list *l = registry_access_list(r, STR("ttd"), STR("a"));
	CHECK_STR(l->members[0], STR("810419512"));
	CHECK(!registry_access_list(r, STR("skd"), STR("a")));
	registry_release(r);
	world_close(&k, &box);
}

/* Whoever the latest versions name: what an old version said is over. */
static void test_registry__owner_codes(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	bool changed;
	world_open(&k, &box);
	const struct registry *r = registry_hold(&box);
	CHECK(registry_owns(r, STR("ttd"), STR("991825827")) && registry_owns(r, STR("skd"), STR("974761076")));
	CHECK(!registry_owns(r, STR("ttd"), STR("974761076")) && !registry_owns(r, STR("new"), STR("991825827")));
	CHECK(!registry_owns(r, STR_NONE, STR_NONE));
	kit_apply(&k, json_q(&k.a,
			     "{'resources':["
			     "{'identifier':'r','versionId':1,'resourceType':'Consent','title':{'nb':'x'},"
			     "'hasCompetentAuthority':{'organization':'810418192','orgcode':'lev','name':{'nb':'x'}}},"
			     "{'identifier':'r','versionId':2,'resourceType':'Consent','title':{'nb':'x'},"
			     "'hasCompetentAuthority':{'organization':'810419512','orgcode':'lev','name':{'nb':'x'}}}"
			     "]}"));
	CHECK_RC(registry_refresh(&box, &changed), RC_OK);
	CHECK(!registry_owns(r, STR("lev"), STR("810419512")));
	registry_release(r);
	r = registry_hold(&box);
	CHECK(registry_owns(r, STR("lev"), STR("810419512")) && !registry_owns(r, STR("lev"), STR("810418192")));
	registry_release(r);
	world_close(&k, &box);
}

/* ---- threads ---- */

#define READERS 4
#define CHANGES 20

struct race {
	struct registry_box *box;
	atomic_bool stop;
	atomic_int failures;
};

static void *reader_run(void *arg)
{
	struct race *race = arg;
	int64_t last = 0;
	while (!atomic_load(&race->stop)) {
		bool changed;
		const struct registry *r = registry_hold(race->box);
		const struct client *c = registry_client(r, STR(BANK_CLIENT));
		bool sound = c && c->keys->n == 1 && registry_version(r) >= last;
		last = registry_version(r);
		registry_release(r);
		if (!sound || registry_refresh(race->box, &changed) != RC_OK)
			atomic_fetch_add(&race->failures, 1);
		usleep(200);
	}
	return NULL;
}

static void test_registry__hold_and_refresh_race(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	pthread_t threads[READERS];
	world_open(&k, &box);
	struct race race = { .box = &box };
	for (int i = 0; i < READERS; i++)
		pthread_create(&threads[i], NULL, reader_run, &race);
	for (int i = 0; i < CHANGES; i++)
		kit_apply(&k, arena_fmt(&k.a, "{\"scopes\":[{\"scope\":\"ttd:inntekt\",\"description\":\"d%d\"}]}", i));
	atomic_store(&race.stop, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&race.failures), 0);
	bool changed;
	CHECK_RC(registry_refresh(&box, &changed), RC_OK);
	const struct registry *r = registry_hold(&box);
	assert_int_equal(registry_version(r), kit_version(&k));
	CHECK_STR(registry_scope(r, STR("ttd:inntekt"))->description, STR("d19"));
	registry_release(r);
	world_close(&k, &box);
}

/* ---- size ---- */

#define MANY 10000

static void test_registry__prefixes_of_an_owner(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	struct str out[SCOPE_PREFIXES_MAX];
	world_open(&k, &box);
	struct buf doc = BUF(&k.a);
	buf_lit(&doc, "{\"scopes\":[{\"scope\":\"gone:x\",\"owner\":\"810418192\",\"description\":\"x\"},"
		      "{\"scope\":\"b:x\",\"owner\":\"810418192\",\"description\":\"x\"},"
		      "{\"scope\":\"b:y\",\"owner\":\"810418192\",\"description\":\"x\"},"
		      "{\"scope\":\"a:x\",\"owner\":\"810418192\",\"description\":\"x\"},"
		      "{\"scope\":\"c:x\",\"owner\":\"810419512\",\"description\":\"x\"}");
	for (int i = 0; i <= SCOPE_PREFIXES_MAX; i++) /* one too many */
		buf_fmt(&doc, ",{\"scope\":\"p%02d:x\",\"owner\":\"974761076\",\"description\":\"x\"}",
			SCOPE_PREFIXES_MAX - i);
	buf_lit(&doc, "]}");
	kit_apply(&k, buf_str(&doc));
	kit_apply(&k, STR("{\"scopes\":[{\"scope\":\"gone:x\",\"state\":\"absent\"}]}"));
	bool changed;
	CHECK_RC(registry_refresh(&box, &changed), RC_OK);
	const struct registry *r = registry_hold(&box);
	assert_int_equal(registry_prefixes(r, STR("810418192"), out), 2);
	CHECK_STR(out[0], STR("a"));
	CHECK_STR(out[1], STR("b"));
	assert_int_equal(registry_prefixes(r, STR("974761076"), out), SCOPE_PREFIXES_MAX);
	CHECK_STR(out[0], STR("p00"));
	CHECK_STR(out[SCOPE_PREFIXES_MAX - 1], STR("p31"));
	assert_int_equal(registry_prefixes(r, STR("910194143"), out), 0);
	registry_release(r);
	world_close(&k, &box);
}

static void test_registry__ten_thousand_clients(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	world_open(&k, &box);
	const struct registry *r = registry_hold(&box);
	struct str key = jwk_kid(registry_client(r, STR(BANK_CLIENT))->keys->keys[0]);
	struct buf jwk = BUF(&k.a), doc = BUF(&k.a);
	struct jsw w = JSW(&jwk);
	CHECK(key.n);
	jwk_write_public(&w, registry_client(r, STR(BANK_CLIENT))->keys->keys[0]);
	buf_lit(&doc, "{\"clients\":[");
	for (int i = 0; i < MANY; i++)
		buf_fmt(&doc,
			"%s{\"clientId\":\"many-%d\",\"orgno\":\"810419512\",\"scopes\":[\"ttd:inntekt\"],\"jwks\":{"
			"\"keys\":[%.*s]}}",
			i ? "," : "", i, STR_FMT(buf_str(&jwk)));
	buf_lit(&doc, "]}");
	registry_release(r);
	kit_apply(&k, buf_str(&doc));
	bool changed;
	int64_t start = clock_mono();
	CHECK_RC(registry_refresh(&box, &changed), RC_OK);
	int64_t us = clock_mono() - start;
	print_message("# %d clients compiled in %d ms\n", MANY, (int)(us / 1000));
	CHECK(us < 5 * CLOCK_SECOND); /* far above what it takes, for slow machines and sanitizers */
	r = registry_hold(&box);
	assert_int_equal(registry_client(r, STR("many-9999"))->keys->n, 1);
	registry_release(r);
	world_close(&k, &box);
}

static bool uses(const struct registry *r, const char *kind, const char *name)
{
	struct basis b = registry_basis(r);
	for (size_t i = 0; i < b.n_used; i++)
		if (str_is(str_of(b.used[i].kind), kind) && str_is(b.used[i].name, name))
			return true;
	return false;
}

static size_t n_used(const struct registry *r)
{
	return registry_basis(r).n_used;
}

/* Each lookup is part of the basis, whether it finds anything or not. */
static void test_registry__a_basis_has_what_was_looked_up(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	struct str *allow, prefixes[SCOPE_PREFIXES_MAX];
	size_t n;
	world_open(&k, &box);
	const struct registry *r = registry_hold(&box), *other = registry_hold(&box);
	struct basis none = registry_basis(r);
	CHECK(none.version == kit_version(&k) && none.narrow && none.n_used == 0);
	const struct resource *res = registry_resource(r, STR("ttd_inntektsopplysninger"));
	(void)registry_resource(r, STR("ttd_inntektsopplysninger"));
	(void)registry_resource(r, STR("nix"));
	CHECK(uses(r, SUBJECT_RESOURCE, "ttd_inntektsopplysninger") && uses(r, SUBJECT_RESOURCE, "nix"));
	assert_int_equal(n_used(r), 2);
	(void)registry_resource_at(r, STR("old"), STR("1"));
	CHECK(uses(r, SUBJECT_RESOURCE, "old"));
	(void)registry_client(r, STR(BANK_CLIENT));
	(void)registry_client(r, STR("c"));
	CHECK(uses(r, SUBJECT_CLIENT, BANK_CLIENT) && uses(r, SUBJECT_CLIENT, "c"));
	(void)registry_scope(r, STR("ttd:inntekt"));
	(void)registry_scope(r, STR("a:b"));
	CHECK(uses(r, SUBJECT_SCOPE, "ttd:inntekt") && uses(r, SUBJECT_SCOPE, "a:b"));
	(void)registry_delegated(r, STR("1"), STR("2"), STR("a:b"));
	CHECK(uses(r, SUBJECT_DELEGATION, "1/2"));
	(void)registry_on_access_list(r, STR("ttd"), STR("l"), STR("1"));
	CHECK(uses(r, SUBJECT_ACCESS_LIST, "ttd/l"));
	(void)registry_on_connected_list(r, res, STR("1"));
	(void)registry_listed_for(r, res, STR("read"), STR("1"));
	CHECK(uses(r, SUBJECT_LISTS_OF, "ttd_inntektsopplysninger"));
	CHECK_RC(registry_redirect_allow(r, &k.a, STR("810419512"), &allow, &n), RC_OK);
	CHECK(uses(r, SUBJECT_CLIENTS_OF, "810419512"));
	(void)registry_prefixes(r, STR("991825827"), prefixes);
	CHECK(uses(r, SUBJECT_SCOPES_OF, "991825827"));
	assert_int_equal(n_used(r), 12);
	(void)registry_template(r, STR("default")); /* an operator's: every decision rests on it */
	assert_int_equal(n_used(r), 12);
	assert_int_equal(n_used(other), 0);
	registry_release(r);
	registry_release(other);
	world_close(&k, &box);
}

static void test_registry__a_basis_of_too_much_is_not_narrow(void **state)
{
	(void)state;
	struct kit k;
	struct registry_box box = { 0 };
	world_open(&k, &box);
	const struct registry *r = registry_hold(&box);
	for (size_t i = 0; i <= REGISTRY_USED_MAX; i++) {
		CHECK(registry_basis(r).narrow && registry_basis(r).n_used == i);
		(void)registry_scope(r, arena_fmt(&k.a, "a:%zu", i));
	}
	CHECK(!registry_basis(r).narrow);
	registry_release(r);
	r = registry_hold(&box);
	(void)registry_owns(r, STR("ttd"), STR("991825827"));
	CHECK(!registry_basis(r).narrow);
	registry_release(r);
	world_close(&k, &box);
}

T_MAIN(cmocka_unit_test(test_registry__resource), cmocka_unit_test(test_registry__template),
       cmocka_unit_test(test_registry__client_and_scope), cmocka_unit_test(test_registry__redirect_allow_is_a_union),
       cmocka_unit_test(test_registry__snapshot_outlives_refresh),
       cmocka_unit_test(test_registry__same_version_with_other_content), cmocka_unit_test(test_registry__budgets_go_on),
       cmocka_unit_test(test_registry__each), cmocka_unit_test(test_registry__templates_and_lists_in_order),
       cmocka_unit_test(test_registry__owner_codes), cmocka_unit_test(test_registry__hold_and_refresh_race),
       cmocka_unit_test(test_registry__prefixes_of_an_owner), cmocka_unit_test(test_registry__ten_thousand_clients),
       cmocka_unit_test(test_registry__a_basis_has_what_was_looked_up),
       cmocka_unit_test(test_registry__a_basis_of_too_much_is_not_narrow))
