/* The allow-list of a service over HTTP. The id of a rule is CODE_EDITION_ORGNO. */
#include "altinn2/srr.h"

#include "altinn2/answer.h"
#include "altinn2/caller.h"
#include "altinn2/fields.h"
#include "altinn2/handlers.h"
#include "altinn2/internal.h"
#include "altinn2/redirect.h"
#include "base/clock.h"
#include "front/front.h"

#define RULES_MAX 100 /* of one call */

static const char *const result_names[] = { "Ok", "RuleNotFound", "RuleAlreadyExists",
					    "EmptyOrNotAValidSsnOrOrganisation", "RightAlreadyExpired" };

static const struct registry *registry_of(const struct http_req *req)
{
	return registry_hold(&req_site(req)->consents->registry);
}

/* ---- bodies ---- */

static void domains_read(struct arena *a, const struct js *v, struct srr_entry *out, struct altinn2_errors *e)
{
	const struct js *list = altinn2_member(v, "AllowedRedirectDomain");
	if (!list)
		return;
	bool ok = list->type == JS_ARRAY && list->n <= SEED_MAX_REDIRECTS;
	if (ok)
		JS_EACH(one, list)
			ok = ok && one->type == JS_STRING && one->s.n <= SEED_MAX_URL && altinn2_domain_ok(a, one->s);
	if (ok)
		out->domains = js_strings(a, list, &out->n_domains);
	else
		altinn2_error(e, A2_FIELD,
			      "AllowedRedirectDomain must be a list of at most %d domains such as *.bank.example",
			      SEED_MAX_REDIRECTS);
}

static void condition_read(struct arena *a, const struct js *v, struct srr_entry *out, struct altinn2_errors *e)
{
	const struct js *c = altinn2_member(v, "Condition"), *keep = altinn2_member(c, "KeepSessionAlive");
	if (c && c->type != JS_OBJECT)
		altinn2_error(e, A2_FIELD, "Condition must be an object");
	if (keep && keep->type != JS_BOOL)
		altinn2_error(e, A2_FIELD, "KeepSessionAlive must be true or false");
	out->handled_by = altinn2_text(c, "HandledBy", ALTINN2_MAX_NUMBER, false, e);
	out->keep_session = js_is(keep, JS_BOOL) && keep->b;
	domains_read(a, c, out, e);
}

/* What a rule says of the organisation. */
static struct srr_entry entry_read(struct arena *a, const struct js *v, struct str orgno, struct altinn2_errors *e)
{
	struct srr_entry out = { .orgno = orgno };
	(void)altinn2_time(v, "ValidTo", false, A2_FIELD, &out.valid_to, e);
	condition_read(a, v, &out, e);
	return out;
}

static enum srr_result entry_check(const struct srr_entry *e)
{
	if (!model_orgno_valid(e->orgno) || (e->handled_by.p && !model_orgno_valid(e->handled_by)))
		return SRR_NUMBER;
	return e->valid_to && !consent_live(e->valid_to, clock_now()) ? SRR_EXPIRED : SRR_OK;
}

/* `v` has the rule, `top` the service where the rule does not name it. */
static struct srr_rule rule_read(struct arena *a, const struct js *v, const struct js *top, struct altinn2_errors *e)
{
	struct srr_rule rule = { .service = altinn2_service_id(a, altinn2_member(v, "ServiceCode") ? v : top, e) };
	struct str right = altinn2_text(v, "Right", SEED_MAX_KEY, false, e);
	if (right.p && !str_ieq(right, STR("Read")) && !str_ieq(right, STR("Write")))
		altinn2_error(e, A2_FIELD, "Right must be Read or Write");
	rule.entry = entry_read(a, v, altinn2_text(v, "Reportee", ALTINN2_MAX_NUMBER, false, e), e);
	rule.result = entry_check(&rule.entry);
	return rule;
}

/* CODE_EDITION_ORGNO of the path. */
static enum rc id_read(struct http_req *req, struct http_res *res, struct srr_rule *out)
{
	struct str code, rest, edition, orgno;
	uint64_t n;
	if (!str_cut(req->param[0], '_', &code, &rest) || !str_cut(rest, '_', &edition, &orgno) ||
	    str_u64(edition, &n) != RC_OK)
		return altinn2_refuse(res, 404, "RuleNotFound", "the id is none of a rule");
	*out = (struct srr_rule){ .service = arena_fmt(req->arena, "%.*s_%.*s", STR_FMT(code), STR_FMT(edition)),
				  .entry = { .orgno = orgno } };
	return RC_OK;
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

/* ---- handlers ---- */

enum rc altinn2_srr_create(struct http_req *req, struct http_res *res)
{
	struct altinn2_errors e = { .a = req->arena };
	struct str owner;
	size_t n = 0;
	TRY(altinn2_owner_read(req, res, &owner));
	const struct js *v = altinn2_json(req, true, &e), *list = js_is(v, JS_OBJECT) ? altinn2_member(v, "Rights") : v;
	struct srr_rule *rules = arena_array(req->arena, struct srr_rule, RULES_MAX);
	if (v && (!js_is(list, JS_ARRAY) || !list->n || list->n > RULES_MAX))
		altinn2_error(&e, A2_FIELD, "The body must have 1 to %d rules", RULES_MAX);
	if (!e.n)
		JS_EACH(one, list)
			rules[n++] = rule_read(req->arena, one, v, &e);
	if (e.n)
		return altinn2_errors_reply(res, &e);
	TRY(srr_change(req, res, owner, SRR_ADD, rules, n));
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, PLAIN_TYPE);
	jsw_arr(&w);
	for (size_t i = 0; i < n; i++)
		rule_write(&w, rules[i].service, &rules[i].entry, result_names[rules[i].result]);
	jsw_end_arr(&w);
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
	CLEANUP(registry_releasep) const struct registry *r = registry_of(req);
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

enum rc altinn2_srr_show(struct http_req *req, struct http_res *res)
{
	struct srr_rule rule;
	struct str owner;
	TRY(altinn2_owner_read(req, res, &owner));
	TRY(id_read(req, res, &rule));
	CLEANUP(registry_releasep) const struct registry *r = registry_of(req);
	const struct altinn2_service *s = altinn2_service_owned(r, rule.service, owner);
	const struct srr_entry *e = s ? altinn2_srr_any(s, rule.entry.orgno) : NULL;
	struct jsw w = JSW(&res->body);
	if (!e)
		return altinn2_refuse(res, 404, "RuleNotFound", "no such rule of this owner");
	http_reply(res, 200, PLAIN_TYPE);
	rule_write(&w, s->id, e, NULL);
	return RC_OK;
}

static enum rc one_change(struct http_req *req, struct http_res *res, struct str owner, enum srr_change change,
			  struct srr_rule *rule)
{
	TRY(srr_change(req, res, owner, change, rule, 1));
	if (rule->result == SRR_NOT_FOUND)
		return altinn2_refuse(res, 404, "RuleNotFound", "no such rule of this owner");
	struct jsw w = JSW(&res->body);
	http_reply(res, 200, PLAIN_TYPE);
	rule_write(&w, rule->service, &rule->entry, result_names[rule->result]);
	return RC_OK;
}

enum rc altinn2_srr_replace(struct http_req *req, struct http_res *res)
{
	struct altinn2_errors e = { .a = req->arena };
	struct srr_rule rule;
	struct str owner;
	TRY(altinn2_owner_read(req, res, &owner));
	TRY(id_read(req, res, &rule));
	const struct js *v = altinn2_json(req, false, &e);
	if (v)
		rule.entry = entry_read(req->arena, v, rule.entry.orgno, &e);
	if (e.n)
		return altinn2_errors_reply(res, &e);
	rule.result = entry_check(&rule.entry);
	return one_change(req, res, owner, SRR_REPLACE, &rule);
}

enum rc altinn2_srr_delete(struct http_req *req, struct http_res *res)
{
	struct srr_rule rule;
	struct str owner;
	TRY(altinn2_owner_read(req, res, &owner));
	TRY(id_read(req, res, &rule));
	return one_change(req, res, owner, SRR_REMOVE, &rule);
}
