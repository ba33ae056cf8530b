#include "cli/consumer_internal.h"

#include <stdlib.h>

#include "daemon/files.h"

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

int consumer_client(const char *name, const struct consumer_opts *o, struct arena *a, struct samtykke_client **out)
{
	struct samtykke_client_options c = SAMTYKKE_CLIENT_OPTIONS;
	const char *key_file = choose(o->key, "SAMTYKKE_CLIENT_KEY", NULL);
	struct str key;

	c.base_url = consumer_url(o);
	c.issuer = consumer_issuer(o, a);
	c.client_id = consumer_client_id(o);
	c.consumer_org = o->consumer_org;
	c.server_time = !o->system_time;
	if (!c.client_id)
		return cli_fail(name, "which client? use --client-id or SAMTYKKE_CLIENT_ID");
	if (!key_file)
		return cli_fail(name, "where is the client's key? use --key or SAMTYKKE_CLIENT_KEY");
	if (file_read(a, key_file, KEY_MAX, &key) != RC_OK)
		return cli_fail(name, "cannot read the key file %s", key_file);
	c.private_jwk = arena_cstr(a, key);
	if (samtykke_client_create(&c, out) != SAMTYKKE_OK)
		return cli_fail(name, "%s holds no private key as JWK", key_file);
	return 0;
}

int consumer_refused(const char *name, int status, struct str body)
{
	body = str_trim(body);
	return cli_fail(name, "the server answered %d%s%.*s", status, body.n ? ": " : "", STR_FMT(body));
}

int consumer_failed(const char *name, const struct samtykke_client *c, enum samtykke_rc rc)
{
	if (rc == SAMTYKKE_REFUSED && c)
		return consumer_refused(name, samtykke_client_status(c), str_of(samtykke_client_error(c)));
	return cli_fail(name, "%s", samtykke_rc_text(rc));
}

int consumer_verifier(const char *name, struct arena *a, const char *jwks, struct samtykke_verifier_options *v,
		      struct samtykke_verifier **out)
{
	struct str text;

	if (jwks && (str_starts(str_of(jwks), STR("http://")) || str_starts(str_of(jwks), STR("https://")))) {
		v->jwks_url = jwks;
	} else if (jwks) {
		if (file_read(a, jwks, KEY_SET_MAX, &text) != RC_OK)
			return cli_fail(name, "cannot read the key set %s", jwks);
		v->jwks_json = arena_cstr(a, text);
	}
	if (samtykke_verifier_create(v, out) != SAMTYKKE_OK)
		return cli_fail(name, "%s holds no usable key", jwks ? jwks : "the option set");
	return 0;
}
