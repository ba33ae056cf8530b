/* The allow-list of a service (SRR), which the owner of its resource keeps (spec altinn2.md section 9). A rule is an
 * entry of the seed's member srr; its id is CODE_EDITION_ORGNO. */
#include "altinn2/answer.h"
#include "altinn2/caller.h"
#include "altinn2/handlers.h"
#include "altinn2/internal.h"
#include "base/clock.h"
#include "front/front.h"
#include "publish/pace.h"
#include "publish/seed.h"

#define RULES_MAX 100 /* of one call */
#define TRIES 20      /* of one rule, while others write */

enum result { SRR_OK, SRR_NOT_FOUND, SRR_EXISTS, SRR_NUMBER, SRR_EXPIRED };
static const char *const result_names[] = { "Ok", "RuleNotFound", "RuleAlreadyExists",
					    "EmptyOrNotAValidSsnOrOrganisation", "RightAlreadyExpired" };
struct rule {
	struct str service; /* CODE_EDITION */
	struct str orgno;
	struct srr_entry entry;
	struct str valid_to; /* as it was sent; absent = none */
};
enum change { RULE_ADD, RULE_PUT, RULE_REMOVE };

static struct registry_box *box_of(const struct http_req *req)
{
	return &req_site(req)->consents->registry;
}

static const struct srr_entry *entry_of(const struct altinn2_service *s, struct str orgno)
{
	for (size_t i = 0; i < s->n_srr; i++)
		if (str_eq(s->srr[i].orgno, orgno))
			return &s->srr[i];
	return NULL;
}

/* ---- the change ---- */

static void entry_write(struct jsw *w, const struct srr_entry *e)
{
	jsw_obj(w);
	jsw_kstr(w, "orgno", e->orgno);
	jsw_kstrs(w, "allowedRedirectDomains", e->domains, e->n_domains);
	if (e->handled_by.p)
		jsw_kstr(w, "handledBy", e->handled_by);
	jsw_kbool(w, "keepSessionAlive", e->keep_session);
	if (e->valid_to) {
		char text[CLOCK_TEXT_MAX];
		jsw_kstr(w, "validTo", clock_text(e->valid_to, text));
	}
	jsw_end_obj(w);
}

/* The service with its new list, as a seed document. */
static struct str document(struct arena *a, const struct altinn2_service *s, const struct rule *rule,
			   enum change change)
{
	struct buf b = BUF(a);
	struct jsw w = JSW(&b);
	bool placed = change == RULE_REMOVE;
	buf_fmt(&b, "{\"altinn2\":{\"services\":[{\"serviceCode\":\"%.*s\",\"serviceEditionCode\":%lld,\"srr\":",
		STR_FMT(s->code), (long long)s->edition);
	jsw_arr(&w);
	for (size_t i = 0; i < s->n_srr; i++) {
		bool same = str_eq(s->srr[i].orgno, rule->orgno);
		if (same && change == RULE_REMOVE)
			continue;
		entry_write(&w, same ? &rule->entry : &s->srr[i]);
		placed = placed || same;
	}
	if (!placed)
		entry_write(&w, &rule->entry);
	jsw_end_arr(&w);
	buf_lit(&b, "}]}}");
	return buf_str(&b);
}

/* RC_STALE: another writer was faster. RC_DENIED: the service is of another owner. */
static enum rc change_once(struct http_req *req, struct str owner, const struct rule *rule, enum change change,
			   enum result *out)
{
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(box_of(req));
	const struct altinn2_service *s = altinn2_service_owned(r, rule->service, owner);
	struct seed_report report = { .a = req->arena, .faults = BUF(req->arena), .changes = BUF(req->arena) };
	const struct seed_options o = { .sandbox = req_site(req)->sandbox, .registry_version = registry_version(r) };
	bool there = s && entry_of(s, rule->orgno);
	if (!s)
		return RC_DENIED;
	*out = change == RULE_ADD && there ? SRR_EXISTS : change != RULE_ADD && !there ? SRR_NOT_FOUND : SRR_OK;
	if (*out != SRR_OK)
		return RC_OK;
	struct str json = document(req->arena, s, rule, change);
	enum rc rc = seed_apply(box_of(req)->store, req->arena, json, &o, &report);
	if (rc == RC_INVALID) /* a number or a domain that the seed refuses */
		*out = SRR_NUMBER;
	return rc == RC_INVALID ? RC_OK : rc;
}

static enum rc change_tried(struct http_req *req, struct str owner, const struct rule *rule, enum change change,
			    enum result *out)
{
	enum rc rc = RC_STALE;
	bool changed;
	for (int i = 0; i < TRIES && rc == RC_STALE; i++) {
		TRY(registry_refresh(box_of(req), &changed));
		rc = change_once(req, owner, rule, change, out);
	}
	return rc == RC_STALE ? RC_BUSY : rc;
}

/* Counted and one at a time, as other changes of the registry. */
static enum rc change_make(struct http_req *req, struct http_res *res, struct str owner, const struct rule *rule,
			   enum change change, enum result *out)
{
	struct pace *pace = req_altinn2(req)->services.pace;
	int64_t wait_s;
	bool changed;
	if (pace_enter(pace, owner, clock_mono(), &wait_s) != RC_OK) {
		http_set_header(res, "Retry-After", arena_fmt(req->arena, "%lld", (long long)wait_s));
		return altinn2_refuse(res, 429, "Too many changes at once. Try again.",
				      "too many changes of the registry");
	}
	if (!req->in_turn)
		pace_turn(pace);
	enum rc rc = change_tried(req, owner, rule, change, out);
	if (!req->in_turn)
		pace_turn_end(pace);
	pace_leave(pace, owner);
	if (rc == RC_DENIED)
		return altinn2_not_owner(res);
	TRY(rc);
	if (*out == SRR_OK)
		http_did(res, "selfservice.changed", KV("what", STR("srr")), KV("id", rule->service), KV("by", owner));
	return registry_refresh(box_of(req), &changed);
}

/* ---- bodies ---- */

static struct str text_of(const struct js *v, const char *name)
{
	const struct js *m = js_get_icase(v, name);
	return js_is(m, JS_STRING) ? m->s : STR_NONE;
}

static void condition_read(struct arena *a, const struct js *v, struct rule *rule, struct altinn2_errors *e)
{
	const struct js *c = js_get_icase(v, "Condition"), *keep, *domains;
	if (!c || c->type == JS_NULL)
		return;
	keep = js_get_icase(c, "KeepSessionAlive");
	domains = js_get_icase(c, "AllowedRedirectDomain");
	rule->entry.handled_by = text_of(c, "HandledBy");
	rule->entry.keep_session = js_is(keep, JS_BOOL) && keep->b;
	if (js_is(domains, JS_ARRAY) && domains->n <= SEED_MAX_REDIRECTS)
		rule->entry.domains = js_strings(a, domains, &rule->entry.n_domains);
	else if (domains && domains->type != JS_NULL)
		altinn2_error(e, A2_FIELD, "AllowedRedirectDomain must be a list of at most %d domains",
			      SEED_MAX_REDIRECTS);
}

/* `v` has the rule, `top` the service where the rule does not name it. */
static void rule_read(struct arena *a, const struct js *v, const struct js *top, struct rule *rule,
		      struct altinn2_errors *e)
{
	*rule = (struct rule){ 0 };
	const struct js *edition = js_get_icase(v, "ServiceEditionCode");
	struct str code = text_of(v, "ServiceCode"), right = text_of(v, "Right");
	int64_t n = -1;
	if (!edition)
		edition = js_get_icase(top, "ServiceEditionCode");
	if (!code.p)
		code = text_of(top, "ServiceCode");
	if (js_is(edition, JS_NUMBER) && js_i64(edition, &n) != RC_OK)
		n = -1;
	if (!code.p || code.n > SEED_MAX_KEY || n < 0)
		altinn2_error(e, A2_FIELD, "ServiceCode and ServiceEditionCode are required");
	if (right.p && !str_ieq(right, STR("Read")) && !str_ieq(right, STR("Write")))
		altinn2_error(e, A2_FIELD, "Right must be Read or Write");
	rule->service = arena_fmt(a, "%.*s_%lld", STR_FMT(code), (long long)n);
	rule->orgno = rule->entry.orgno = text_of(v, "Reportee");
	rule->valid_to = text_of(v, "ValidTo");
	if (rule->valid_to.p && clock_parse_local(rule->valid_to, &rule->entry.valid_to) != RC_OK)
		altinn2_error(e, A2_FIELD, "ValidTo must be a time such as 2030-01-01T00:00:00");
	condition_read(a, v, rule, e);
}

/* ---- answers ---- */

static void rule_write(struct jsw *w, struct str service, const struct srr_entry *e, const char *result)
{
	struct arena *a = w->b->a;
	struct str code, edition;
	jsw_obj(w);
	jsw_kstr(w, "Id", arena_fmt(a, "%.*s_%.*s", STR_FMT(service), STR_FMT(e->orgno)));
	if (str_cut(service, '_', &code, &edition)) {
		jsw_kstr(w, "ServiceCode", code);
		jsw_key(w, "ServiceEditionCode");
		jsw_raw(w, edition);
	}
	jsw_kstr(w, "Reportee", e->orgno.p ? e->orgno : STR(""));
	jsw_kz(w, "Right", "Read");
	if (e->valid_to)
		jsw_kstr(w, "ValidTo", altinn2_local(a, e->valid_to));
	else
		jsw_knull(w, "ValidTo");
	jsw_key(w, "Condition");
	jsw_obj(w);
	if (e->handled_by.p)
		jsw_kstr(w, "HandledBy", e->handled_by);
	else
		jsw_knull(w, "HandledBy");
	jsw_kbool(w, "KeepSessionAlive", e->keep_session);
	jsw_kstrs(w, "AllowedRedirectDomain", e->domains, e->n_domains);
	jsw_end_obj(w);
	if (result)
		jsw_kz(w, "OperationResult", result);
	jsw_end_obj(w);
}

static enum result rule_check(const struct rule *rule)
{
	if (!model_orgno_valid(rule->orgno) || (rule->entry.handled_by.p && !model_orgno_valid(rule->entry.handled_by)))
		return SRR_NUMBER;
	return rule->entry.valid_to && !consent_live(rule->entry.valid_to, clock_now()) ? SRR_EXPIRED : SRR_OK;
}

/* ---- handlers ---- */

enum rc altinn2_srr_create(struct http_req *req, struct http_res *res)
{
	struct altinn2_errors e = { .a = req->arena };
	struct str owner;
	size_t n = 0;
	TRY(altinn2_owner_read(req, res, &owner));
	const struct js *v = altinn2_json(req, true, &e), *list = js_is(v, JS_OBJECT) ? js_get_icase(v, "Rights") : v;
	struct rule *rules = arena_array(req->arena, struct rule, RULES_MAX);
	if (v && (!js_is(list, JS_ARRAY) || !list->n || list->n > RULES_MAX))
		altinn2_error(&e, A2_FIELD, "The body must have 1 to %d rules", RULES_MAX);
	if (!e.n)
		JS_EACH(one, list)
			rule_read(req->arena, one, js_is(v, JS_OBJECT) ? v : NULL, &rules[n++], &e);
	if (e.n)
		return altinn2_errors_reply(res, &e);
	struct buf answer = BUF(req->arena);
	struct jsw w = JSW(&answer);
	jsw_arr(&w);
	for (size_t i = 0; i < n; i++) {
		enum result result = rule_check(&rules[i]);
		if (result == SRR_OK)
			TRY(change_make(req, res, owner, &rules[i], RULE_ADD, &result));
		rule_write(&w, rules[i].service, &rules[i].entry, result_names[result]);
	}
	jsw_end_arr(&w);
	http_reply(res, 200, PLAIN_TYPE);
	buf_add(&res->body, buf_str(&answer));
	return RC_OK;
}

enum rc altinn2_srr_list(struct http_req *req, struct http_res *res)
{
	const struct pair *query;
	struct str owner;
	TRY(altinn2_owner_read(req, res, &owner));
	TRY(front_query(req, res, &query));
	struct str reportee = front_param(query, "reportee");
	struct str id = arena_fmt(req->arena, "%.*s_%.*s", STR_FMT(front_param(query, "serviceCode")),
				  STR_FMT(front_param(query, "serviceEditionCode")));
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(box_of(req));
	const struct altinn2_service *s = altinn2_service_owned(r, id, owner);
	struct jsw w = JSW(&res->body);
	if (!s)
		return altinn2_not_owner(res);
	http_reply(res, 200, PLAIN_TYPE);
	jsw_arr(&w);
	for (size_t i = 0; i < s->n_srr; i++)
		if (!reportee.p || str_eq(reportee, s->srr[i].orgno))
			rule_write(&w, s->id, &s->srr[i], NULL);
	jsw_end_arr(&w);
	return RC_OK;
}

/* CODE_EDITION_ORGNO of the path. */
static enum rc id_read(struct http_req *req, struct http_res *res, struct rule *out)
{
	struct str code, rest, edition, orgno;
	uint64_t n;
	*out = (struct rule){ 0 };
	if (!str_cut(req->param[0], '_', &code, &rest) || !str_cut(rest, '_', &edition, &orgno) ||
	    str_u64(edition, &n) != RC_OK)
		return altinn2_refuse(res, 404, "RuleNotFound", "the id is none of a rule");
	out->service = arena_fmt(req->arena, "%.*s_%.*s", STR_FMT(code), STR_FMT(edition));
	out->orgno = orgno;
	return RC_OK;
}

enum rc altinn2_srr_show(struct http_req *req, struct http_res *res)
{
	struct rule rule;
	struct str owner;
	TRY(altinn2_owner_read(req, res, &owner));
	TRY(id_read(req, res, &rule));
	CLEANUP(registry_releasep) const struct registry *r = registry_hold(box_of(req));
	const struct altinn2_service *s = altinn2_service_owned(r, rule.service, owner);
	const struct srr_entry *e = s ? entry_of(s, rule.orgno) : NULL;
	struct jsw w = JSW(&res->body);
	if (!e)
		return altinn2_refuse(res, 404, "RuleNotFound", "no such rule of this owner");
	http_reply(res, 200, PLAIN_TYPE);
	rule_write(&w, s->id, e, NULL);
	return RC_OK;
}

static enum rc changed_reply(struct http_req *req, struct http_res *res, struct str owner, const struct rule *rule,
			     enum change change)
{
	enum result result = change == RULE_PUT ? rule_check(rule) : SRR_OK;
	if (result == SRR_OK)
		TRY(change_make(req, res, owner, rule, change, &result));
	if (result == SRR_NOT_FOUND)
		return altinn2_refuse(res, 404, "RuleNotFound", "no such rule of this owner");
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, PLAIN_TYPE);
	rule_write(&w, rule->service, &rule->entry, result_names[result]);
	return RC_OK;
}

enum rc altinn2_srr_replace(struct http_req *req, struct http_res *res)
{
	struct altinn2_errors e = { .a = req->arena };
	struct rule rule, sent;
	struct str owner;
	TRY(altinn2_owner_read(req, res, &owner));
	TRY(id_read(req, res, &rule));
	const struct js *v = altinn2_json(req, false, &e);
	if (v) {
		sent = (struct rule){ .valid_to = text_of(v, "ValidTo") };
		if (sent.valid_to.p && clock_parse_local(sent.valid_to, &sent.entry.valid_to) != RC_OK)
			altinn2_error(&e, A2_FIELD, "ValidTo must be a time such as 2030-01-01T00:00:00");
		condition_read(req->arena, v, &sent, &e);
	}
	if (e.n)
		return altinn2_errors_reply(res, &e);
	rule.entry = sent.entry;
	rule.entry.orgno = rule.orgno;
	return changed_reply(req, res, owner, &rule, RULE_PUT);
}

enum rc altinn2_srr_delete(struct http_req *req, struct http_res *res)
{
	struct rule rule;
	struct str owner;
	TRY(altinn2_owner_read(req, res, &owner));
	TRY(id_read(req, res, &rule));
	rule.entry.orgno = rule.orgno;
	return changed_reply(req, res, owner, &rule, RULE_REMOVE);
}
