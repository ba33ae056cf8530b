#include "web/login_state.h"

#include <assert.h>
#include <endian.h>

#include "base/b64.h"
#include "base/clock.h"
#include "jose/jose.h"
#include "page/address.h"

#define LABEL "login" /* binds the store's secret to this use */
#define FRESH 0x80

/* The sealed text: this head, then `back`. */
struct head {
	uint8_t nonce[LOGIN_RANDOM_BYTES];
	uint8_t verifier[LOGIN_RANDOM_BYTES];
	uint64_t created_be;
	uint8_t level; /* with FRESH */
	uint8_t unused[7];
};
#define SEAL_BYTES 28 /* nonce and tag of the seal */
static_assert(LOGIN_STATE_BYTES == sizeof(struct head) + LOGIN_BACK_MAX + SEAL_BYTES, "the longest state");
static_assert(LOGIN_BACK_MAX == LOCAL_MAX, "every local address fits");
static_assert(LOGIN_STATE_MAX == B64URL_LEN(LOGIN_STATE_BYTES), "the longest state");

void login_state_key(const uint8_t secret[32], uint8_t out[LOGIN_KEY_BYTES])
{
	uint8_t in[32 + sizeof LABEL - 1];
	memcpy(in, secret, 32);
	memcpy(in + 32, LABEL, sizeof LABEL - 1);
	jose_sha256_into(str_span(in, sizeof in), out);
	explicit_bzero(in, sizeof in);
}

enum rc login_state_seal(struct arena *a, const uint8_t key[LOGIN_KEY_BYTES], struct str browser, const struct login *l,
			 struct str *out)
{
	struct head head = { .created_be = htobe64((uint64_t)l->created), .level = (uint8_t)l->level };
	struct buf plain = BUF(a);
	struct str sealed;
	assert(browser.n == 32 && l->back.n <= LOGIN_BACK_MAX && l->level >= 0 && l->level < FRESH);
	head.level |= l->fresh ? FRESH : 0;
	memcpy(head.nonce, l->nonce, sizeof head.nonce);
	memcpy(head.verifier, l->verifier, sizeof head.verifier);
	buf_add(&plain, str_span(&head, sizeof head));
	buf_add(&plain, l->back);
	TRY(seal_encrypt(a, key, buf_str(&plain), browser, &sealed));
	*out = b64url(a, sealed);
	return RC_OK;
}

enum rc login_state_open(struct arena *a, const uint8_t key[LOGIN_KEY_BYTES], struct str browser, struct str state,
			 struct login *out)
{
	struct head head;
	struct str sealed, plain;
	if (b64url_decode(a, state, &sealed) != RC_OK || seal_decrypt(a, key, sealed, browser, &plain) != RC_OK ||
	    plain.n < sizeof head)
		return RC_NOT_FOUND;
	memcpy(&head, plain.p, sizeof head);
	*out = (struct login){ .back = str_span(plain.p + sizeof head, plain.n - sizeof head),
			       .level = head.level & ~FRESH,
			       .fresh = head.level & FRESH,
			       .created = (int64_t)be64toh(head.created_be) };
	memcpy(out->nonce, head.nonce, sizeof head.nonce);
	memcpy(out->verifier, head.verifier, sizeof head.verifier);
	jose_sha256_into(sealed, out->hash);
	return RC_OK;
}

bool login_state_live(const struct login *l, int64_t now)
{
	return !clock_is_ahead(l->created, now) && now - l->created <= LOGIN_LIFE_S * CLOCK_SECOND;
}
