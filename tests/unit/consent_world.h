/* A small world on a real SQLite store in a directory of its own, for the tests of the rules. */
#pragma once
#include "t.h"

#include <limits.h>

#include "base/clock.h"
#include "consent/consent.h"
#include "consent/view.h"
#include "publish/seed.h"
#include "store/tokens.h"

#define ELENA "01025161013"
#define OTHER "01014922047"
#define STRANGER "22877497392" /* valid, not registered */
#define BANK "810419512"
#define SUPPLIER "810418192"
#define AGENCY "991825827"
#define LENDER "910194143" /* its clients allow certain redirect addresses only */
#define NOBODY "974760673" /* valid, not registered */
#define ELENA_UUID "d5b861c8-8e3b-44cd-9952-5315e5990cf5"
#define BANK_UUID "8ef5e5fa-94e1-4869-8635-df86b6219181"

/* A template in bokmål alone, a letter for each text: title T, heading H, intro S and A (accepted), expiration E,
 * handler B. */
#define TEMPLATE_NB(id, poa)                                                                                           \
	"{\"id\":\"" id "\",\"version\":1,\"isPoa\":" poa ",\"isMessageSetInRequest\":true,"                           \
	"\"restrictedToServiceOwners\":null,\"title\":\"Bare\",\"texts\":{"                                            \
	"\"title\":{\"person\":{\"nb\":\"T\"},\"org\":{\"nb\":\"T\"}},"                                                \
	"\"heading\":{\"person\":{\"nb\":\"H\"},\"org\":{\"nb\":\"H\"}},"                                              \
	"\"serviceIntro\":{\"person\":{\"nb\":\"S\"},\"org\":{\"nb\":\"S\"}},"                                         \
	"\"serviceIntroAccepted\":{\"person\":{\"nb\":\"A\"},\"org\":{\"nb\":\"A\"}},"                                 \
	"\"expiration\":{\"nb\":\"E\"},\"expirationOneTime\":{\"nb\":\"E\"},\"handledBy\":{\"nb\":\"B\"}}}"
// clang-format off
/* A resource for which every organisation may ask and a person with the role priv may give consent. */
#define RESOURCE(id, template, metadata, one_time)                                                                     \
	"{\"identifier\":\"" id "\",\"resourceType\":\"Consent\",\"versionId\":1,\"status\":\"Completed\","                \
	"\"title\":{\"nb\":\"Tittel " id "\",\"nn\":\"Tittel nn " id "\",\"en\":\"Title " id "\"},"                        \
	"\"hasCompetentAuthority\":{\"organization\":\"" AGENCY "\",\"orgcode\":\"ttd\",\"name\":{\"nb\":\"Etaten\"}},"    \
	"\"consentText\":{\"nb\":\"Tekst " id "\",\"nn\":\"Tekst nn " id "\",\"en\":\"Text " id "\"},"                     \
	"\"consentTemplate\":\"" template "\",\"consentMetadata\":" metadata ",\"isOneTimeConsent\":" one_time ","         \
	"\"delegable\":true,\"accessListMode\":\"Disabled\",\"policy\":{\"minimumAuthenticationLevel\":3,\"rules\":["      \
	"{\"actions\":[\"requestconsent\"],\"subjects\":[[\"urn:altinn:partytype:organization\"]]},"                       \
	"{\"actions\":[\"consent\",\"read\"],\"subjects\":[[\"urn:altinn:rolecode:priv\"]]}]}}"
// clang-format on

struct world {
	struct arena a;
	char dir[64];
	char uri[PATH_MAX];
	struct store *store;
	struct consent_service d;
	struct party *elena;
	struct party *other;
	struct party *bank;
};

static inline struct party *world_party(struct world *w, const char *ident)
{
	struct reader *r;
	struct str idents[] = { str_of(ident) };
	struct party *found[1];
	CHECK_RC(reader_open(w->store, false, &r), RC_OK);
	CHECK_RC(parties_by_ident(r, &w->a, idents, 1, found, NULL), RC_OK);
	reader_close(r);
	return found[0];
}

static inline void world_apply(struct world *w, struct str json)
{
	struct seed_options o = { .sandbox = true };
	struct seed_report report = { .a = &w->a, .faults = BUF(&w->a), .changes = BUF(&w->a) };
	enum rc rc = seed_apply(w->store, &w->a, json, &o, &report);
	if (rc != RC_OK)
		fail_msg("seed: %s\n%.*s", rc_name(rc), STR_FMT(buf_str(&report.faults)));
}

/* tests/data/consent_world.json */
static inline struct str world_document(struct arena *a)
{
	struct buf b = BUF(a);
	char part[4096];
	size_t n;
	FILE *f = fopen(TESTS_DATA "/consent_world.json", "rb");
	CHECK(f != NULL);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_add(&b, str_span(part, n));
	CHECK(!ferror(f));
	(void)fclose(f);
	return buf_str(&b);
}

static inline int world_setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	struct str err = STR_NONE;
	(void)snprintf(w->dir, sizeof w->dir, "/tmp/samtykke-consent-XXXXXX");
	CHECK(mkdtemp(w->dir) != NULL);
	(void)snprintf(w->uri, sizeof w->uri, "sqlite:%s/test.db", w->dir);
	struct store_config c = { .uri = w->uri, .mode = STORE_SANDBOX, .migrate = true };
	enum rc rc = store_open(&c, &w->store, &w->a, &err);
	if (rc != RC_OK)
		fail_msg("store: %.*s", STR_FMT(err));
	CHECK_RC(clock_zone("Europe/Oslo"), RC_OK);
	world_apply(w, world_document(&w->a));
	struct consent_config cfg = { 0 };
	CHECK_RC(consent_service_init(&w->d, w->store, &cfg), RC_OK);
	w->elena = world_party(w, ELENA);
	w->other = world_party(w, OTHER);
	w->bank = world_party(w, BANK);
	*state = w;
	return 0;
}

static inline int world_teardown(void **state)
{
	struct world *w = *state;
	static const char *const files[] = { "test.db", "test.db-wal", "test.db-shm" };
	clock_set_offset(0);
	consent_service_finish(&w->d);
	store_close(w->store);
	for (size_t i = 0; i < LEN(files); i++) {
		char path[PATH_MAX];
		(void)snprintf(path, sizeof path, "%s/%s", w->dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(w->dir);
	arena_finish(&w->a);
	free(w);
	return 0;
}

#define PERSON(pid) ((struct urn){ .kind = URN_PERSON, .value = STR(pid) })
#define ORG(no) ((struct urn){ .kind = URN_ORG, .value = STR(no) })
#define FROM_ORG(no) ((struct org_caller){ .consumer = STR(no) })

static inline struct urn uuid_urn(struct arena *a, const char *text)
{
	struct urn u = { .kind = URN_PARTY_UUID, .value = arena_str(a, str_of(text)) };
	CHECK_RC(uuid_parse(u.value, &u.uuid), RC_OK);
	return u;
}

static inline struct draft_right *draft_right(struct arena *a, struct draft *d, const char *resource)
{
	struct draft_right *r = arena_new(a, struct draft_right), **at = &d->rights;
	r->right.actions = arena_array(a, struct str, 1);
	r->right.actions[0] = STR("consent");
	r->right.n_actions = 1;
	r->right.resource_type = STR("urn:altinn:resource");
	r->right.resource = str_of(resource);
	r->n_resources = 1;
	while (*at)
		at = &(*at)->next;
	*at = r;
	d->n_rights++;
	return r;
}

static inline void draft_meta(struct arena *a, struct draft_right *r, struct str key, struct str value)
{
	struct meta *m = arena_new(a, struct meta), **at = &r->right.metadata;
	m->key = key;
	m->value = value;
	while (*at)
		at = &(*at)->next;
	*at = m;
}

static inline struct draft draft_of(struct arena *a, const char *resource)
{
	struct draft d = {
		.id = uuid_v4(),
		.from = PERSON(ELENA),
		.to = ORG(BANK),
		.valid_to = clock_now() + 5 * CLOCK_DAY,
		.redirect_url = STR("https://bank.example/back"),
	};
	if (resource)
		(void)draft_right(a, &d, resource);
	return d;
}

static inline struct consent *world_consent(struct world *w, const struct draft *d)
{
	struct problems p = PROBLEMS(&w->a);
	struct org_caller who = FROM_ORG(BANK);
	struct consent *c;
	bool existed;
	CHECK_RC(consent_create(&w->d, &w->a, d, &who, &c, &existed, &p), RC_OK);
	CHECK(!existed);
	return c;
}

/* What a token of the consent names of its row. */
static inline void world_token(struct world *w, const struct consent *c, struct token_row *t)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct consent *stored;
	CHECK_RC(reader_open(w->store, false, &r), RC_OK);
	CHECK_RC(consents_get(r, &w->a, c->id, false, &stored, NULL), RC_OK);
	t->consent = stored->id;
	t->consent_key = stored->key;
	t->giver = stored->from_uuid;
}

/* Exactly this list of problems, ended by PROB__MAX. */
static inline void check_problems(const struct problems *p, const enum problem_code *want)
{
	size_t n = 0;
	for (; want[n] != PROB__MAX; n++)
		if (n >= p->n || p->items[n].code != want[n])
			fail_msg("problem %zu: %d, want %d", n, n < p->n ? (int)p->items[n].code : -1, (int)want[n]);
	assert_int_equal(p->n, n);
}
#define CHECK_PROBLEMS(p, ...) check_problems((p), (const enum problem_code[]){ __VA_ARGS__ __VA_OPT__(, ) PROB__MAX })
