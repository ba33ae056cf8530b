#include "api/registry_internal.h"
#include "base/map.h"
#include "registry/policy_xml.h"

/* ---- reading ---- */

static enum rc resource_find(struct http_req *req, const struct registry **reg_out, const struct resource **out)
{
	TRY(api_registry_newest(req, reg_out));
	*out = registry_resource(*reg_out, req->param[0]);
	return *out ? RC_OK : RC_NOT_FOUND;
}

enum rc api_policy_show(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	const struct resource *r;
	TRY(resource_find(req, &reg, &r));
	/* The file comes from its owner. A browser must not render it as a page of ours. */
	http_set_header(res, "Content-Disposition",
			arena_fmt(req->arena, "attachment; filename=\"%.*s-policy.xml\"", STR_FMT(r->identifier)));
	http_reply(res, 200, "application/xml; charset=utf-8");
	return policy_xml(&res->body, r);
}

/* A subject is ATTRIBUTE:VALUE. Values of the known attributes may contain colons; elsewhere the last one divides. */
static void subject_write(struct jsw *w, struct str urn)
{
	static const char *const attributes[] = { "urn:altinn:partytype", "urn:altinn:access-list" };
	size_t n = urn.n;
	while (n && urn.p[n - 1] != ':')
		n--;
	for (size_t i = 0; i < LEN(attributes); i++)
		if (str_starts(urn, str_of(attributes[i])))
			n = strlen(attributes[i]) + 1;
	jsw_obj(w);
	jsw_kstr(w, "type", str_span(urn.p, n ? n - 1 : 0));
	jsw_kstr(w, "value", str_span(urn.p + n, urn.n - n));
	jsw_kstr(w, "urn", urn);
	jsw_end_obj(w);
}

static void subjects_write(struct arena *a, struct jsw *w, const struct policy_rule *rule, struct map *seen)
{
	for (size_t i = 0; i < rule->n_subjects; i++)
		for (const struct str *s = rule->subjects[i]; s->p; s++) {
			if (map_get(seen, *s))
				continue;
			map_put(seen, a, *s, seen);
			subject_write(w, *s);
		}
}

enum rc api_policy_subjects(struct http_req *req, struct http_res *res)
{
	CLEANUP(registry_releasep) const struct registry *reg = NULL;
	const struct resource *r;
	struct jsw w = JSW(&res->body);
	struct map seen = { 0 };
	TRY(resource_find(req, &reg, &r));
	http_reply(res, 200, JSON_TYPE);
	jsw_obj(&w);
	api_links_write(req, &w, NULL, STR_NONE);
	jsw_key(&w, "data");
	jsw_arr(&w);
	for (size_t i = 0; i < r->policy.n_rules; i++)
		subjects_write(req->arena, &w, &r->policy.rules[i], &seen);
	jsw_end_arr(&w);
	jsw_end_obj(&w);
	return RC_OK;
}

/* ---- writing ---- */

static bool is_xml(const struct http_req *req)
{
	return http_content_type_is(req, "application/xml") || http_content_type_is(req, "text/xml");
}

/* The XML of the body, which is the policy itself or a form with one file. RC_ANSWERED: 400 or 415. */
static enum rc policy_body(struct http_req *req, struct http_res *res, struct str *xml_out)
{
	struct str xml = req->body, bom = STR("\xef\xbb\xbf");
	if (!is_xml(req) && !http_content_type_is(req, "multipart/form-data")) {
		problem_plain(req, res, 415);
		return RC_ANSWERED;
	}
	if (!is_xml(req) && http_file(req, &xml) != RC_OK)
		return front_invalid(req, res, STR("$"), "the form must hold exactly one file");
	if (str_starts(xml, bom))
		xml = str_span(xml.p + bom.n, xml.n - bom.n);
	if (!str_trim(xml).n || !str_utf8(xml) || memchr(xml.p, '\0', xml.n))
		return front_invalid(req, res, STR("$"), "the file must be XML in UTF-8");
	*xml_out = xml;
	return RC_OK;
}

static enum rc policy_publish(struct http_req *req, struct http_res *res, int status)
{
	struct publication p;
	struct publisher publisher;
	struct str xml;
	TRY(api_publisher(req, res, &publisher));
	TRY(policy_body(req, res, &xml));
	enum rc rc = publish_policy(&publisher, req->param[0], xml, &p);
	TRY(api_publish_refused(req, res, rc, &p));
	if (status == 201)
		http_set_header(res, "Location",
				arena_fmt(req->arena, "%.*s" REGISTRY_PREFIX "/resource/%.*s/policy",
					  STR_FMT(api_origin(req)), STR_FMT(req->param[0])));
	http_reply(res, status, NULL);
	return RC_OK;
}

enum rc api_policy_create(struct http_req *req, struct http_res *res)
{
	return policy_publish(req, res, 201);
}

enum rc api_policy_change(struct http_req *req, struct http_res *res)
{
	return policy_publish(req, res, 200);
}
