#include "daemon/settings.h"

#include <assert.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scan.h"
#include "base/url.h"
#include "daemon/files.h"
#include "front/extension.h"
#include "http/http.h"
#include "keys/keyring.h"
#include "proof/status.h"

#define MASTER_TEXT_MAX 80 /* bytes of a master key file: the digits, and blanks around them */

#define ROW(field, key, type, preset, min, max, help)                                                                  \
	CONF_ROW(struct settings, field, key, type, preset, min, max, help)

// clang-format off
static const struct conf_row own_rows[] = {
	ROW(listen, "listen", CONF_TEXT, "127.0.0.1", 0, 0,
		"Address to listen on."),
	ROW(port, "port", CONF_INT, "8080", 0, 65535,
		"TCP port to listen on; 0 takes a free one."),
	ROW(public_url, "public_url", CONF_TEXT, NULL, 0, 0,
		"Public origin of this server, for viewUri, Location and links. "
		"Default: http://LISTEN:PORT."),
	ROW(issuer, "issuer", CONF_TEXT, NULL, 0, 0,
		"iss of tokens: an http or https address with a slash at its end. "
		"Grants must name it as aud, with or without \"token\" after it. "
		"Default: PUBLIC_URL and a slash."),
	ROW(store, "store", CONF_TEXT, NULL, 0, 0,
		"Database of the platform: sqlite:PATH or postgresql://… "
		"Only the owner and group of a settings file with a password in it may be able to read the file. "
		"The sandbox's default is samtykke.db in its data directory."),
	ROW(store_readers, "store.readers", CONF_INT, "0", 0, 64,
		"Database connections for reading; 0 means 4 on SQLite and 8 on PostgreSQL."),
	ROW(store_map_mb, "store.map_mb", CONF_INT, "16", 0, 1048576,
		"On SQLite: MiB of the file, from its start, that are mapped into memory and read without system calls. "
		"The mapped part counts as resident memory, but the system can take it back at any time. "
		"If the machine has memory for the whole file, set more than the file's size: "
		"requests then need less processor time."),
	ROW(events_page_size, "events.page_size", CONF_INT, "100", 1, 1000,
		"Events on one page of the feed."),
	ROW(events_safety_lag_s, "events.safety_lag_s", CONF_INT, "0", 0, 86400,
		"Seconds by which the feed delays events. Their order is right without a delay. "
		"In a sandbox they go by when the clock is moved ahead."),
	ROW(time_zone, "time_zone", CONF_TEXT, "Europe/Oslo", 0, 0,
		"Time zone of dates on pages."),
	ROW(operator_name, "operator.name", CONF_TEXT, NULL, 0, 0,
		"Name of the service's operator, in the footer of the pages and on the accessibility page. "
		"At most 100 bytes."),
	ROW(operator_contact, "operator.contact", CONF_TEXT, NULL, 0, 0,
		"Address to which people report that a page does not work for them: https, http, mailto or tel. "
		"Without it the accessibility page says that there is no such address. "
		"At most 2000 bytes, as each address of these pages."),
	ROW(operator_privacy, "operator.privacy", CONF_TEXT, NULL, 0, 0,
		"Address (https or http) of the operator's privacy policy. The footer of the pages links to it."),
	ROW(operator_help, "operator.help", CONF_TEXT, NULL, 0, 0,
		"Address where people get help: https, http, mailto or tel. The footer of the pages links to it."),
	ROW(operator_logo, "operator.logo", CONF_TEXT, NULL, 0, 0,
		"File with the operator's logo, PNG or SVG, of at most 65536 bytes; the top of the pages shows it. "
		"It needs operator.name, which is read out in its place. "
		"The server reads the file at its start. "
		"It refuses an SVG with scripts, event attributes, foreign elements, a document type or links to other files."),
	ROW(accessibility_statement, "accessibility.statement", CONF_TEXT, NULL, 0, 0,
		"Address (https) of the service's accessibility statement at uustatus.no. "
		"Public bodies in Norway must publish such a statement; the accessibility page links to it."),
	ROW(auto_register, "parties.auto_register", CONF_BOOL, "off", 0, 0,
		"Register an unknown person or organisation with valid check digits when a consent request names it. "
		"Nothing else is known of such a party, neither a name nor roles, nor whether the number is in use. "
		"When it is off, a request for an unknown party is refused."),
	ROW(master_file, "key.master_file", CONF_TEXT, NULL, 0, 0,
		"File with the 32-byte key (64 hex digits, or raw) that encrypts signing keys in the store. "
		"Only its owner may be able to read it."),
	ROW(pkcs11_module, "pkcs11.module", CONF_TEXT, NULL, 0, 0,
		"PKCS#11 library of the token (HSM) with the signing keys that samtykke key new --pkcs11 has made."),
	ROW(pkcs11_pin_file, "pkcs11.pin_file", CONF_TEXT, NULL, 0, 0,
		"File with the token's user PIN. Only its owner may be able to read it. "
		"After the token has refused a PIN, the program does not try again until it is restarted."),
	ROW(tls_cert, "tls.cert", CONF_TEXT, NULL, 0, 0,
		"PEM file with the certificate chain, for small installations without a proxy in front."),
	ROW(tls_key, "tls.key", CONF_TEXT, NULL, 0, 0,
		"PEM file with the certificate's private key. Only its owner may be able to read it. "
		"The server offers TLS 1.2 and 1.3. "
		"It reads both files again within a minute of a change, and at once on SIGHUP; connections stay open. "
		"If they cannot be used, the old certificate stays in force, and the log has tls.kept."),
	ROW(cert_roots, "cert.roots", CONF_TEXT, NULL, 0, 0,
		"PEM file with root certificate authorities. "
		"Clients may sign grants with organisation certificates of these authorities (x5c). "
		"Without it no such grants are accepted."),
	ROW(cert_intermediates, "cert.intermediates", CONF_TEXT, NULL, 0, 0,
		"PEM file with the intermediate authorities, for clients that send only their own certificate."),
	ROW(cert_crls, "cert.crls", CONF_TEXT, NULL, 0, 0,
		"PEM file with revocation lists. "
		"With it, each certificate of a chain needs a current list; otherwise the grant is refused. "
		"The server reads the three cert files again within a minute of a change, and at once on SIGHUP. "
		"If a file cannot be read, the old certificates stay in force, and the log has certs.kept."),
	ROW(token_rate, "token.rate", CONF_INT, "100", 0, 1000000,
		"Tokens per second that one client gets over a longer time; more requests get 429 with Retry-After. "
		"0 means no limit. "
		"Each server process counts for itself."),
	ROW(token_burst, "token.burst", CONF_INT, "1000", 1, 1000000,
		"Tokens that one client gets at once after a pause."),
	ROW(publish_rate, "publish.rate", CONF_INT, "10", 0, 1000000,
		"Changes per second that one organisation may make over a longer time, by self-service and in the resource registry; "
		"more get 429 with Retry-After. "
		"0 means no limit. "
		"Each server process counts for itself."),
	ROW(publish_burst, "publish.burst", CONF_INT, "300", 1, 1000000,
		"Changes that one organisation may make at once after a pause."),
	ROW(aud_unspecified, "token.aud_unspecified", CONF_BOOL, "off", 0, 0,
		"Give tokens that were requested without a resource the aud \"unspecified\", as before 2020. "
		"Otherwise they have no aud."),
	ROW(consumer_prefix, "token.consumer_prefix", CONF_BOOL, "off", 0, 0,
		"Put the claim consumer_prefix into tokens: the prefixes of scopes that the consumer owns."),
	ROW(trusted_issuers, "trusted_issuers", CONF_TEXT, NULL, 0, 0,
		"Further issuers whose access tokens the consent API accepts: ISSUER JWKS-URL, separated by commas. "
		"Of these tokens it uses consumer, supplier and the scopes altinn:consentrequests.* only. "
		"With \"enduser\" after JWKS-URL, the issuer's tokens may also act for people (altinn:portal/enduser)."),
	ROW(lookup_url, "consent.lookup_url", CONF_TEXT, NULL, 0, 0,
		"Look up the consents of grants at another platform instead of in the store. "
		"The value is the address of its maskinporten/consent/lookup; a gateway may need the slash at its end."),
	ROW(lookup_client, "consent.lookup_client_id", CONF_TEXT, NULL, 0, 0,
		"Client that fetches the token for the lookup. "
		"Without it this server signs the token with its own key, for a platform that trusts its issuer."),
	ROW(lookup_key, "consent.lookup_client_key", CONF_TEXT, NULL, 0, 0,
		"File with that client's private key (JWK). Only its owner and group may be able to read it."),
	ROW(lookup_issuer, "consent.lookup_issuer", CONF_TEXT, NULL, 0, 0,
		"Issuer, with its slash, of that client's token. "
		"The grant is sent to this address followed by \"token\"."),
	ROW(lookup_subscription_key, "consent.lookup_subscription_key", CONF_SECRET, NULL, 0, 0,
		"Sent as Ocp-Apim-Subscription-Key to the API gateway in front of the other platform."),
	ROW(lookup_timeout_s, "consent.lookup_timeout_s", CONF_INT, "5", 1, 10,
		"Seconds for one lookup, including the token for it."),
	ROW(outgoing_threads, "outgoing.threads", CONF_INT, "8", 1, 64,
		"Calls to other servers at the same time. "
		"Running and waiting calls together are never more than half of the workers; "
		"further requests are answered with 503."),
	ROW(token_alg, "token.alg", CONF_TEXT, "RS256", 0, 0,
		"Algorithm of access tokens if neither scope nor client names one (tokenAlg): "
		"RS256, PS256, ES256 or EdDSA. "
		"samtykke serve starts only if a key of this algorithm signs."),
	ROW(oidc_issuer, "oidc.issuer", CONF_TEXT, NULL, 0, 0,
		"OpenID provider of end users, exactly as it names itself: https://idporten.no. "
		"Its metadata gives the addresses. "
		"Without it samtykke serve has no login, and the sandbox has its test login."),
	ROW(oidc_client_id, "oidc.client_id", CONF_TEXT, NULL, 0, 0,
		"Client id of this server at the provider. "
		"Register there PUBLIC_URL/login/callback as redirect URI, "
		"PUBLIC_URL/accessmanagement/api/v1/logoutredirect as the address after a logout, "
		"and PUBLIC_URL/logout/frontchannel or PUBLIC_URL/logout/backchannel for logouts that begin elsewhere."),
	ROW(oidc_client_secret, "oidc.client_secret", CONF_SECRET, NULL, 0, 0,
		"Client secret (client_secret_basic), unless there is an oidc.client_key. "
		"Only the owner and group of a settings file with it may be able to read the file."),
	ROW(oidc_client_key, "oidc.client_key", CONF_TEXT, NULL, 0, 0,
		"File with the client's private key as JWK or PEM (private_key_jwt). "
		"Only its owner and group may be able to read it. "
		"The kid of a JWK must be the registered one."),
	ROW(oidc_scope, "oidc.scope", CONF_TEXT, "openid", 0, 0,
		"Scopes that the login asks for, separated by spaces. They must include openid. "
		"Many providers give a person's name to the scope profile alone. "
		"A person whom the register does not name is called by the id_token's name."),
	ROW(oidc_acr, "oidc.acr", CONF_TEXT, "idporten-loa-substantial", 0, 0,
		"Lowest authentication context class that is accepted: idporten-loa-substantial (level 3), "
		"idporten-loa-high (level 4), or a lower one of ID-porten. "
		"A consent whose policy requires level 4 asks for idporten-loa-high."),
	ROW(oidc_post_logout, "oidc.post_logout_redirect_uri", CONF_TEXT, NULL, 0, 0,
		"Address to which the provider sends the browser after a logout. "
		"Default: PUBLIC_URL/accessmanagement/api/v1/logoutredirect. "
		"With another address, that page must send the browser on to the default."),
	ROW(login_fresh_s, "login.fresh_s", CONF_INT, "0", 0, 7200,
		"Greatest age in seconds of the login with which a person may decide. "
		"With an older login the person logs in again, comes back and decides then. "
		"0 means no limit."),
	ROW(token_status, "token.status", CONF_BOOL, "on", 0, 0,
		"Consent tokens name a status list, in which a verifier sees whether the consent has ended (claim status). "
		"A client that cannot handle the claim has \"statusList\": false in its entry."),
	ROW(status_ttl_s, "status.ttl_s", CONF_INT, "10", 1, STATUS_TTL_MAX_S,
		"Seconds for which a verifier may keep a status list before it asks again."),
	ROW(workers, "workers", CONF_INT, "32", 1, 512,
		"Requests that run at the same time. "
		"They share one thread for each processor, or for each sixteen requests if that gives more threads, "
		"and let others run while they wait for the disk. "
		"A PostgreSQL server that is far away needs more workers."),
	ROW(max_connections, "http.max_connections", CONF_INT, "0", 0, HTTP_CONNECTIONS_MAX,
		"Connections at the same time; 0 means 16384, or as many as the system's limit of open files leaves. "
		"If all places are taken, a new connection takes the place of the one that has waited longest for a "
		"request."),
	ROW(per_address, "http.per_address", CONF_INT, "0", 0, HTTP_CONNECTIONS_MAX,
		"Connections of one address at the same time (of one /64 network on IPv6); "
		"0 means a quarter of all. More are closed at once. "
		"Loopback and trusted_proxies are exempt."),
	ROW(trusted_proxies, "trusted_proxies", CONF_TEXT, NULL, 0, 0,
		"Addresses and networks of proxies in front of the server, separated by commas: 10.0.0.0/8, ::1. "
		"Behind them each request counts for the last address in X-Forwarded-For that is none of theirs: "
		"it may have as many requests under way as http.per_address says, and more get 503."),
	ROW(log_level, "log.level", CONF_TEXT, "info", 0, 0,
		"Lowest level that is logged: debug, info, warn or error."),
	ROW(log_format, "log.format", CONF_TEXT, NULL, 0, 0,
		"text or json. Default: json under samtykke serve, text in the sandbox."),
};
// clang-format on

#define EXTENSION_ROWS_MAX 16

static size_t extension_offset(size_t i)
{
	size_t at = 0;
	for (size_t k = 0; k < i; k++)
		at += (extensions[k]->settings_size + sizeof(max_align_t) - 1) / sizeof(max_align_t) *
		      sizeof(max_align_t);
	assert(at + (extensions[i] ? extensions[i]->settings_size : 0) <= SETTINGS_EXTENSIONS);
	return at;
}

const void *settings_of_extension(const struct settings *s, size_t i)
{
	return s->extensions + extension_offset(i);
}

/* Called before there are threads. */
const struct conf_row *settings_table(size_t *n_out)
{
	static struct conf_row rows[LEN(own_rows) + EXTENSION_ROWS_MAX];
	size_t n = LEN(own_rows);
	memcpy(rows, own_rows, sizeof own_rows);
	for (size_t i = 0; extensions[i]; i++)
		for (size_t k = 0; k < extensions[i]->n_settings; k++) {
			assert(n < LEN(rows));
			rows[n] = extensions[i]->settings[k];
			rows[n++].offset += offsetof(struct settings, extensions) + extension_offset(i);
		}
	*n_out = n;
	return rows;
}

enum rc settings_load(struct settings *s, struct arena *a, const char *file, const char *const *sets, size_t n_sets,
		      struct str *err_out)
{
	*s = (struct settings){ 0 };
	size_t n;
	const struct conf_row *rows = settings_table(&n);
	TRY(conf_defaults(rows, n, s));
	if (file)
		TRY(conf_file(rows, n, s, a, file, err_out));
	TRY(conf_env(rows, n, s, a, err_out));
	for (size_t i = 0; i < n_sets; i++)
		TRY(conf_set(rows, n, s, a, str_of(sets[i]), err_out));
	return RC_OK;
}

static enum rc choose(const char *value, const char *const *names, size_t n, int *out)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(str_of(value), names[i])) {
			*out = (int)i;
			return RC_OK;
		}
	return RC_INVALID;
}

/* `value` NULL: the setting is not set, which is allowed. */
static enum rc length_check(struct arena *a, const char *key, const char *value, size_t max, struct str *err_out)
{
	if (!value || strlen(value) <= max)
		return RC_OK;
	*err_out = arena_fmt(a, "%s: longer than %zu bytes", key, max);
	return RC_INVALID;
}

/* `value` NULL: the setting is not set, which is allowed. `schemes`: separated by spaces. */
static enum rc address_check(struct arena *a, const char *key, const char *value, const char *schemes,
			     struct str *err_out)
{
	struct url u;
	TRY(length_check(a, key, value, SETTINGS_MAX_ADDRESS, err_out));
	if (!value)
		return RC_OK;
	if (url_parse(str_of(value), &u) == RC_OK && str_has_word(str_of(schemes), u.scheme) &&
	    (!str_starts(u.scheme, STR("http")) || url_is_web(&u, false)))
		return RC_OK;
	*err_out = arena_fmt(a, "%s: %s is not an address that begins with one of: %s", key, value, schemes);
	return RC_INVALID;
}

bool settings_is_issuer(const char *text)
{
	struct url u;
	struct str s = str_of(text);
	return url_parse(s, &u) == RC_OK && url_is_web(&u, false) && !u.query.p && !u.fragment.p &&
	       str_ends(s, STR("/"));
}

static enum rc operator_check(const struct settings *s, struct arena *a, struct str *err_out)
{
	TRY(length_check(a, "operator.name", s->operator_name, SETTINGS_MAX_NAME, err_out));
	TRY(address_check(a, "operator.contact", s->operator_contact, "https http mailto tel", err_out));
	TRY(address_check(a, "operator.privacy", s->operator_privacy, "https http", err_out));
	TRY(address_check(a, "operator.help", s->operator_help, "https http mailto tel", err_out));
	TRY(address_check(a, "accessibility.statement", s->accessibility_statement, "https", err_out));
	if (!s->operator_logo || (s->operator_name && *s->operator_name))
		return RC_OK;
	*err_out = STR("operator.logo: needs operator.name, which is read out in its place");
	return RC_INVALID;
}

enum rc settings_use(const struct settings *s, struct arena *a, bool sandbox, struct str *err_out)
{
	static const char *const levels[LOG__MAX] = { "debug", "info", "warn", "error" };
	static const char *const formats[] = { "text", "json" };
	int level = LOG_INFO, format = sandbox ? LOG_TEXT : LOG_JSON;
	if (choose(s->log_level, levels, LEN(levels), &level) != RC_OK) {
		*err_out = arena_fmt(a, "log.level: %s is none of debug, info, warn, error", s->log_level);
		return RC_INVALID;
	}
	if (s->log_format && choose(s->log_format, formats, LEN(formats), &format) != RC_OK) {
		*err_out = arena_fmt(a, "log.format: %s is neither text nor json", s->log_format);
		return RC_INVALID;
	}
	log_setup((enum log_level)level, (enum log_format)format);
	enum jose_alg alg;
	if (keyring_alg(str_of(s->token_alg), &alg) != RC_OK) {
		*err_out = arena_fmt(a, "token.alg: %s is none of " KEYRING_ALGS, s->token_alg);
		return RC_INVALID;
	}
	if (s->issuer && !settings_is_issuer(s->issuer)) {
		*err_out =
			arena_fmt(a, "issuer: %s is not an http or https address with a slash at its end", s->issuer);
		return RC_INVALID;
	}
	TRY(address_check(a, "public_url", s->public_url, "https http", err_out));
	TRY(address_check(a, "oidc.post_logout_redirect_uri", s->oidc_post_logout, "https http", err_out));
	TRY(operator_check(s, a, err_out));
	if (clock_zone(s->time_zone) != RC_OK) {
		*err_out = arena_fmt(a, "time_zone: there is no time zone %s", s->time_zone);
		return RC_INVALID;
	}
	return RC_OK;
}

static enum rc from_hex(struct str text, uint8_t key_out[32])
{
	uint8_t key[32];
	if (text.n != 64)
		return RC_INVALID;
	for (size_t i = 0; i < 32; i++) {
		int high = hex_value(text.p[2 * i]), low = hex_value(text.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return RC_INVALID;
		key[i] = (uint8_t)(high << 4 | low);
	}
	memcpy(key_out, key, sizeof key);
	explicit_bzero(key, sizeof key);
	return RC_OK;
}

static enum rc from_text(struct str text, uint8_t key_out[32])
{
	if (text.n != 32)
		return from_hex(str_trim(text), key_out);
	memcpy(key_out, text.p, 32);
	return RC_OK;
}

enum rc settings_master_read(const char *key, const char *path, struct arena *a, uint8_t key_out[32],
			     struct str *err_out)
{
	assert(key && path);
	struct str text = STR("");
	enum rc rc = file_read_secret(a, &(struct secret_file){ key, path, MASTER_TEXT_MAX, PRIVATE_TO_OWNER }, &text,
				      err_out);

	if (rc == RC_INVALID || rc == RC_DENIED)
		return rc;
	if (rc == RC_OK)
		rc = from_text(text, key_out);
	if (rc != RC_OK)
		*err_out = arena_fmt(a, "%s: %s holds neither 64 hex digits nor 32 bytes", key, path);
	str_wipe(text);
	return rc == RC_OK ? RC_OK : RC_INVALID;
}

enum rc settings_master(const struct settings *s, struct arena *a, uint8_t key_out[32], struct str *err_out)
{
	if (!s->master_file)
		return RC_NOT_FOUND;
	return settings_master_read("key.master_file", s->master_file, a, key_out, err_out);
}

enum rc settings_token(const struct settings *s, struct arena *a, struct p11 **out, struct str *err_out)
{
	struct str pin = STR("");
	*out = NULL;
	if (!s->pkcs11_module)
		return RC_OK;
	if (s->pkcs11_pin_file)
		TRY(file_read_secret(
			a,
			&(struct secret_file){ "pkcs11.pin_file", s->pkcs11_pin_file, P11_PIN_MAX, PRIVATE_TO_OWNER },
			&pin, err_out));
	enum rc rc = p11_open(a, s->pkcs11_module, str_trim(pin), out, err_out);
	if (rc != RC_OK)
		*err_out = arena_fmt(a, "pkcs11.module: %.*s", STR_FMT(*err_out));
	str_wipe(pin);
	return rc;
}
