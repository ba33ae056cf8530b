/* One running server: store, rules, keys, routes put together. */
#pragma once
#include "api/api.h"
#include "daemon/daemon.h"
#include "front/extension.h"
#include "gate/gate.h"
#include "web/web.h"

struct service {
	struct arena arena;
	struct settings settings;
	bool sandbox;
	bool expose;       /* other machines may address it by whatever host they know it by */
	const char *data;  /* directory; sandbox */
	bool data_is_ours; /* remove it at the end */
	struct store *store;
	struct p11 *token; /* where signing keys may lie; NULL: none */
	/* services; NULL where a setting asks for none */
	struct keyring *keys;
	struct trust *trust;
	struct net_pool *outgoing;
	struct remote *remote;
	struct issuers *issuers;
	struct provider *provider;
	struct token_cache *tokens;
	struct status_lists *status;
	struct consent_service consents;
	bool consents_ready;
	/* contexts of checks and handlers, over the services */
	struct issuer issuer;
	struct gate gate;
	struct api api;
	struct web web;
	void *extension[EXTENSIONS_MAX]; /* their contexts, in the arena */
	struct str public_url;           /* origin, no trailing slash */
	struct http_server *server;
	struct logo logo; /* operator.logo; its bytes lie in the arena */
	/* of the files as they were read */
	int64_t certs_stamp;
	int64_t tls_stamp;
};
/* Each step leaves what it has built in `s`; service_close takes it all down, half-built or not. err_out: one line. */
MUST_USE enum rc service_open(struct service *s, const struct daemon_options *o, struct str *err_out);
MUST_USE enum rc service_listen(struct service *s, struct str *err_out);
void service_close(struct service *s);
/* http_config.refresh: the signing keys and the registry's snapshot are brought up to date. The keys come first, so
 * that no request finds new rules with old keys. */
bool service_refresh(void *service, int64_t noted);
