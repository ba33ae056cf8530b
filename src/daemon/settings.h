/* The settings of `samtykke serve` and `samtykke sandbox`. samtykke.conf(5) is made from the same table. */
#pragma once
#include <stdalign.h>
#include <stddef.h>

#include "base/conf.h"
#include "jose/pkcs11.h"

#define SETTINGS_MAX_NAME 100     /* bytes of operator.name */
#define SETTINGS_MAX_ADDRESS 2000 /* bytes of an address that pages link to, or that a browser is sent to */

#define SETTINGS_EXTENSIONS 256 /* bytes of the structs of extensions */

/* Text is borrowed from the arena of settings_load or from the table; NULL: not set, and no default. */
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
	const char *operator_privacy;
	const char *operator_help;
	const char *operator_logo;
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
	int64_t publish_rate;
	int64_t publish_burst;
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
	int64_t max_connections;
	int64_t per_address;
	const char *trusted_proxies;
	const char *log_level;
	const char *log_format;
	/* settings of extensions, one struct behind the other; settings_of_extension finds them */
	alignas(max_align_t) char extensions[SETTINGS_EXTENSIONS];
};

/* The rows of the program, and behind them those of its extensions; *n_out of them. */
const struct conf_row *settings_table(size_t *n_out);
/* The settings of the i-th extension, whose type the extension knows. */
const void *settings_of_extension(const struct settings *s, size_t i);

/* Fills *s with the defaults, then the file (NULL: none), the environment and each KEY=VALUE of `sets`; the later
 * source wins. On failure *err_out is one line in `a`. RC_INVALID: a setting is unknown, or its value is not allowed.
 * RC_NOT_FOUND: there is no such file. RC_FAIL: the file cannot be read. */
MUST_USE enum rc settings_load(struct settings *s, struct arena *a, const char *file, const char *const *sets,
			       size_t n_sets, struct str *err_out);
/* Sets the log and the time zone of the process, and checks the values that the table cannot check. RC_INVALID:
 * *err_out is one line in `a`. */
MUST_USE enum rc settings_use(const struct settings *s, struct arena *a, bool sandbox, struct str *err_out);
/* True for a name of an issuer: an http or https address with a host and a slash at the end, without query and
 * fragment. */
bool settings_is_issuer(const char *text);
/* Reads a key of 64 hex digits or 32 raw bytes from a file that only its owner can read. `key` names the setting in
 * *err_out. RC_INVALID: the file cannot be read, or holds something else. RC_DENIED: others can read it. The caller
 * wipes key_out. */
MUST_USE enum rc settings_master_read(const char *key, const char *path, struct arena *a, uint8_t key_out[32],
				      struct str *err_out);
/* Reads the master key from the file key.master_file, as settings_master_read. RC_NOT_FOUND: the setting is not set;
 * *err_out is not written then. */
MUST_USE enum rc settings_master(const struct settings *s, struct arena *a, uint8_t key_out[32], struct str *err_out);
/* Opens the PKCS#11 module pkcs11.module with the PIN in pkcs11.pin_file. *out NULL: no module is set. The caller
 * closes *out with p11_close. On failure *err_out is one line. */
MUST_USE enum rc settings_token(const struct settings *s, struct arena *a, struct p11 **out, struct str *err_out);
