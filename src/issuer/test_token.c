#include "issuer/internal.h"

#include "base/clock.h"
#include "model/iso6523.h"

static void common_write(struct jsw *w, const struct issuer *issuer, const struct test_token *t)
{
	int64_t now = clock_now() / CLOCK_SECOND;
	jsw_kstr(w, "scope", t->scope);
	jsw_kz(w, "token_type", "Bearer");
	jsw_ki64(w, "exp", now + t->life_s);
	jsw_ki64(w, "iat", now);
	jsw_kstr(w, "jti", rand_code(w->b->a, ISSUER_JTI_BYTES));
	jsw_kstr(w, "iss", issuer->url);
	jsw_kz(w, "actual_iss", "mock");
}

static void organisation_write(struct jsw *w, const struct test_token *t)
{
	jsw_kz(w, "urn:altinn:authenticatemethod", "maskinporten");
	jsw_ki64(w, "urn:altinn:authlevel", t->level);
	if (t->org.p)
		jsw_kstr(w, "urn:altinn:org", t->org);
	if (t->consumer.p) {
		jsw_kstr(w, "urn:altinn:orgNumber", t->consumer);
		iso6523_write(w, "consumer", t->consumer);
	}
	if (t->supplier.p)
		iso6523_write(w, "supplier", t->supplier);
}

static void person_write(struct jsw *w, const struct test_token *t)
{
	char uuid[UUID_TEXT];
	if (t->pid.p)
		jsw_kstr(w, "pid", t->pid);
	if (t->user_id)
		jsw_ki64(w, "urn:altinn:userid", t->user_id);
	if (t->party_id)
		jsw_ki64(w, "urn:altinn:partyid", t->party_id);
	jsw_kstr(w, "urn:altinn:party:uuid", uuid_text(t->person_uuid, uuid));
	jsw_kz(w, "urn:altinn:authenticatemethod", "BankID");
	jsw_ki64(w, "urn:altinn:authlevel", t->level);
}

enum rc issuer_test_token(struct issuer *issuer, struct arena *a, const struct test_token *t, struct str *token_out)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	struct signer *signer;
	jsw_obj(&w);
	common_write(&w, issuer, t);
	if (t->is_person)
		person_write(&w, t);
	else
		organisation_write(&w, t);
	jsw_end_obj(&w);
	TRY(keyring_signer(issuer->keys, issuer->alg, &signer));
	return signer_sign(signer, a, STR("\"typ\":\"JWT\""), buf_str(&b), token_out);
}
