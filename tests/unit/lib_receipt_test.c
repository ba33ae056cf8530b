#include "lib_kit.h"

#define HTML "<p>Ja &amp; nei</p>"
/* SHA-256 of HTML */
#define HASH "@@"
#define RECEIPT                                                                                                        \
	"{'iss':'" ISSUER "','header':{'consent_id':'" CONSENT_ID "'},'processing':{},"                                \
	"'notice':{'html':'" HTML "','text_sha256':'" HASH "'},'event':{}}"
#define TYPED "\"typ\":\"consent-receipt+jwt\""

static struct str document(struct arena *a, const char *from, const char *to)
{
	struct buf hash = BUF(a);

	buf_hex(&hash, jose_sha256(a, STR(HTML)));
	return quoted(a, replaced(a, replaced(a, STR(RECEIPT), HASH, buf_cstr(&hash)), from, to));
}

static struct str receipt_of(struct kit *k, struct str doc, const char *extra)
{
	struct str compact;

	CHECK_RC(jws_sign_long(&k->a, k->key, jwk_alg(k->key), str_of(extra), doc, &compact), RC_OK);
	return compact;
}

static enum samtykke_rc verified(struct kit *k, struct str receipt)
{
	struct samtykke_receipt *r = NULL;
	enum samtykke_rc rc = samtykke_receipt_verify(k->v, receipt.p, receipt.n, &r);

	CHECK((rc == SAMTYKKE_OK) == (r != NULL));
	samtykke_receipt_destroy(r);
	return rc;
}

static void test_receipt__table(void **state)
{
	(void)state;
	struct kit k;
	static const struct change rows[] = {
		{ "iss", "iss", SAMTYKKE_OK },
		{ ISSUER, "https://other.test/", SAMTYKKE_WRONG_ISSUER },
		{ "Ja &amp;", "Nei &amp;", SAMTYKKE_BAD_RECEIPT },
		{ "'html':", "'htm':", SAMTYKKE_BAD_RECEIPT },
		{ "'text_sha256':'", "'text_sha256':'0", SAMTYKKE_BAD_RECEIPT },
		{ "'processing':{}", "'processing':[]", SAMTYKKE_BAD_RECEIPT },
		{ "'event':{}", "'events':{}", SAMTYKKE_BAD_RECEIPT },
		{ "'header':{", "'head':{", SAMTYKKE_BAD_RECEIPT },
	};
	kit_start(&k, 0);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct str doc = document(&k.a, rows[i].from, rows[i].to);
		CHECK_SRC(verified(&k, receipt_of(&k, doc, TYPED)), rows[i].want);
	}
	kit_stop(&k);
}

static void test_receipt__type_key_and_form(void **state)
{
	(void)state;
	struct kit k;
	kit_start(&k, 0);
	struct str doc = document(&k.a, "", ""), good = receipt_of(&k, doc, TYPED);
	CHECK_SRC(verified(&k, receipt_of(&k, doc, "\"typ\":\"application/consent-receipt+jwt\"")), SAMTYKKE_OK);
	CHECK_SRC(verified(&k, receipt_of(&k, doc, "\"typ\":\"JWT\"")), SAMTYKKE_BAD_RECEIPT);
	CHECK_SRC(verified(&k, receipt_of(&k, doc, NULL)), SAMTYKKE_BAD_RECEIPT);
	CHECK_SRC(verified(&k, receipt_of(&k, STR("[]"), TYPED)), SAMTYKKE_MALFORMED);
	CHECK_SRC(verified(&k, STR("eyJ.x")), SAMTYKKE_MALFORMED);
	char *wrong = (char *)(uintptr_t)arena_str(&k.a, good).p;
	wrong[good.n - 20] = wrong[good.n - 20] == 'A' ? 'B' : 'A';
	CHECK_SRC(verified(&k, str_span(wrong, good.n)), SAMTYKKE_BAD_SIGNATURE);
	struct jwk *ours = k.key;
	k.key = key_new(JOSE_ES256);
	CHECK_SRC(verified(&k, receipt_of(&k, doc, TYPED)), SAMTYKKE_UNKNOWN_KEY);
	jwk_unref(k.key);
	k.key = ours;
	CHECK_SRC(samtykke_receipt_verify(k.v, good.p, good.n, NULL), SAMTYKKE_BAD_ARGUMENT);
	kit_stop(&k);
}

/* A document with fifty long texts is longer than any token may be. */
static void test_receipt__as_long_as_a_document(void **state)
{
	(void)state;
	struct kit k;
	kit_start(&k, 0);
	struct buf pad = BUF(&k.a);
	buf_lit(&pad, "'header':{'pad':'");
	for (size_t i = 0; i < 10000; i++)
		buf_lit(&pad, "aaaaaaaaaa");
	buf_lit(&pad, "',");
	struct str doc = document(&k.a, "'header':{", buf_cstr(&pad)), long_one = receipt_of(&k, doc, TYPED);
	struct samtykke_receipt *r;
	CHECK(long_one.n > JOSE_COMPACT_MAX);
	CHECK_SRC(samtykke_receipt_verify(k.v, long_one.p, long_one.n, &r), SAMTYKKE_OK);
	CHECK_Z(samtykke_receipt_json(r), doc.p);
	CHECK_STR(str_of(samtykke_receipt_key_id(r)), jwk_kid(k.key));
	samtykke_receipt_destroy(r);
	char *too_long = arena_alloc(&k.a, JOSE_LONG_MAX + 1);
	memset(too_long, 'A', JOSE_LONG_MAX + 1);
	CHECK_SRC(samtykke_receipt_verify(k.v, too_long, JOSE_LONG_MAX + 1, &r), SAMTYKKE_MALFORMED);
	kit_stop(&k);
}

T_MAIN(cmocka_unit_test(test_receipt__table), cmocka_unit_test(test_receipt__type_key_and_form),
       cmocka_unit_test(test_receipt__as_long_as_a_document))
