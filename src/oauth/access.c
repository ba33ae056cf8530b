#include <assert.h>

#include "base/url.h"
#include "oauth/oauth.h"

#define PID_DIGITS 11

static enum rc fail(struct oauth_error *err, enum oauth_fault fault, struct str detail)
{
	*err = (struct oauth_error){ .fault = fault, .detail = detail };
	return RC_DENIED;
}

/* = RFC 6749 3.3: "scope-token = 1*( %x21 / %x23-5B / %x5D-7E )" */
static bool scope_charset(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '"' || s.p[i] == '\\')
			return false;
	return s.n > 0;
}

static bool usable(const struct scope *s)
{
	return s->active && !s->foreign;
}

static bool open_to(const struct scope *s, struct str orgno)
{
	return s->accessible_for_all || str_in(orgno, s->grants, s->n_grants);
}

static enum rc registered_check(const struct grant *g, const struct client *client, const struct oauth_scopes *scopes,
				const struct scope **found, struct oauth_error *err)
{
	assert(g->n_scopes <= OAUTH_MAX_SCOPES);
	if (g->n_scopes == 0)
		return fail(err, OF_SCOPE, STR_NONE);
	for (size_t i = 0; i < g->n_scopes; i++) {
		struct str s = g->scopes[i];
		if (!scope_charset(s) || !str_in(s, client->scopes, client->n_scopes))
			return fail(err, OF_SCOPE, s);
		found[i] = scopes->scope(scopes->registry, s);
		if (!found[i])
			return fail(err, OF_SCOPE, s);
	}
	for (size_t i = 0; i < g->n_scopes; i++)
		if (!usable(found[i]))
			return fail(err, OF_SCOPE_INACTIVE, g->scopes[i]);
	return RC_OK;
}

static enum rc not_delegated(const struct oauth_access *a, struct str scope, struct oauth_error *err)
{
	*err = (struct oauth_error){
		.fault = OF_NOT_DELEGATED, .detail = scope, .consumer = a->consumer, .supplier = a->supplier
	};
	return RC_DENIED;
}

/* All scopes must be delegated, by one register: the token can name only one. */
static enum rc delegation_check(const struct grant *g, const struct oauth_scopes *scopes,
				const struct scope *const *found, struct oauth_access *a, struct oauth_error *err)
{
	a->delegation_source = found[0]->delegation_source;
	for (size_t i = 0; i < g->n_scopes; i++) {
		struct str source = found[i]->delegation_source;
		if (source.n == 0 || !str_eq(source, a->delegation_source))
			return not_delegated(a, g->scopes[i], err);
		if (!scopes->delegated(scopes->registry, a->consumer, a->supplier, g->scopes[i]))
			return not_delegated(a, g->scopes[i], err);
	}
	return RC_OK;
}

static int64_t token_life(const struct client *client, const struct scope *const *found, size_t n)
{
	int64_t life = client->token_lifetime > 0 ? client->token_lifetime : OAUTH_TOKEN_LIFE_S;
	if (life > OAUTH_TOKEN_LIFE_MAX_S)
		life = OAUTH_TOKEN_LIFE_MAX_S;
	for (size_t i = 0; i < n; i++)
		if (found[i]->at_max_age > 0 && found[i]->at_max_age < life)
			life = found[i]->at_max_age;
	return life;
}

/* The scopes decide before the client: the owner of a scope knows which algorithms its verifiers accept. */
static enum rc token_alg(const struct grant *g, const struct client *client, const struct scope *const *found,
			 struct str *out, struct oauth_error *err)
{
	struct str alg = STR_NONE;
	for (size_t i = 0; i < g->n_scopes; i++) {
		if (!found[i]->token_alg.p)
			continue;
		if (alg.p && !str_eq(alg, found[i]->token_alg))
			return fail(err, OF_SCOPE_ALG, g->scopes[i]);
		alg = found[i]->token_alg;
	}
	*out = alg.p ? alg : client->token_alg;
	return RC_OK;
}

enum rc oauth_access_check(const struct grant *g, const struct client *client, const struct oauth_scopes *scopes,
			   struct oauth_access *out, struct oauth_error *err)
{
	const struct scope *found[OAUTH_MAX_SCOPES];
	bool delegated = g->consumer_org.p != NULL;
	struct oauth_access access = {
		.consumer = delegated ? g->consumer_org : client->orgno,
		.supplier = delegated ? client->orgno : STR_NONE,
	};
	TRY(registered_check(g, client, scopes, found, err));
	for (size_t i = 0; i < g->n_scopes; i++)
		if (!open_to(found[i], access.consumer))
			return fail(err, OF_NO_ACCESS, g->scopes[i]);
	if (delegated && (client->supplier.p || str_eq(g->consumer_org, client->orgno)))
		return fail(err, OF_OWN_ORG, STR_NONE);
	if (delegated)
		TRY(delegation_check(g, scopes, found, &access, err));
	TRY(token_alg(g, client, found, &access.alg, err));
	access.life_s = token_life(client, found, g->n_scopes);
	*out = access;
	return RC_OK;
}

bool oauth_scope_held(const struct client *client, const struct oauth_scopes *scopes, struct str name)
{
	const struct scope *s =
		str_in(name, client->scopes, client->n_scopes) ? scopes->scope(scopes->registry, name) : NULL;
	return s && usable(s) && open_to(s, client->orgno);
}

static bool digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

/* = RFC 8707 2: "Its value MUST be an absolute URI […]. The URI MUST NOT include a fragment component." */
enum rc oauth_target_check(const struct grant *g, struct oauth_error *err)
{
	for (size_t i = 0; i < g->n_resources; i++) {
		struct url u;
		struct str r = g->resources[i];
		if (url_parse(r, &u) != RC_OK || memchr(r.p, '#', r.n) || (u.authority.n == 0 && u.path.n == 0))
			return fail(err, OF_TARGET, STR_NONE);
	}
	if (g->pid.p && (g->pid.n != PID_DIGITS || !digits(g->pid)))
		return fail(err, OF_ASSERTION, STR_NONE);
	return RC_OK;
}
