#include "altinn2/redirect.h"

#include "registry/redirects.h"

static bool entry_matches(struct str entry, const struct url *target)
{
	struct redirect_entry e;
	return redirect_entry_read(entry, &e) == RC_OK && redirect_entry_matches(&e, target);
}

static bool domain_matches(struct arena *a, struct str domain, const struct url *target)
{
	if (str_find(domain, STR("://")) >= 0)
		return entry_matches(domain, target);
	return entry_matches(arena_fmt(a, "https://%.*s", STR_FMT(domain)), target) ||
	       entry_matches(arena_fmt(a, "http://%.*s", STR_FMT(domain)), target);
}

bool altinn2_domain_ok(struct arena *a, struct str domain)
{
	struct redirect_entry e;
	bool whole = str_find(domain, STR("://")) >= 0;
	return redirect_entry_read(whole ? domain : arena_fmt(a, "https://%.*s", STR_FMT(domain)), &e) == RC_OK;
}

static bool any_matches(struct arena *a, const struct str *domains, size_t n, const struct url *target)
{
	for (size_t i = 0; i < n; i++)
		if (domain_matches(a, domains[i], target))
			return true;
	return false;
}

bool altinn2_redirect_allowed(struct arena *a, const struct registry *r, const struct altinn2_service *const services[],
			      size_t n, struct str consumer, struct str address)
{
	struct str *allow;
	size_t n_allow;
	struct url target;
	bool listed = false;
	struct str ascii = url_ascii(a, address);
	if (!ascii.n || url_parse(ascii, &target) != RC_OK)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct srr_entry *e = altinn2_srr(services[i], consumer);
		if (!e || e->n_domains == 0)
			continue;
		listed = true;
		if (!any_matches(a, e->domains, e->n_domains, &target))
			return false;
	}
	if (listed)
		return redirect_target_ok(&target, true);
	if (registry_redirect_allow(r, a, consumer, &allow, &n_allow) != RC_OK)
		return false;
	return redirect_target_ok(&target, n_allow > 0) && (n_allow == 0 || any_matches(a, allow, n_allow, &target));
}
