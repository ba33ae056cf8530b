#include "api/internal.h"
#include "base/clock.h"
#include "consent/decision.h"

#define ACCESS_PREFIX "/access/v1"
#define ACCESS_MAX_EVALUATIONS 100
#define ACCESS_MAX_TEXT 400       /* bytes of a type, an id, a name */
#define ACCESS_MAX_REQUEST_ID 128 /* bytes of X-Request-ID */
#define RESOURCE_TYPE "consent-resource"
#define SUBJECT_TYPE "organization"
#define ISO6523 "0192:"

/* The parts of an evaluation; each comes from the item, else from the top of the body. */
struct parts {
	const struct js *subject, *action, *resource, *context;
};

/* ---- reading: each returns what is wrong, as static text, or NULL ---- */

static bool text_read(const struct js *o, const char *key, struct str *out)
{
	return js_member_str(o, key, out) == RC_OK && out->n <= ACCESS_MAX_TEXT;
}

static const char *entity_read(const struct js *v, const char *wrong, struct str *type_out, struct str *id_out)
{
	return text_read(v, "type", type_out) && text_read(v, "id", id_out) ? NULL : wrong;
}

/* An organisation by its number: as it is, as a URN, or in the form of ISO 6523. */
static struct str orgno_of(struct arena *a, struct str id)
{
	struct urn u;
	if (str_starts(id, STR(ISO6523)))
		return str_span(id.p + strlen(ISO6523), id.n - strlen(ISO6523));
	if (urn_parse(a, id, &u) == RC_OK)
		return u.kind == URN_ORG ? u.value : STR_NONE;
	return id;
}

static const char *subject_read(struct arena *a, const struct js *v, struct decision_question *q)
{
	struct str type, id;
	const char *wrong = entity_read(v, "subject must be an object with the texts type and id.", &type, &id);
	if (!wrong && str_eq(type, STR(SUBJECT_TYPE)))
		q->orgno = orgno_of(a, id);
	return wrong;
}

static const char *metadata_read(struct arena *a, const struct js *v, struct decision_question *q)
{
	const struct meta **at = &q->metadata;
	if (bind_null(v))
		return NULL;
	if (!js_is(v, JS_OBJECT) || v->n > CONSENT_MAX_METADATA)
		return "resource.properties.metadata must be an object without too many members.";
	JS_EACH(member, v) {
		if (!js_is(member, JS_STRING) || member->s.n > CONSENT_MAX_VALUE)
			return "resource.properties.metadata must hold texts, none longer than a consent's.";
		struct meta *m = arena_new(a, struct meta);
		*m = (struct meta){ .key = member->key, .value = member->s, .next = (struct meta *)*at };
		*at = m;
	}
	return NULL;
}

static const char *resource_read(struct arena *a, const struct js *v, struct decision_question *q)
{
	struct str type, id;
	const char *wrong = entity_read(v, "resource must be an object with the texts type and id.", &type, &id);
	if (wrong)
		return wrong;
	const struct js *properties = js_get(v, "properties");
	if (!bind_null(properties) && !js_is(properties, JS_OBJECT))
		return "resource.properties must be an object.";
	if (str_eq(type, STR(RESOURCE_TYPE)))
		q->resource = id;
	return metadata_read(a, js_get(properties, "metadata"), q);
}

static const char *action_read(const struct js *v, struct decision_question *q)
{
	return text_read(v, "name", &q->action) ? NULL : "action must be an object with the text name.";
}

/* A number as it is counts too: 11 digits are a person's, 9 an organisation's. */
static const char *giver_read(struct arena *a, const struct js *v, struct urn *out)
{
	if (bind_null(v))
		return NULL;
	struct str text = js_is(v, JS_STRING) ? v->s : STR_NONE;
	if (text.n == 9 || text.n == 11) {
		struct str prefix = urn_prefix(text.n == 9 ? URN_ORG : URN_PERSON);
		text = arena_fmt(a, "%.*s:%.*s", STR_FMT(prefix), STR_FMT(text));
	}
	return text.n && text.n <= ACCESS_MAX_TEXT && urn_parse(a, text, out) == RC_OK
		       ? NULL
		       : "context.from must be the URN or the number of a party.";
}

static const char *context_read(struct arena *a, const struct js *v, struct decision_question *q)
{
	if (bind_null(v))
		return NULL;
	if (!js_is(v, JS_OBJECT))
		return "context must be an object.";
	const struct js *id = js_get(v, "consent_id");
	if (!bind_null(id) && (!js_is(id, JS_STRING) || uuid_parse(id->s, &q->consent) != RC_OK))
		return "context.consent_id must be a UUID.";
	return giver_read(a, js_get(v, "from"), &q->from);
}

static const char *question_read(struct arena *a, const struct parts *parts, struct decision_question *q)
{
	*q = (struct decision_question){ 0 };
	const char *wrong = subject_read(a, parts->subject, q);
	if (!wrong)
		wrong = action_read(parts->action, q);
	if (!wrong)
		wrong = resource_read(a, parts->resource, q);
	return wrong ? wrong : context_read(a, parts->context, q);
}

static struct parts parts_of(const struct js *o, struct parts defaults)
{
	const struct js *subject = js_get(o, "subject"), *action = js_get(o, "action");
	const struct js *resource = js_get(o, "resource"), *context = js_get(o, "context");
	return (struct parts){
		.subject = subject ? subject : defaults.subject,
		.action = action ? action : defaults.action,
		.resource = resource ? resource : defaults.resource,
		.context = context ? context : defaults.context,
	};
}

/* ---- answers ---- */

/* The decision point's errors are plain texts, not problem documents. Always RC_ANSWERED. */
static enum rc refuse(struct http_res *res, int status, const char *text)
{
	http_why(res, text);
	http_reply(res, status, "text/plain; charset=utf-8");
	buf_z(&res->body, text);
	return RC_ANSWERED;
}

static void time_write(struct jsw *w, const char *key, int64_t time)
{
	char text[CLOCK_TEXT_MAX];
	jsw_kstr(w, key, clock_text(time, text));
}

static void consent_write(struct jsw *w, const struct decision *d)
{
	char id[UUID_TEXT];
	jsw_kstr(w, "consent_id", uuid_text(d->consent->id, id));
	time_write(w, "valid_to", d->end);
	jsw_key(w, "actions");
	jsw_arr(w);
	for (size_t i = 0; i < d->right->n_actions; i++)
		jsw_str(w, d->right->actions[i]);
	jsw_end_arr(w);
}

static void ask_write(struct jsw *w, const struct decision *d)
{
	jsw_key(w, "one_time");
	jsw_bool(w, d->one_time);
	if (d->latest_end)
		time_write(w, "latest_valid_to", d->latest_end);
}

static void no_write(struct jsw *w, const char *reason, const char *description)
{
	jsw_kz(w, "reason", reason);
	jsw_kz(w, "description", description);
}

static void decision_begin(struct jsw *w, bool yes)
{
	jsw_obj(w);
	jsw_key(w, "decision");
	jsw_bool(w, yes);
	jsw_key(w, "context");
	jsw_obj(w);
}

static void decision_end(struct jsw *w)
{
	jsw_end_obj(w);
	jsw_end_obj(w);
}

static void decision_write(struct jsw *w, const struct decision *d)
{
	decision_begin(w, d->reason == DECISION_YES);
	if (d->reason != DECISION_YES)
		no_write(w, decision_name(d->reason), decision_text(d->reason));
	else if (d->consent)
		consent_write(w, d);
	else
		ask_write(w, d);
	decision_end(w);
}

/* An item that cannot be judged is a no of its own. */
static void fault_write(struct jsw *w, const char *reason, const char *description)
{
	decision_begin(w, false);
	no_write(w, reason, description);
	decision_end(w);
}

/* ---- the endpoints ---- */

#define FOREIGN "The caller is neither the organisation that is asked about nor the resource's owner."

static enum rc body_read(struct http_req *req, struct http_res *res, const struct js **out)
{
	struct str id = http_header(req, "X-Request-ID");
	if (id.n && id.n <= ACCESS_MAX_REQUEST_ID && http_header_count(req, "X-Request-ID") == 1)
		http_set_header(res, "X-Request-ID", id);
	http_set_header(res, "Cache-Control", STR("no-store"));
	if (!front_is_json(req))
		return refuse(res, 400, "The body must be application/json.");
	if (js_parse(req->arena, js_unmarked(req->body), NULL, out, NULL) != RC_OK || !js_is(*out, JS_OBJECT))
		return refuse(res, 400, "The body must be a JSON object, with no member twice.");
	return RC_OK;
}

static enum rc evaluate_one(struct http_req *req, struct http_res *res, const struct org_caller *org,
			    const struct js *body)
{
	struct jsw w = JSW(&res->body);
	struct decision_question q;
	struct decision d;
	const struct parts parts = parts_of(body, (struct parts){ 0 });
	const char *wrong = question_read(req->arena, &parts, &q);
	if (wrong)
		return refuse(res, 400, wrong);
	enum rc rc = consent_decision(req_api(req)->consents, req->arena, &q, org, &d);
	if (rc == RC_DENIED)
		return refuse(res, 403, FOREIGN);
	TRY(rc);
	http_reply(res, 200, JSON_TYPE);
	decision_write(&w, &d);
	return RC_OK;
}

enum rc api_evaluation(struct http_req *req, struct http_res *res)
{
	const struct org_caller *org;
	const struct js *body;
	TRY(front_org(req, res, &org));
	TRY(body_read(req, res, &body));
	return evaluate_one(req, res, org, body);
}

enum semantic { EXECUTE_ALL, DENY_ON_FIRST_DENY, PERMIT_ON_FIRST_PERMIT, SEMANTIC__MAX };

static const char *semantic_read(const struct js *options, enum semantic *out)
{
	static const char *const names[] = { "execute_all", "deny_on_first_deny", "permit_on_first_permit" };
	const struct js *v = js_get(options, "evaluations_semantic");
	*out = EXECUTE_ALL;
	if (!bind_null(options) && !js_is(options, JS_OBJECT))
		return "options must be an object.";
	if (bind_null(v))
		return NULL;
	for (int i = 0; js_is(v, JS_STRING) && i < SEMANTIC__MAX; i++)
		if (str_eq(v->s, str_of(names[i]))) {
			*out = (enum semantic)i;
			return NULL;
		}
	return "options.evaluations_semantic is none of execute_all, deny_on_first_deny and permit_on_first_permit.";
}

/* Writes one item of a batch. */
static enum rc item_write(struct http_req *req, const struct org_caller *org, const struct js *item,
			  struct parts defaults, struct jsw *w, bool *yes_out)
{
	struct decision_question q;
	struct decision d;
	const struct parts parts = parts_of(item, defaults);
	const char *wrong = js_is(item, JS_OBJECT) ? question_read(req->arena, &parts, &q)
						   : "An item of evaluations must be an object.";
	*yes_out = false;
	if (wrong) {
		fault_write(w, "malformed", wrong);
		return RC_OK;
	}
	enum rc rc = consent_decision(req_api(req)->consents, req->arena, &q, org, &d);
	if (rc == RC_DENIED) {
		fault_write(w, decision_name(DECISION_REFUSED), FOREIGN);
		return RC_OK;
	}
	TRY(rc);
	decision_write(w, &d);
	*yes_out = d.reason == DECISION_YES;
	return RC_OK;
}

static enum rc evaluate_all(struct http_req *req, struct http_res *res, const struct org_caller *org,
			    const struct js *body, enum semantic semantic)
{
	struct jsw w = JSW(&res->body);
	const struct parts defaults = parts_of(body, (struct parts){ 0 });
	jsw_obj(&w);
	jsw_key(&w, "evaluations");
	jsw_arr(&w);
	JS_EACH(item, js_get(body, "evaluations")) {
		bool yes;
		TRY(item_write(req, org, item, defaults, &w, &yes));
		if (semantic != EXECUTE_ALL && yes == (semantic == PERMIT_ON_FIRST_PERMIT))
			break;
	}
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	http_reply(res, 200, JSON_TYPE);
	return RC_OK;
}

enum rc api_evaluations(struct http_req *req, struct http_res *res)
{
	const struct org_caller *org;
	const struct js *body;
	enum semantic semantic;
	TRY(front_org(req, res, &org));
	TRY(body_read(req, res, &body));
	const struct js *items = js_get(body, "evaluations");
	const char *wrong = semantic_read(js_get(body, "options"), &semantic);
	if (!wrong && !bind_null(items) && !(js_is(items, JS_ARRAY) && items->n <= ACCESS_MAX_EVALUATIONS))
		wrong = "evaluations must be a list without too many items.";
	if (wrong)
		return refuse(res, 400, wrong);
	return items && items->n ? evaluate_all(req, res, org, body, semantic) : evaluate_one(req, res, org, body);
}

static void address_write(struct jsw *w, const char *key, struct str origin, const char *path)
{
	struct buf b = BUF(w->b->a);
	buf_add(&b, origin);
	buf_z(&b, path);
	jsw_kstr(w, key, buf_str(&b));
}

enum rc api_access_metadata(struct http_req *req, struct http_res *res)
{
	struct jsw w = JSW(&res->body);
	struct str origin = api_origin(req);
	http_reply(res, 200, "application/json");
	jsw_obj(&w);
	address_write(&w, "policy_decision_point", origin, "");
	address_write(&w, "access_evaluation_endpoint", origin, ACCESS_PREFIX "/evaluation");
	address_write(&w, "access_evaluations_endpoint", origin, ACCESS_PREFIX "/evaluations");
	jsw_end_obj(&w);
	return RC_OK;
}
