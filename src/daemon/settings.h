/* The settings of `serve` and `sandbox`: one table, from which samtykke.conf(5) is made. */
#pragma once
#include "base/conf.h"
#include "jose/pkcs11.h"

struct settings {
	const char *listen;
	int64_t port;
	const char *public_url;
	const char *issuer;
	const char *store;
	int64_t store_readers;
	int64_t store_map_mb;
	int64_t events_page_size;
	int64_t events_safety_lag_s;
	const char *time_zone;
	const char *operator_name;
	const char *operator_contact;
	const char *accessibility_statement;
	bool auto_register;
	const char *master_file;
	const char *pkcs11_module;
	const char *pkcs11_pin_file;
	const char *tls_cert;
	const char *tls_key;
	const char *cert_roots;
	const char *cert_intermediates;
	const char *cert_crls;
	int64_t token_rate;
	int64_t token_burst;
	bool aud_unspecified;
	bool consumer_prefix;
	const char *trusted_issuers;
	const char *lookup_url;
	const char *lookup_issuer;
	const char *lookup_client;
	const char *lookup_key;
	const char *lookup_subscription_key;
	int64_t lookup_timeout_s;
	int64_t outgoing_threads;
	const char *token_alg;
	const char *oidc_issuer;
	const char *oidc_client_id;
	const char *oidc_client_secret;
	const char *oidc_client_key;
	const char *oidc_scope;
	const char *oidc_acr;
	const char *oidc_post_logout;
	int64_t login_fresh_s;
	bool token_status;
	int64_t status_ttl_s;
	int64_t workers;
	const char *log_level;
	const char *log_format;
};

extern const struct conf_row settings_rows[];
extern const size_t settings_n;

/* Defaults, then the file (NULL: none), the environment and each KEY=VALUE. RC_INVALID: err_out is one line. */
MUST_USE enum rc settings_load(struct settings *s, struct arena *a, const char *file, const char *const *sets,
			       size_t n_sets, struct str *err_out);
/* Sets the log up and the time zone of the process. RC_INVALID as above. */
MUST_USE enum rc settings_use(const struct settings *s, struct arena *a, bool sandbox, struct str *err_out);
/* Can it be an issuer's name, to which "token" is appended? http or https, a host, a slash at its end, and neither
 * query nor fragment. */
bool settings_is_issuer(const char *text);
/* Key of 64 hex digits or 32 raw bytes in a file that only its owner can read; `key` names the setting in err_out. */
MUST_USE enum rc settings_master_read(const char *key, const char *path, struct arena *a, uint8_t key_out[32],
				      struct str *err_out);
/* Opens pkcs11.module with the PIN in pkcs11.pin_file. *out NULL: none is set. */
MUST_USE enum rc settings_token(const struct settings *s, struct arena *a, struct p11 **out, struct str *err_out);
/* Reads key.master_file: 64 hex digits or 32 raw bytes, readable by its owner only. RC_NOT_FOUND when none is set. */
MUST_USE enum rc settings_master(const struct settings *s, struct arena *a, uint8_t key_out[32], struct str *err_out);
