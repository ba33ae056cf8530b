/* One running server: store, rules, keys, routes put together. */
#pragma once
#include "daemon/daemon.h"
#include "gate/gate.h"

struct service {
	struct arena arena;
	struct settings settings;
	bool sandbox;
	const char *data;  /* directory; sandbox */
	bool data_is_ours; /* remove it at the end */
	struct store *store;
	struct p11 *token; /* where signing keys may lie; NULL: none */
	bool consents_ready;
	struct app app;
	struct http_server *server;
	int64_t certs_stamp; /* of the certificate files as they were read */
};
/* Each step leaves what it has built in `s`; service_close takes it all down, half-built or not. err_out: one line. */
MUST_USE enum rc service_open(struct service *s, const struct daemon_options *o, struct str *err_out);
MUST_USE enum rc service_listen(struct service *s, struct str *err_out);
void service_close(struct service *s);
