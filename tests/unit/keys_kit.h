/* Keys that are made, rotated and retired in a fresh store, and the ring that signs with them. */
#pragma once
#include "keys/keyring.h"
#include "publish_kit.h"

__attribute__((unused)) static const uint8_t master[32] = { 1, 2, 3 }, other_master[32] = { 9 };

__attribute__((unused)) static const char ec_pem[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXR/4Pc8KA2VFQ1Xt\n"
	"hW8xLHNrRL29dQFWPlhSAFU+pJGhRANCAARkWk2VXToYbw8+NkLrYSL1m20LTZ64\n"
	"sTp5zvPzvmD4mus+WB4Dbjp+ZyY/xpkijYTCrCGWN/yFcHSz+h5R7Yot\n"
	"-----END PRIVATE KEY-----\n";

static inline struct key_order order(enum jose_alg alg)
{
	return (struct key_order){
		.alg = alg, .subject = STR("Test issuer"), .master = master, .lead = -1, .keep = -1
	};
}

static inline enum rc make(struct kit *k, enum jose_alg alg, int64_t lead, struct str *kid_out)
{
	struct key_order o = order(alg);
	o.lead = lead;
	o.despite_caches = true;
	return keyring_create(k->store, &k->a, &o, kid_out);
}

static inline enum rc rotate(struct kit *k, enum jose_alg alg, int64_t lead, int64_t keep, struct str *kid_out)
{
	struct key_order o = order(alg);
	o.subject = STR_NONE;
	o.lead = lead;
	o.keep = keep;
	return keyring_rotate(k->store, &k->a, &o, kid_out);
}

static inline struct str signer_kid(struct keyring *ring, enum jose_alg alg)
{
	struct signer *s = NULL;
	return keyring_signer(ring, alg, &s) == RC_OK ? jwk_kid(signer_key(s)) : STR("none");
}

static inline enum rc retire(struct kit *k, struct str kid, bool last, struct key_end *out)
{
	*out = (struct key_end){ .kid = kid, .keep = -1, .last = last };
	return keyring_retire(k->store, &k->a, out);
}

static inline const struct key_row *row_of(struct kit *k, struct str kid)
{
	struct key_info *list;
	size_t n;
	CHECK_RC(keyring_list(k->store, &k->a, clock_now(), &list, &n), RC_OK);
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].row.kid, kid))
			return &list[i].row;
	fail_msg("no key %.*s", STR_FMT(kid));
	return NULL;
}

static inline struct str jwks_of(struct kit *k, struct keyring *ring)
{
	struct buf b = BUF(&k->a);
	struct jsw w = JSW(&b);
	keyring_write_jwks(ring, &w);
	return buf_str(&b);
}

static inline struct str past_of(struct kit *k, struct keyring *ring)
{
	struct buf b = BUF(&k->a);
	struct jsw w = JSW(&b);
	CHECK_RC(keyring_write_past(ring, k->store, &k->a, &w), RC_OK);
	return buf_str(&b);
}

static inline size_t published(struct kit *k, struct keyring *ring)
{
	const struct js *v;
	CHECK_RC(js_parse(&k->a, jwks_of(k, ring), NULL, &v, NULL), RC_OK);
	return js_get(v, "keys")->n;
}

static inline struct str kid_of(struct keyring *ring)
{
	struct signer *s = NULL;
	CHECK_RC(keyring_signer(ring, JOSE_RS256, &s), RC_OK);
	return jwk_kid(signer_key(s));
}

static inline struct str token(struct kit *k, struct keyring *ring)
{
	struct signer *s = NULL;
	struct str out = STR_NONE;
	CHECK_RC(keyring_signer(ring, JOSE_RS256, &s), RC_OK);
	CHECK_RC(signer_sign(s, &k->a, STR_NONE, STR("{\"a\":1}"), &out), RC_OK);
	return out;
}

static inline enum rc verify(struct kit *k, struct keyring *ring, struct str compact)
{
	struct jws jws;
	CHECK_RC(jws_parse(&k->a, compact, &jws), RC_OK);
	return keyring_verify(ring, &jws);
}

static inline enum key_state state_at(struct kit *k, struct str kid, int64_t at)
{
	struct key_info *list;
	size_t n;
	CHECK_RC(keyring_list(k->store, &k->a, at, &list, &n), RC_OK);
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].row.kid, kid))
			return list[i].state;
	return KEY_STATE__MAX;
}

static inline struct jwk_cert cert_of(struct kit *k, struct str kid)
{
	struct key_info *list;
	size_t n;
	const struct js *v;
	const char *why;
	struct jwk *key = NULL;
	struct jwk_cert cert = { .subject = STR_NONE };
	CHECK_RC(keyring_list(k->store, &k->a, clock_now(), &list, &n), RC_OK);
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(list[i].row.kid, kid))
			continue;
		CHECK_RC(js_parse(&k->a, list[i].row.public_json, NULL, &v, NULL), RC_OK);
		CHECK_RC(jwk_parse(v, &key, &why), RC_OK);
		CHECK_RC(jwk_cert_read(key, &k->a, &cert), RC_OK);
		jwk_unref(key);
	}
	return cert;
}
