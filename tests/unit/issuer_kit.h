/* The small world with clients and scopes, and an issuer over it. */
#pragma once
#include "consent_world.h"
#include "issuer/internal.h"

#define ISSUER "https://issuer.example/"
#define SOURCE "https://delegations.example/"

struct kit {
	struct world *w;
	struct keyring *keys;
	struct status_lists *status;
	struct issuer issuer;
};

/* Every client's: an RSA key is dear to make. */
static struct jwk *client_key;

static inline int kit_key_make(void **state)
{
	(void)state;
	return jwk_generate(JOSE_RS256, STR("k1"), &client_key) == RC_OK ? 0 : -1;
}

static inline int kit_key_free(void **state)
{
	(void)state;
	jwk_unref(client_key);
	return 0;
}

#define CLIENT(id, orgno, scopes)                                                                                      \
	"{\"clientId\":\"" id "\",\"orgno\":\"" orgno "\",\"name\":\"N\",\"scopes\":[" scopes "],\"jwks\":{\"keys\":["
static inline void kit_clients(struct world *w)
{
	static const char *const clients[] = {
		CLIENT("bank", BANK, "\"api:read\""),
		CLIENT("supplier", SUPPLIER, "\"api:read\",\"altinn:consentrequests.org\""),
		CLIENT("agency", AGENCY, "\"api:read\",\"altinn:consentrequests.org\""),
	};
	struct buf b = BUF(&w->a);
	struct jsw key = JSW(&b);
	buf_lit(&b,
		"{\"prefixes\":[{\"prefix\":\"api\",\"owner\":\"" BANK "\"},{\"prefix\":\"altinn\",\"owner\":\"" AGENCY
		"\"}],\"scopes\":[{\"scope\":\"api:read\",\"owner\":\"" BANK
		"\",\"accessibleForAll\":true,\"delegationSource\":\"" SOURCE
		"\"},{\"scope\":\"altinn:consentrequests.org\",\"owner\":\"" AGENCY "\",\"grants\":[\"" AGENCY
		"\"]}],\"delegations\":[{\"consumer\":\"" BANK "\",\"supplier\":\"" SUPPLIER
		"\",\"scopes\":[\"api:read\"]},{\"consumer\":\"" AGENCY "\",\"supplier\":\"" SUPPLIER
		"\",\"scopes\":[\"api:read\"]}],\"clients\":[");
	for (size_t i = 0; i < LEN(clients); i++) {
		buf_z(&b, i ? "," : "");
		buf_z(&b, clients[i]);
		key = JSW(&b);
		jwk_write_public(&key, client_key);
		buf_lit(&b, "]}}");
	}
	buf_lit(&b, "]}");
	world_apply(w, buf_str(&b));
}

static inline int kit_setup(void **state)
{
	struct kit *k = calloc(1, sizeof *k);
	void *w = NULL;
	bool changed;
	CHECK(k && world_setup(&w) == 0);
	k->w = w;
	kit_clients(k->w);
	CHECK_RC(registry_refresh(&k->w->d.registry, &changed), RC_OK);
	struct keyring_config ring = { .fixed_jwks = keyring_sandbox_jwks() };
	CHECK_RC(keyring_open(k->w->store, &ring, &k->keys), RC_OK);
	struct status_config lists = {
		.store = k->w->store, .keys = k->keys, .public_url = STR("https://consent.example"), .ttl_s = 10
	};
	CHECK_RC(status_open(&lists, &k->status), RC_OK);
	k->issuer = (struct issuer){ .consents = &k->w->d, .keys = k->keys, .status = k->status, .url = STR(ISSUER) };
	*state = k;
	return 0;
}

static inline int kit_teardown(void **state)
{
	struct kit *k = *state;
	void *w = k->w;
	status_close(k->status);
	keyring_close(k->keys);
	(void)world_teardown(&w);
	free(k);
	return 0;
}

/* The claims of a token that the platform has signed. */
static inline const struct js *kit_claims(struct kit *k, struct str token)
{
	struct jws jws;
	const struct js *claims;
	CHECK_RC(jws_parse(&k->w->a, token, &jws), RC_OK);
	CHECK_RC(keyring_verify(k->keys, &jws), RC_OK);
	CHECK_RC(js_parse(&k->w->a, jws.payload, NULL, &claims, NULL), RC_OK);
	return claims;
}

static inline struct str kit_text(const struct js *claims, const char *key)
{
	struct str text = STR_NONE;
	return js_member_str(claims, key, &text) == RC_OK ? text : STR_NONE;
}

static inline int64_t kit_number(const struct js *claims, const char *key)
{
	int64_t number = -1;
	return js_member_i64(claims, key, &number) == RC_OK ? number : -1;
}

/* The registry changes, and the snapshot of the rules is older than the store. */
static inline void kit_change_registry(struct kit *k)
{
	world_apply(k->w, STR("{\"accessLists\":[{\"owner\":\"ttd\",\"identifier\":\"godkjente\",\"name\":\"Nye\"}]}"));
}

#define KIT_MAIN(...) T_MAIN_WITH(kit_key_make, kit_key_free, __VA_ARGS__)
