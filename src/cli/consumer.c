#include "cli/consumer_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/rand.h"
#include "daemon/files.h"
#include "net/net.h"

#define KEY_MAX 16384
#define KEY_SET_MAX (1 << 20)

static const char *choose(const char *option, const char *variable, const char *preset)
{
	const char *value = option ? option : getenv(variable);
	return value && *value ? value : preset;
}

const char *consumer_url(const struct consumer_opts *o)
{
	return choose(o->url, "SAMTYKKE_URL", "http://127.0.0.1:8080");
}

const char *consumer_cacert(const struct consumer_opts *o)
{
	return choose(o->cacert, "SAMTYKKE_CACERT", NULL);
}

const char *consumer_client_id(const struct consumer_opts *o)
{
	return choose(o->client_id, "SAMTYKKE_CLIENT_ID", NULL);
}

const char *consumer_issuer(const struct consumer_opts *o, struct arena *a)
{
	const char *issuer = choose(o->issuer, "SAMTYKKE_ISSUER", NULL);
	struct str url = str_of(consumer_url(o));
	if (issuer)
		return issuer;
	while (str_ends(url, STR("/")))
		url.n--;
	return arena_cstr(a, arena_fmt(a, "%.*s/", STR_FMT(url)));
}

/* Standard input has no mode of its own. */
static int key_take(const struct command *c, struct arena *a, const char *path, struct str *out)
{
	struct str err;
	enum rc rc = strcmp(path, "-") == 0
			     ? file_read(a, path, KEY_MAX, out)
			     : file_read_secret(a, &(struct secret_file){ "--key", path, KEY_MAX, PRIVATE_TO_GROUP },
						out, &err);
	if (rc == RC_DENIED)
		return cli_fail(c->name, "%.*s", STR_FMT(err));
	return rc == RC_OK ? 0 : cli_fail(c->name, "cannot read the key file %s", path);
}

int consumer_client(const struct command *c, const struct consumer_opts *o, struct arena *a,
		    struct samtykke_client **out)
{
	struct samtykke_client_options options = SAMTYKKE_CLIENT_OPTIONS;
	const char *key_file = choose(o->key, "SAMTYKKE_CLIENT_KEY", NULL);
	struct str key;
	options.base_url = consumer_url(o);
	options.ca_file = consumer_cacert(o);
	options.issuer = consumer_issuer(o, a);
	options.client_id = consumer_client_id(o);
	options.consumer_org = o->consumer_org;
	options.server_time = !o->system_time;
	if (!options.client_id)
		return cli_fail(c->name, "no client is named; use --client-id or SAMTYKKE_CLIENT_ID");
	if (!key_file)
		return cli_fail(c->name, "no file with the client's key is named; use --key or SAMTYKKE_CLIENT_KEY");
	if (key_take(c, a, key_file, &key) != 0)
		return 1;
	options.private_jwk = arena_cstr(a, key);
	if (samtykke_client_create(&options, out) != SAMTYKKE_OK)
		return cli_fail(c->name, "%s does not hold a private key as JWK", key_file);
	return 0;
}

int consumer_uuid(const struct command *c, const char *text)
{
	struct uuid id;
	return uuid_parse(str_of(text), &id) == RC_OK ? 0 : cli_fail(c->name, "%s is not a UUID", text);
}

int consumer_refused(const struct command *c, int status, struct str body)
{
	body = str_trim(body);
	if (status == 403 && body.n == 0)
		return cli_fail(c->name,
				"the server answered 403 and gives no reason: is the resource known, and may the "
				"client's organisation ask for it? The server's log says why (request.refused)");
	return cli_fail(c->name, "the server answered %d%s%.*s", status, body.n ? ": " : "", STR_FMT(body));
}

int consumer_failed(const struct command *c, const struct samtykke_client *client, enum samtykke_rc rc)
{
	assert(rc != SAMTYKKE_OK);
	int status = client ? samtykke_client_status(client) : 0;
	const char *error = client ? samtykke_client_error(client) : "";
	if (rc == SAMTYKKE_REFUSED && client)
		return consumer_refused(c, status, str_of(error));
	if (rc == SAMTYKKE_UNAVAILABLE && status)
		return consumer_refused(c, status, str_of(error));
	if (rc == SAMTYKKE_UNAVAILABLE && *error)
		return cli_fail(c->name, "the server cannot be reached: %s", error);
	return cli_fail(c->name, "%s", samtykke_rc_text(rc));
}

/* The library has not kept the cause, so that the address is asked once more. */
int consumer_keys_unavailable(const struct command *c, const struct consumer_opts *o, struct arena *a, const char *jwks)
{
	struct net_res res;
	struct str why = STR_NONE;
	const char *url = jwks ? jwks : consumer_issuer(o, a);
	const struct net_req req = { .method = "GET", .url = url, .ca_file = consumer_cacert(o) };
	if (net_fetch(a, &req, &res, &why) != RC_OK)
		return cli_fail(c->name, "unavailable: the key set cannot be reached: %.*s", STR_FMT(why));
	return cli_fail(c->name, "unavailable: %s names no key set that can be read", url);
}

static void key_skipped(void *ctx, const char *kid, const char *why)
{
	const struct command *c = ctx;
	(void)cli_fail(c->name, "the issuer's key %s is skipped: %s", kid ? kid : "without kid", why);
}

int consumer_verifier(const struct command *c, struct arena *a, const char *jwks, bool altinn2,
		      struct samtykke_verifier_options *v, struct samtykke_verifier **out)
{
	const char **url = altinn2 ? &v->altinn2_jwks_url : &v->jwks_url;
	const char **json = altinn2 ? &v->altinn2_jwks_json : &v->jwks_json;
	struct str text;
	assert(v->issuer && !*url && !*json && (jwks || !altinn2));
	v->key_skipped = key_skipped;
	v->key_skipped_ctx = (void *)(uintptr_t)c;
	if (jwks && (str_starts(str_of(jwks), STR("http://")) || str_starts(str_of(jwks), STR("https://")))) {
		*url = jwks;
	} else if (jwks) {
		if (file_read(a, jwks, KEY_SET_MAX, &text) != RC_OK)
			return cli_fail(c->name, "cannot read the key set %s", jwks);
		*json = arena_cstr(a, text);
	}
	if (samtykke_verifier_create(v, out) != SAMTYKKE_OK)
		return cli_fail(c->name, "%s has no usable key", jwks ? jwks : "the issuer's key set");
	return 0;
}

int consumer_pairs(const struct command *c, const char *option, const struct opt_list *list, struct arena *a,
		   const char ***out)
{
	const char **v = arena_array(a, const char *, list->n * 2 + 1);
	for (size_t i = 0; i < list->n; i++) {
		struct str key, value;
		if (!str_cut(str_of(list->v[i]), '=', &key, &value) || key.n == 0)
			return cli_fail(c->name, "--%s: %s is not KEY=VALUE", option, list->v[i]);
		v[2 * i] = arena_cstr(a, key);
		v[2 * i + 1] = arena_cstr(a, value);
	}
	*out = v;
	return 0;
}
