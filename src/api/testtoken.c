#include "api/internal.h"
#include "base/clock.h"

#define TTL_S 1800
#define TTL_MAX_S (366 * 86400)
#define LEVEL 3

struct token_query {
	const struct pair *query;
	struct str scope;
	int64_t ttl_s;
};

static enum rc number_read(const struct token_query *q, const char *name, int64_t max, int64_t *out)
{
	uint64_t v;
	struct str s = front_param(q->query, name);
	if (!s.p)
		return RC_OK;
	if (str_u64(s, &v) != RC_OK || v == 0 || v > (uint64_t)max)
		return RC_INVALID;
	*out = (int64_t)v;
	return RC_OK;
}

/* Scopes are separated by spaces or commas. */
static struct str scope_read(struct arena *a, struct str s)
{
	struct buf b = BUF(a);
	for (size_t i = 0; i < s.n; i++) {
		bool gap = s.p[i] == ' ' || s.p[i] == ',';
		if (gap && (b.n == 0 || b.p[b.n - 1] == ' '))
			continue;
		buf_c(&b, gap ? ' ' : s.p[i]);
	}
	return b.n ? str_trim(buf_str(&b)) : STR("");
}

static enum rc query_read(struct http_req *req, struct http_res *res, struct token_query *out)
{
	*out = (struct token_query){ .ttl_s = TTL_S };
	TRY(front_query(req, res, &out->query));
	TRY(number_read(out, "ttl", TTL_MAX_S, &out->ttl_s));
	out->scope = scope_read(req->arena, front_param(out->query, "scopes"));
	return RC_OK;
}

static enum rc token_reply(struct http_req *req, struct http_res *res, const struct test_token *t)
{
	struct str token;
	TRY(issuer_test_token(req_api(req)->issuer, req->arena, t, &token));
	http_reply(res, 200, "text/plain; charset=utf-8");
	buf_add(&res->body, token);
	return RC_OK;
}

enum rc api_enterprise_token(struct http_req *req, struct http_res *res)
{
	struct token_query q;
	TRY(query_read(req, res, &q));
	const struct test_token t = {
		.scope = q.scope,
		.life_s = q.ttl_s,
		.level = LEVEL,
		.org = front_param(q.query, "org"),
		.consumer = front_param(q.query, "orgNo"),
		.supplier = front_param(q.query, "supplierOrgNo"),
	};
	return token_reply(req, res, &t);
}

struct person {
	struct uuid uuid;
	int64_t party_id;
	int64_t user_id;
	struct str pid;
};

static void person_fill(struct person *out, const struct party *p)
{
	*out = (struct person){ .uuid = p->uuid, .party_id = p->party_id, .user_id = p->user_id };
	if (p->type == PARTY_PERSON)
		out->pid = p->ident;
}

/* An unknown uuid gets a token as well: the rules refuse its requests. */
static enum rc by_uuid(struct http_req *req, struct str text, struct person *out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct party *found[1] = { NULL };
	struct uuid id;
	TRY(uuid_parse(text, &id));
	TRY(reader_open(req_api(req)->consents->store, false, &r));
	TRY(parties_by_uuid(r, req->arena, &id, 1, found, NULL));
	*out = (struct person){ .uuid = id };
	if (found[0])
		person_fill(out, found[0]);
	return RC_OK;
}

static enum rc by_pid(struct http_req *req, struct str pid, struct person *out)
{
	struct party *p;
	if (!model_pid_valid(pid))
		return RC_INVALID;
	TRY(party_ensure_person(req_api(req)->consents, req->arena, pid, true, &p));
	person_fill(out, p);
	return RC_OK;
}

static enum rc by_number(struct http_req *req, const struct token_query *q, struct person *out)
{
	CLEANUP(reader_closep) struct reader *r = NULL;
	struct party *p;
	int64_t user_id = 0, party_id = 0;
	TRY(number_read(q, "userId", INT64_MAX, &user_id));
	TRY(number_read(q, "partyId", INT64_MAX, &party_id));
	if (!user_id && !party_id)
		return RC_INVALID;
	TRY(reader_open(req_api(req)->consents->store, false, &r));
	TRY(parties_by_number(r, req->arena, user_id, user_id ? 0 : party_id, &p));
	person_fill(out, p);
	return RC_OK;
}

/* Of several parameters the uuid counts, then the pid, then the numbers. */
static enum rc person_read(struct http_req *req, const struct token_query *q, struct person *out)
{
	struct str uuid = front_param(q->query, "partyuuid"), pid = front_param(q->query, "pid");
	if (uuid.p)
		return by_uuid(req, uuid, out);
	return pid.p ? by_pid(req, pid, out) : by_number(req, q, out);
}

enum rc api_personal_token(struct http_req *req, struct http_res *res)
{
	struct token_query q;
	struct person p;
	int64_t level = LEVEL;
	TRY(query_read(req, res, &q));
	TRY(number_read(&q, "authLvl", 4, &level));
	TRY(person_read(req, &q, &p));
	const struct test_token t = {
		.scope = q.scope,
		.life_s = q.ttl_s,
		.level = level,
		.is_person = true,
		.person_uuid = p.uuid,
		.party_id = p.party_id,
		.user_id = p.user_id,
		.pid = p.pid,
	};
	return token_reply(req, res, &t);
}
