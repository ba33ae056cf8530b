#include "oauth/oauth.h"

#include <assert.h>

static void list(struct jsw *w, const char *key, const char *const *items, size_t n)
{
	jsw_key(w, key);
	jsw_arr(w);
	for (size_t i = 0; i < n; i++)
		jsw_z(w, items[i]);
	jsw_end_arr(w);
}

static void under(struct jsw *w, const char *key, struct str issuer, const char *path)
{
	struct buf b = BUF(w->b->a);
	buf_add(&b, issuer);
	buf_z(&b, path);
	jsw_kstr(w, key, buf_str(&b));
}

/* = RFC 8414 2: "issuer REQUIRED. The authorization server's issuer identifier"; exactly the configured one, since
 * clients compare it (3.3). response_types_supported is REQUIRED, and no list may be empty (3.2). There is no
 * authorization endpoint, so it says "none" (OAuth 2.0 Multiple Response Type Encoding Practices, 4). */
void oauth_metadata(struct jsw *w, struct str issuer)
{
	static const char *const grants[] = { OAUTH_GRANT_JWT };
	static const char *const responses[] = { "none" };
	static const char *const methods[] = { "private_key_jwt" };
	static const char *const algs[] = { "RS256", "RS384", "RS512" };
	static const char *const types[] = { "urn:altinn:consent" };
	assert(str_ends(issuer, STR("/")));
	jsw_obj(w);
	jsw_kstr(w, "issuer", issuer);
	under(w, "token_endpoint", issuer, "token");
	under(w, "jwks_uri", issuer, "jwk");
	list(w, "response_types_supported", responses, LEN(responses));
	list(w, "grant_types_supported", grants, LEN(grants));
	list(w, "token_endpoint_auth_methods_supported", methods, LEN(methods));
	list(w, "token_endpoint_auth_signing_alg_values_supported", algs, LEN(algs));
	list(w, "authorization_details_types_supported", types, LEN(types));
	jsw_end_obj(w);
}
