#include "gate/gate.h"

#include <assert.h>

struct str session_name(struct arena *a, const struct session *s)
{
	struct buf in = BUF(a);
	buf_lit(&in, "log");
	buf_add(&in, s->id_hash);
	struct str hash = jose_sha256(a, buf_str(&in));
	struct buf b = BUF(a);
	buf_hex(&b, str_span(hash.p, SESSION_NAME_CHARS / 2));
	return buf_str(&b);
}

struct str party_who(struct arena *a, struct uuid party)
{
	return arena_fmt(a, "party:%.*s", STR_FMT(uuid_str(a, party)));
}

void gate_note_decision(struct http_res *res, const struct consent *c, enum consent_status to)
{
	struct str id = uuid_str(res->arena, c->id), from = uuid_str(res->arena, c->from_uuid);
	assert(to == ST_ACCEPTED || to == ST_REJECTED || to == ST_REVOKED);
	if (to == ST_ACCEPTED)
		http_did(res, "consent.accepted", KV("consent", id), KV("from", from));
	else if (to == ST_REJECTED)
		http_did(res, "consent.rejected", KV("consent", id), KV("from", from));
	else
		http_did(res, "consent.revoked", KV("consent", id), KV("from", from));
}
