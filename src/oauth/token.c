#include <assert.h>

#include "model/iso6523.h"
#include "oauth/oauth.h"

/* A text when there is one, a list when there are several (RFC 7519 section 4.1.3). */
static void audience_write(struct jsw *w, const struct grant *g, const char *otherwise)
{
	if (g->n_resources == 0 && otherwise)
		jsw_kz(w, "aud", otherwise);
	if (g->n_resources == 0)
		return;
	jsw_key(w, "aud");
	if (g->n_resources == 1) {
		jsw_str(w, g->resources[0]);
		return;
	}
	jsw_arr(w);
	for (size_t i = 0; i < g->n_resources; i++)
		jsw_str(w, g->resources[i]);
	jsw_end_arr(w);
}

static void prefixes_write(struct jsw *w, const struct oauth_token *t)
{
	jsw_key(w, "consumer_prefix");
	jsw_arr(w);
	for (size_t i = 0; i < t->n_prefixes; i++)
		jsw_str(w, t->prefixes[i]);
	jsw_end_arr(w);
}

/* = RFC 9396 9.1: the details that were granted stand in the token "as a claim named authorization_details". */
void oauth_token_claims(struct jsw *w, const struct oauth_token *t)
{
	assert(t->exp >= t->iat && (t->n_prefixes == 0 || t->prefixes));
	jsw_obj(w);
	if (t->details.p) {
		jsw_key(w, "authorization_details");
		jsw_arr(w);
		jsw_raw(w, t->details);
		jsw_end_arr(w);
	}
	if (t->status.p)
		jsw_kraw(w, "status", t->status);
	jsw_kstr(w, "scope", t->grant->scope_text);
	jsw_kstr(w, "iss", t->issuer);
	jsw_kz(w, "client_amr", t->amr);
	jsw_kz(w, "token_type", "Bearer");
	jsw_ki64(w, "exp", t->exp);
	jsw_ki64(w, "iat", t->iat);
	jsw_kstr(w, "client_id", t->client->client_id);
	jsw_kstr(w, "jti", t->jti);
	iso6523_write(w, "consumer", t->access->consumer);
	if (t->access->supplier.p) {
		iso6523_write(w, "supplier", t->access->supplier);
		jsw_kstr(w, "delegation_source", t->access->delegation_source);
	}
	audience_write(w, t->grant, t->no_audience);
	if (t->grant->pid.p)
		jsw_kstr(w, "pid", t->grant->pid);
	if (t->n_prefixes)
		prefixes_write(w, t);
	jsw_end_obj(w);
}

void oauth_token_answer(struct jsw *w, struct str token, int64_t expires_in, struct str scope)
{
	jsw_obj(w);
	jsw_kstr(w, "access_token", token);
	jsw_kz(w, "token_type", "Bearer");
	jsw_ki64(w, "expires_in", expires_in);
	jsw_kstr(w, "scope", scope);
	jsw_end_obj(w);
}
