#include "issuer/internal.h"

#include <assert.h>

#include "base/clock.h"
#include "store/tokens.h"

static void claims_write(struct jsw *w, const struct issuer *issuer, struct str scope, struct str jti, int64_t now,
			 int64_t exp)
{
	jsw_obj(w);
	jsw_kstr(w, "scope", scope);
	jsw_kstr(w, "iss", issuer->url);
	jsw_kz(w, "token_type", "Bearer");
	jsw_ki64(w, "exp", exp);
	jsw_ki64(w, "iat", now);
	jsw_kstr(w, "client_id", issuer->url);
	jsw_kstr(w, "jti", jti);
	jsw_end_obj(w);
}

enum rc issuer_own_token(struct issuer *issuer, struct arena *a, struct str scope, int64_t life_s,
			 struct str *token_out)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	struct signer *signer;
	uint8_t guard[32];
	assert(life_s > 0);
	int64_t now = clock_now() / CLOCK_SECOND, exp = now + life_s;
	struct str jti = rand_code(a, ISSUER_JTI_BYTES);
	claims_write(&w, issuer, scope, jti, now, exp);
	TRY(keyring_signer(issuer->keys, issuer->alg, &signer));
	TRY(signer_sign(signer, a, STR_NONE, buf_str(&b), token_out));
	jose_sha256_into(jti, guard);
	const struct token_row row = {
		.id = uuid_v4(),
		.client_id = issuer->url,
		.guard = str_span(guard, sizeof guard),
		.scope = scope,
		.issued = now * CLOCK_SECOND,
		.expires = exp * CLOCK_SECOND,
		.guard_until = exp * CLOCK_SECOND,
		/* of the registry it uses the keys alone */
		.basis = { .version = registry_snapshot_version(&issuer->consents->registry), .narrow = true },
	};
	return tokens_insert(issuer->consents->store, a, &row);
}
