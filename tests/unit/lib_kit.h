/* Shared by the tests of the library: an issuer with a key, its claims, a verifier whose time stands still. JSON is
 * written with ' for ". */
#pragma once
#include "base/clock.h"
#include "jose_t.h"
#include "samtykke/samtykke.h"

#define ISSUER "https://issuer.test/"
#define NOW_S 1780000000 /* 2026-05-28T20:26:40Z */
#define CONSENT_ID "0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01"
#define GIVER "01025161013"
#define ORG "991825827"
#define OTHER_ORG "974760673"

#define RIGHT_1                                                                                                        \
	"{'action':['consent'],'resource':[{'type':'urn:altinn:resource','value':'inntekt'}],"                         \
	"'metadata':{'fraOgMed':'2025-01','tilOgMed':'2025-12'}}"
#define RIGHT_2 "{'action':['other','Read2'],'resource':[{'type':'urn:altinn:resource','value':'gjeld'}]}"
#define CONSENT                                                                                                        \
	"{'type':'urn:altinn:consent','id':'" CONSENT_ID "','from':'urn:altinn:person:identifier-no:" GIVER            \
	"','to':{'authority':'iso6523-actorid-upis','ID':'0192:" ORG "'},'consented':'2026-05-01T10:00:00.5+00:00',"   \
	"'validTo':'2026-06-28T20:26:40+00:00','consentRights':[" RIGHT_1 "," RIGHT_2 "]}"
#define DETAILS ",'authorization_details':[" CONSENT "]"
#define CLAIMS                                                                                                         \
	"{'iss':'" ISSUER "','aud':['https://source.test/','x'],'client_id':'c1','scope':'ttd:inntekt ttd:gjeld',"     \
	"'iat':1780000000,'nbf':1780000000,'exp':1780000120,'jti':'j1',"                                               \
	"'consumer':{'authority':'iso6523-actorid-upis','ID':'0192:" ORG "'}" DETAILS "}"

#define CHECK_SRC(expr, want)                                                                                          \
	do {                                                                                                           \
		enum samtykke_rc got_ = (expr);                                                                        \
		if (got_ != (want))                                                                                    \
			fail_msg("%s: %s, want %s", #expr, samtykke_rc_name(got_), samtykke_rc_name(want));            \
	} while (0)
#define CHECK_Z(got, want) CHECK_STR(str_of(got), str_of(want))

/* One change of the claims: the first `from` becomes `to`. */
struct change {
	const char *from, *to;
	enum samtykke_rc want;
};

static inline struct str quoted(struct arena *a, struct str s)
{
	char *p = (char *)(uintptr_t)arena_str(a, s).p;

	for (size_t i = 0; i < s.n; i++)
		if (p[i] == '\'')
			p[i] = '"';
	return str_span(p, s.n);
}

static inline struct str changed(struct arena *a, const char *from, const char *to)
{
	return quoted(a, replaced(a, STR(CLAIMS), from, to));
}

static inline struct str set_of(struct arena *a, struct jwk *const *keys, size_t n)
{
	struct buf b = BUF(a);

	buf_lit(&b, "{\"keys\":[");
	for (size_t i = 0; i < n; i++) {
		struct jsw w = JSW(&b);
		if (i)
			buf_c(&b, ',');
		jwk_write_public(&w, keys[i]);
	}
	buf_lit(&b, "]}");
	return arena_str(a, buf_str(&b));
}

static inline struct str signed_by(struct arena *a, const struct jwk *key, struct str claims)
{
	struct str token;

	CHECK_RC(jws_sign(a, key, jwk_alg(key), STR_NONE, claims, &token), RC_OK);
	return token;
}

struct kit {
	struct arena a;
	struct jwk *key;
	int64_t now; /* µs */
	struct samtykke_verifier *v;
};

static inline int64_t kit_now(void *ctx)
{
	return *(int64_t *)ctx;
}

static inline void kit_start(struct kit *k, int skew_s)
{
	struct samtykke_verifier_options o = SAMTYKKE_VERIFIER_OPTIONS;

	*k = (struct kit){ .key = key_new(JOSE_ES256), .now = NOW_S * CLOCK_SECOND };
	o.issuer = ISSUER;
	o.jwks_json = set_of(&k->a, &k->key, 1).p;
	o.now = kit_now;
	o.now_ctx = &k->now;
	o.skew_s = skew_s;
	CHECK_SRC(samtykke_verifier_create(&o, &k->v), SAMTYKKE_OK);
}

static inline void kit_stop(struct kit *k)
{
	samtykke_verifier_destroy(k->v);
	jwk_unref(k->key);
	arena_finish(&k->a);
}

static inline enum samtykke_rc kit_check(struct kit *k, struct str claims, const struct samtykke_expect *e)
{
	struct str token = signed_by(&k->a, k->key, claims);

	return samtykke_verify(k->v, token.p, token.n, e, NULL);
}

static inline void kit_table(struct kit *k, const struct change *t, size_t n, const struct samtykke_expect *e)
{
	for (size_t i = 0; i < n; i++) {
		enum samtykke_rc rc = kit_check(k, changed(&k->a, t[i].from, t[i].to), e);
		if (rc != t[i].want)
			fail_msg("%s -> %s: %s, want %s", t[i].from, t[i].to, samtykke_rc_name(rc),
				 samtykke_rc_name(t[i].want));
	}
}
