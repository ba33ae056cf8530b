#include "daemon/service_internal.h"

#include <assert.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/audit.h"
#include "daemon/files.h"
#include "daemon/internal.h"
#include "publish/pace.h"
#include "publish/seed.h"

#define PORT_TRIES 5
#define SERVICE_TABLES (5 + 2 * EXTENSIONS_MAX) /* route tables, and an empty one that ends them */
#define GRACE_S 10

static void table_add(struct service *s, struct http_table **at, const struct http_table *table, void *handlers)
{
	if (!table)
		return;
	**at = *table;
	(*at)->checks = &s->gate;
	(*at)->handlers = handlers;
	(*at)++;
}

/* The tables name the contexts, which are filled in once the port is known. */
static void extensions_make(struct service *s)
{
	for (size_t i = 0; extensions[i]; i++) {
		assert(i < EXTENSIONS_MAX);
		s->extension[i] = arena_alloc(&s->arena, extensions[i]->context_size);
	}
}

/* Sandbox routes are tables of their own: serve does not have them, rather than refusing them. */
static void tables_fill(struct service *s, struct http_table out[SERVICE_TABLES])
{
	struct http_table *at = out;
	table_add(s, &at, &api_routes, &s->api);
	table_add(s, &at, &web_routes, &s->web);
	for (size_t i = 0; extensions[i]; i++)
		table_add(s, &at, extensions[i]->routes, s->extension[i]);
	if (s->sandbox) {
		table_add(s, &at, &api_sandbox_routes, &s->api);
		table_add(s, &at, &web_sandbox_routes, &s->web);
		for (size_t i = 0; extensions[i]; i++)
			table_add(s, &at, extensions[i]->sandbox_routes, s->extension[i]);
	}
	*at = (struct http_table){ 0 };
}

static bool is_loopback(const char *address)
{
	return str_starts(str_of(address), STR("127.")) || str_is(str_of(address), "::1") ||
	       str_is(str_of(address), "localhost");
}

static enum rc data_prepare(struct service *s, const struct daemon_options *o, struct str *err_out)
{
	if (o->data) {
		s->data = o->data;
		if (mkdir(o->data, 0700) != 0 && errno != EEXIST) {
			*err_out = arena_fmt(&s->arena, "cannot make the directory %s: %s", o->data, strerror(errno));
			return RC_FAIL;
		}
		return RC_OK;
	}
	const char *tmp = getenv("TMPDIR");
	char *path = (char *)(uintptr_t)arena_cstr(
		&s->arena, arena_fmt(&s->arena, "%s/samtykke-XXXXXX", tmp && *tmp ? tmp : "/tmp"));
	if (!mkdtemp(path)) {
		*err_out = arena_fmt(&s->arena, "cannot make a temporary directory %s: %s", path, strerror(errno));
		return RC_FAIL;
	}
	s->data = path;
	s->data_is_ours = true;
	return RC_OK;
}

static enum rc listen_check(struct service *s, const struct daemon_options *o, struct str *err_out)
{
	if (!s->sandbox || is_loopback(s->settings.listen))
		return RC_OK;
	if (o->expose)
		return RC_OK;
	*err_out = arena_fmt(&s->arena, "the sandbox listens on loopback only; %s needs --expose", s->settings.listen);
	return RC_DENIED;
}

static enum rc settings_prepare(struct service *s, const struct daemon_options *o, struct str *err_out)
{
	TRY(settings_load(&s->settings, &s->arena, o->config, o->sets, o->n_sets, err_out));
	size_t n;
	const struct conf_row *rows = settings_table(&n);
	if (o->port)
		TRY(conf_set(rows, n, &s->settings, &s->arena, arena_fmt(&s->arena, "port=%s", o->port), err_out));
	if (o->expose && is_loopback(s->settings.listen))
		s->settings.listen = "0.0.0.0";
	TRY(listen_check(s, o, err_out));
	return settings_use(&s->settings, &s->arena, s->sandbox, err_out);
}

static enum rc logo_prepare(struct service *s, struct str *err_out)
{
	const char *path = s->settings.operator_logo;
	struct str data, why = STR("cannot be read");
	if (!path)
		return RC_OK;
	enum rc rc = file_read(&s->arena, path, LOGO_MAX, &data);
	if (rc == RC_OK)
		rc = logo_take(&s->arena, data, &s->logo, &why);
	else if (rc == RC_TOO_LARGE)
		why = arena_fmt(&s->arena, "is larger than %d bytes", LOGO_MAX);
	if (rc != RC_OK)
		*err_out = arena_fmt(&s->arena, "operator.logo: %s %.*s", path, STR_FMT(why));
	return rc;
}

static enum rc store_prepare(struct service *s, const struct daemon_options *o, struct str *err_out)
{
	if (s->sandbox)
		TRY(data_prepare(s, o, err_out));
	if (!s->settings.store && !s->sandbox) {
		*err_out = STR("the setting store is missing: sqlite:PATH or postgresql://…");
		return RC_INVALID;
	}
	if (!s->settings.store)
		s->settings.store = arena_cstr(&s->arena, arena_fmt(&s->arena, "sqlite:%s/samtykke.db", s->data));
	const struct store_config c = {
		.uri = s->settings.store,
		.mode = s->sandbox ? STORE_SANDBOX : STORE_PRODUCTION,
		.migrate = s->sandbox,
		.readers = (int)s->settings.store_readers,
		.map_mb = (int)s->settings.store_map_mb,
	};
	return store_open(&c, &s->store, &s->arena, err_out);
}

static enum rc seed_one(struct service *s, struct str name, struct str json, struct str *err_out)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct seed_report report = { .a = &a, .faults = BUF(&a), .changes = BUF(&a) };
	const struct seed_options o = { .sandbox = true };

	enum rc rc = seed_apply(s->store, &a, json, &o, &report);
	if (rc == RC_INVALID)
		*err_out = arena_fmt(&s->arena, "%.*s: %zu faults\n%.*s", STR_FMT(name), report.n_faults,
				     STR_FMT(str_trim(buf_str(&report.faults))));
	else if (rc != RC_OK)
		*err_out = arena_fmt(&s->arena, "%.*s: %s", STR_FMT(name), rc_name(rc));
	return rc;
}

/* The built-in world, and what extensions add to it. */
static enum rc world_apply(struct service *s, struct str *err_out)
{
	TRY(seed_one(s, STR("built-in world"), seed_sandbox(), err_out));
	for (size_t i = 0; extensions[i]; i++)
		if (extensions[i]->sandbox_seed)
			TRY(seed_one(s, str_of(extensions[i]->name), extensions[i]->sandbox_seed(), err_out));
	return RC_OK;
}

static enum rc seeds_apply(struct service *s, const struct daemon_options *o, struct str *err_out)
{
	if (o->n_seeds == 0)
		return world_apply(s, err_out);
	for (size_t i = 0; i < o->n_seeds; i++) {
		struct arena a CLEANUP(arena_finish) = { 0 };
		struct str json;
		if (file_read(&a, o->seeds[i], SEED_MAX, &json) != RC_OK) {
			*err_out = arena_fmt(&s->arena, "cannot read the seed file %s", o->seeds[i]);
			return RC_FAIL;
		}
		TRY(seed_one(s, str_of(o->seeds[i]), json, err_out));
	}
	return RC_OK;
}

static enum rc keys_open(struct service *s, const struct keyring_config *c, struct str *err_out)
{
	enum rc rc = keyring_open(s->store, c, &s->keys);
	if (rc == RC_NOT_FOUND)
		*err_out = STR("no active signing key in the store; make one with: samtykke key new");
	else if (rc == RC_DENIED)
		*err_out = STR("the store holds the sandbox's published key, or key.master_file is not the key that "
			       "sealed its keys");
	else if (rc != RC_OK)
		*err_out = STR("the signing keys cannot be loaded");
	return rc;
}

/* A token that is away is no reason not to start: it comes back, and /health/ready tells. */
static enum rc keys_check(struct service *s, struct str *err_out)
{
	struct signer *signer;
	TRY(keyring_alg(str_of(s->settings.token_alg), &s->issuer.alg));
	if (keyring_signer(s->keys, s->issuer.alg, &signer) == RC_OK)
		return RC_OK;
	*err_out = arena_fmt(&s->arena,
			     "no key signs with the setting token.alg, %s, now; see samtykke key list (a key in a "
			     "token needs pkcs11.module too)",
			     s->settings.token_alg);
	return RC_NOT_FOUND;
}

static enum rc keys_prepare(struct service *s, struct str *err_out)
{
	uint8_t master[32];
	struct keyring_config c = { 0 };
	if (s->sandbox) {
		c.fixed_jwks = keyring_sandbox_jwks();
		c.fixed_altinn2 = keyring_sandbox_altinn2();
	} else {
		enum rc rc = settings_master(&s->settings, &s->arena, master, err_out);
		if (rc == RC_NOT_FOUND)
			*err_out = STR("the setting key.master_file is missing: it decrypts the signing keys");
		if (rc == RC_OK)
			rc = settings_token(&s->settings, &s->arena, &s->token, err_out);
		if (rc != RC_OK)
			return rc;
		c.master = master;
		c.token = s->token;
	}
	enum rc rc = keys_open(s, &c, err_out);
	explicit_bzero(master, sizeof master);
	return rc == RC_OK ? keys_check(s, err_out) : rc;
}

enum rc service_open(struct service *s, const struct daemon_options *o, struct str *err_out)
{
	assert(!s->store && !s->server);
	s->sandbox = o->sandbox;
	s->expose = o->sandbox && o->expose;
	TRY(settings_prepare(s, o, err_out));
	TRY(logo_prepare(s, err_out));
	TRY(store_prepare(s, o, err_out));
	if (s->sandbox)
		TRY(seeds_apply(s, o, err_out));
	TRY(keys_prepare(s, err_out));
	TRY(certs_open(s, err_out));
	TRY(outgoing_open(s, err_out));
	TRY(login_open(s, err_out));
	*err_out = STR("out of resources");
	TRY(token_cache_create(&s->tokens));
	const struct pace_config pace = { { s->settings.publish_rate, s->settings.publish_burst },
					  .share = (int)(s->settings.workers + PACE_SHARES - 1) / PACE_SHARES };
	return pace_create(&pace, &s->api.pace);
}

static int port_free(const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t n = sizeof in;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int port = 0;
	if (inet_pton(AF_INET, address, &in.sin_addr) != 1)
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&in, n) == 0 && getsockname(fd, (struct sockaddr *)&in, &n) == 0)
		port = ntohs(in.sin_port);
	if (fd >= 0)
		(void)close(fd);
	return port;
}

static struct str public_url(struct service *s, int port)
{
	const char *host = str_is(str_of(s->settings.listen), "0.0.0.0") ? "127.0.0.1" : s->settings.listen;
	const char *scheme = s->settings.tls_cert ? "https" : "http";
	struct str url = s->settings.public_url ? str_of(s->settings.public_url)
						: arena_fmt(&s->arena, "%s://%s:%d", scheme, host, port);
	while (str_ends(url, STR("/")))
		url.n--;
	return arena_str(&s->arena, url);
}

static enum rc consents_open(struct service *s)
{
	const struct consent_config c = {
		.auto_register = s->settings.auto_register,
		.events_page = s->settings.events_page_size,
		.events_lag_s = s->settings.events_safety_lag_s,
	};
	if (s->consents_ready)
		consent_service_finish(&s->consents);
	s->consents_ready = false;
	TRY(consent_service_init(&s->consents, s->store, &c));
	s->consents_ready = true;
	return RC_OK;
}

static enum rc status_prepare(struct service *s)
{
	const struct status_config c = {
		.store = s->store,
		.keys = s->keys,
		.alg = s->issuer.alg,
		.public_url = s->public_url,
		.ttl_s = s->settings.status_ttl_s,
	};
	status_close(s->status);
	s->status = NULL;
	return status_open(&c, &s->status);
}

static void issuer_fill(struct service *s)
{
	const struct settings *set = &s->settings;
	assert(s->consents_ready && s->status && s->keys);

	s->issuer = (struct issuer){
		.consents = &s->consents,
		.keys = s->keys,
		.status = s->status,
		.trust = s->trust,
		.outgoing = s->outgoing,
		.remote = s->remote,
		.url = set->issuer ? str_of(set->issuer) : arena_fmt(&s->arena, "%.*s/", STR_FMT(s->public_url)),
		.alg = s->issuer.alg,
		.limit = { set->token_rate, set->token_burst },
		.aud_unspecified = set->aud_unspecified,
		.consumer_prefix = set->consumer_prefix,
		.status_claim = set->token_status,
	};
}

static void gate_fill(struct service *s)
{
	struct str path = login_path(s);
	s->gate = (struct gate){
		.store = s->store,
		.registry = &s->consents.registry,
		.keys = s->keys,
		.issuers = s->issuers,
		.tokens = s->tokens,
		.issuer = s->issuer.url,
		.login_issuer = s->provider ? str_of(s->settings.oidc_issuer)
					    : arena_fmt(&s->arena, "%.*s%.*s", STR_FMT(s->public_url), STR_FMT(path)),
		.login_fresh_s = s->settings.login_fresh_s,
		.secure_cookies = origin_is_secure(s->public_url),
	};
}

static struct site site_of(struct service *s)
{
	return (struct site){
		.consents = &s->consents,
		.public_url = s->public_url,
		.login_path = login_path(s),
		.login_elsewhere = s->provider != NULL,
		.operator_name = str_of(s->settings.operator_name),
		.operator_contact = str_of(s->settings.operator_contact),
		.operator_privacy = str_of(s->settings.operator_privacy),
		.operator_help = str_of(s->settings.operator_help),
		.accessibility_statement = str_of(s->settings.accessibility_statement),
		.logo = s->logo,
		.sandbox = s->sandbox,
	};
}

static void fronts_fill(struct service *s)
{
	s->api.consents = &s->consents;
	s->api.keys = s->keys;
	s->api.issuer = &s->issuer;
	s->api.status = s->status;
	s->api.trust = s->trust;
	s->api.public_url = s->public_url;
	s->web = (struct web){
		.site = site_of(s),
		.keys = s->keys,
		.token_alg = s->issuer.alg,
		.provider = s->provider,
		.issuer = s->issuer.url,
	};
}

_Static_assert(WEB_MAX_SECTIONS >= EXTENSIONS_MAX, "a section for each extension");

static enum rc extensions_fill(struct service *s, struct str *err_out)
{
	for (size_t i = 0; extensions[i]; i++) {
		const struct extension_services services = {
			.issuer = &s->issuer,
			.keys = s->keys,
			.pace = s->api.pace,
			.settings = settings_of_extension(&s->settings, i),
			.site = &s->web.site,
		};
		assert(i < EXTENSIONS_MAX && s->extension[i]);
		memset(s->extension[i], 0, extensions[i]->context_size);
		TRY(extensions[i]->open(s->extension[i], &services, &s->arena, err_out));
		if (extensions[i]->sandbox_section)
			s->web.sections[s->web.n_sections++] = extensions[i]->sandbox_section;
	}
	return RC_OK;
}

/* The public address may have the port in it, so that all that names it is made once the port is known. */
static enum rc contexts_fill(struct service *s, int port, struct str *err_out)
{
	s->public_url = public_url(s, port);
	TRY(consents_open(s));
	TRY(status_prepare(s));
	issuer_fill(s);
	gate_fill(s);
	fronts_fill(s);
	return extensions_fill(s, err_out);
}

static int64_t snapshot_version(void *ctx)
{
	struct service *s = ctx;
	return registry_snapshot_version(&s->consents.registry);
}

bool service_refresh(void *service, int64_t noted)
{
	struct service *s = service;
	struct registry_box *box = &s->consents.registry;
	int64_t stored;
	bool changed;
	if (registry_stored_version(box, &stored) != RC_OK)
		return false;
	if (stored != registry_snapshot_version(box)) {
		if (keyring_refresh(s->keys) != RC_OK)
			log_error("keys.refresh_failed");
		if (registry_refresh(box, &changed) != RC_OK)
			return false;
	}
	return registry_snapshot_version(box) != noted;
}

static void turn(void *service, bool begin)
{
	struct service *s = service;
	if (begin)
		pace_turn(s->api.pace);
	else
		pace_turn_end(s->api.pace);
}

static void served(void *ctx, const struct http_req *req, const struct http_res *res, int64_t us)
{
	struct service *s = ctx;
	atomic_fetch_add_explicit(&s->api.requests, 1, memory_order_relaxed);
	audit_log(req, res, us);
}

/* A server for a country opens more sockets than the usual soft limit. */
static void files_raise(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max < 65536 ? r.rlim_max : 65536;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

static void events_committed(void *ctx, const struct uuid *receivers, size_t n)
{
	struct service *s = ctx;
	assert(s->server);
	http_wake(s->server, receivers, n);
}

/* A path that no row matches has no context yet. */
static bool error_page(void *ctx, struct http_req *req, struct http_res *res, int status)
{
	struct service *s = ctx;
	if (api_error_page(req, res, status))
		return true;
	req->checks = &s->gate;
	req->handlers = &s->web;
	return web_error_page(req, res, status);
}

/* Several tries, since somebody may take a free port before the server does. */
static enum rc server_start(struct service *s, struct http_config *c, struct str *err_out)
{
	struct http_table tables[SERVICE_TABLES];
	enum rc rc = RC_FAIL;
	extensions_make(s);
	tables_fill(s, tables);
	for (int i = 0; i < PORT_TRIES && rc != RC_OK; i++) {
		bool any = s->settings.port == 0;
		c->port = any ? port_free(c->listen) : (int)s->settings.port;
		*err_out = STR("the rules cannot be loaded from the store");
		TRY(contexts_fill(s, c->port, err_out));
		c->https = str_starts(s->public_url, STR("https://"));
		rc = http_server_start(c, tables, &s->server, err_out);
		if (!any || rc == RC_INVALID)
			break;
	}
	if (rc == RC_FAIL && str_is(*err_out, HTTP_PORT_TAKEN))
		*err_out = arena_fmt(&s->arena,
				     "%s, port %d: " HTTP_PORT_TAKEN "; end what listens there, or take another port "
				     "(%s takes a free one)",
				     c->listen, c->port, s->sandbox ? "--port 0" : "--set port=0");
	if (rc == RC_INVALID)
		*err_out =
			arena_fmt(&s->arena, "trusted_proxies: %.*s is no address and no network", STR_FMT(*err_out));
	return rc;
}

enum rc service_listen(struct service *s, struct str *err_out)
{
	const struct settings *set = &s->settings;
	struct tls_texts tls;
	assert(s->store && s->keys && !s->server);
	files_raise();
	enum rc rc = tls_texts_read(s, &s->arena, &tls, err_out);
	struct http_config c = {
		.listen = set->listen,
		.workers = (int)set->workers,
		.max_connections = (int)set->max_connections,
		.per_address = (int)set->per_address,
		.trusted_proxies = set->trusted_proxies,
		.tls_cert = tls.cert,
		.tls_key = tls.key,
		.origin_of_host = s->expose && !set->public_url,
		.ctx = s,
		.version = snapshot_version,
		.refresh = service_refresh,
		.turn = turn,
		.error_page = error_page,
		.served = served,
	};
	if (rc == RC_OK)
		rc = server_start(s, &c, err_out);
	tls_texts_wipe(&tls);
	if (rc != RC_OK)
		return rc;
	s->api.server = s->server;
	store_on_commit(s->store, events_committed, s);
	return RC_OK;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

void service_close(struct service *s)
{
	if (s->store)
		store_on_commit(s->store, NULL, NULL);
	if (!http_server_stop(s->server, GRACE_S)) {
		/* A handler is still at work, on a database that does not answer, say. Whatever was acknowledged is on
		 * the disk; what it works with cannot be taken away under it. */
		log_error("server.stopped_hard");
		log_stop();
		_exit(1);
	}
	login_close(s);
	outgoing_close(s);
	status_close(s->status);
	trust_close(s->trust);
	keyring_close(s->keys);
	p11_close(s->token);
	token_cache_destroy(s->tokens);
	pace_destroy(s->api.pace);
	if (s->consents_ready)
		consent_service_finish(&s->consents);
	store_close(s->store);
	if (s->data_is_ours)
		(void)nftw(s->data, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_finish(&s->arena);
	*s = (struct service){ 0 };
}
