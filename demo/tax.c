/* The tax authority: a data source as one small web service.
 *
 * It returns a person's income for a token that proves the person's consent. The issuer has signed the token, which
 * names the consent, its giver, its recipient and its resources. samtykke_verify checks all of that in one call,
 * without asking the platform. samtykke_token_status checks in the issuer's status list, a copy of which is kept for
 * seconds, that the consent has not ended. The calls of libsamtykke that a data source needs are in verifier_open,
 * token_check and consent_is_valid. The service also reports each use (use_report), so that the person sees it.
 *
 * A bank that still speaks Altinn 2 sends an access token without a consent, and the token of Altinn 2 in the header
 * AltinnSamtykke. altinn2_check verifies the two together. */
#include <samtykke/samtykke.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "key.h"
#include "web.h"

#define SITE "Tax authority"
#define RESOURCE "ttd_inntektsopplysninger"
#define PID_LEN 11
#define YEAR_LEN 4
#define ALTINN2_HEADER "AltinnSamtykke"
#define ALTINN2_MAX_DAYS 10 /* from the consent's beginning to its end */

static const char *port = "8081", *issuer = "http://127.0.0.1:8080/", *scope = "ttd:inntekt";
static const char *jwks; /* NULL: the issuer's metadata names it */
static const char *altinn2_jwks, *service = "4629_2";
static const char *server_time_url;
static const char *platform, *client_id = "5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b04", *key_file;
static struct samtykke_client *reporter;   /* NULL: uses are not reported */
static struct samtykke_verifier *verifier; /* one for the whole process; many threads may use it at once */

/* ---- the data: invented, but the same each time for the same person and year ---- */

static uint32_t mix(const char *pid, const char *year)
{
	uint32_t h = 2166136261U; /* FNV-1a */
	for (const char *p = pid; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619U;
	for (const char *p = year; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619U;
	return h;
}

static void income_write(FILE *out, const char *pid, const char *year)
{
	uint32_t h = mix(pid, year);
	long base = 34000 + 500 * (long)(h % 61), sum = 0;
	fputs("{\"inntektsaar\":", out);
	web_json(out, year);
	fputs(",\"loennPerMaaned\":[", out);
	for (int month = 1; month <= 12; month++) {
		long pay = month == 6 ? base + base / 5 : base; /* holiday pay comes in June */
		fprintf(out, "%s%ld", month == 1 ? "" : ",", pay);
		sum += pay;
	}
	fprintf(out, "],\"sum\":%ld}\n", sum);
}

/* ---- checking tokens ---- */

/* 401: the token is not valid, another one may be. 403: the token is valid, but its consent does not cover the request.
 */
static int status_of(enum samtykke_rc rc)
{
	static const int statuses[SAMTYKKE_RC_MAX] = {
		[SAMTYKKE_OK] = 200,
		[SAMTYKKE_MALFORMED] = 401,
		[SAMTYKKE_BAD_ALGORITHM] = 401,
		[SAMTYKKE_UNKNOWN_KEY] = 401,
		[SAMTYKKE_BAD_SIGNATURE] = 401,
		[SAMTYKKE_WRONG_ISSUER] = 401,
		[SAMTYKKE_WRONG_AUDIENCE] = 401,
		[SAMTYKKE_EXPIRED] = 401,
		[SAMTYKKE_NOT_YET] = 401,
		[SAMTYKKE_WRONG_SCOPE] = 403,
		[SAMTYKKE_NO_CONSENT] = 403,
		[SAMTYKKE_BAD_CONSENT] = 403,
		[SAMTYKKE_CONSENT_EXPIRED] = 403,
		[SAMTYKKE_WRONG_RECIPIENT] = 403,
		[SAMTYKKE_WRONG_GIVER] = 403,
		[SAMTYKKE_NOT_COVERED] = 403,
		[SAMTYKKE_WRONG_KIND] = 403,
		[SAMTYKKE_AMBIGUOUS] = 403,
		[SAMTYKKE_TOO_LONG] = 403,
		[SAMTYKKE_UNAVAILABLE] = 503,
	};
	return statuses[rc] ? statuses[rc] : 500;
}

static void refuse(struct web_call *call, int status, const char *error, const char *message)
{
	call->status = status;
	if (status == 401 || status == 403)
		snprintf(call->authenticate, sizeof call->authenticate, "Bearer error=\"%s\"",
			 status == 401 ? "invalid_token" : "insufficient_scope");
	fputs("{\"error\":", call->out);
	web_json(call->out, error);
	fputs(",\"message\":", call->out);
	web_json(call->out, message);
	fputs("}\n", call->out);
}

static enum samtykke_rc bearer_verify(const char *authorization, const struct samtykke_expect *expect,
				      struct samtykke_token **out)
{
	if (strncasecmp(authorization, "Bearer ", 7) != 0)
		return SAMTYKKE_MALFORMED;
	return samtykke_verify(verifier, authorization + 7, strlen(authorization + 7), expect, out);
}

/* Checks that the token has this scope, and a consent of this person for this resource and this year. samtykke_verify
 * always checks recipient and validity. */
static enum samtykke_rc token_check(const char *authorization, const char *pid, const char *year,
				    struct samtykke_token **out)
{
	struct samtykke_expect expect = SAMTYKKE_EXPECT;
	expect.scope = scope;
	expect.from = pid;
	expect.resource = RESOURCE;
	expect.metadata = (const char *[]){ "inntektsaar", year, NULL };
	return bearer_verify(authorization, &expect, out);
}

/* Checks a token of Altinn 2, of any generation, against the access token beside it: the organisation that asks must be
 * the one that has the consent. The first generation does not name the year, so that it never covers a request. */
static enum samtykke_rc altinn2_check(const struct samtykke_token *access, const char *text, const char *pid,
				      const char *year, struct samtykke_token **out)
{
	struct samtykke_expect expect = SAMTYKKE_EXPECT;
	if (!samtykke_token_consumer(access))
		return SAMTYKKE_WRONG_RECIPIENT;
	expect.kinds = SAMTYKKE_KIND_ALTINN2;
	expect.consumer = samtykke_token_consumer(access);
	expect.supplier = samtykke_token_supplier(access);
	expect.from = pid;
	expect.service = service;
	expect.metadata = (const char *[]){ "inntektsaar", year, NULL };
	expect.max_validity_s = ALTINN2_MAX_DAYS * 86400;
	return samtykke_verify(verifier, text, strlen(text), &expect, out);
}

/* A token is valid for minutes, and a person may withdraw the consent sooner. If the status list cannot be fetched, the
 * request is refused, and the bank has to try again. */
static bool consent_is_valid(struct web_call *call, const struct samtykke_token *token)
{
	const char *why;
	switch (samtykke_token_status(verifier, token, &why)) {
	case SAMTYKKE_STATUS_NONE:
	case SAMTYKKE_STATUS_VALID:
		return true;
	case SAMTYKKE_STATUS_REVOKED:
		refuse(call, 403, "consent-ended",
		       "The consent has ended since the token was issued: it was withdrawn, or its time is over.");
		return false;
	case SAMTYKKE_STATUS_UNKNOWN:
		break;
	}
	refuse(call, 503, "status-unknown", why ? why : "Nobody says whether the consent still stands.");
	return false;
}

/* Reports the use, which the person sees on the page of the agreement. The token's jti is the reference: each token
 * counts as one use, and a report whose answer was lost can be sent again. In Altinn 2 the bank itself reports. */
static const char *use_report(const struct samtykke_token *token)
{
	enum samtykke_rc rc = SAMTYKKE_UNAVAILABLE;
	if (!reporter || samtykke_token_altinn2(token))
		return "no";
	for (int i = 0; i < 2 && rc == SAMTYKKE_UNAVAILABLE; i++)
		rc = samtykke_use_report(reporter, samtykke_consent_id(token), RESOURCE, samtykke_token_jti(token), 0);
	return samtykke_rc_name(rc);
}

/* A data source keeps a record of each delivery: the recipient and the consent. */
static void delivery_log(const struct samtykke_token *token, const char *reported)
{
	flockfile(stdout);
	fputs("{\"event\":\"delivered\",\"reported\":", stdout);
	web_json(stdout, reported);
	fputs(",\"consent\":", stdout);
	web_json(stdout, samtykke_consent_id(token));
	fputs(",\"consumer\":", stdout);
	web_json(stdout, samtykke_token_consumer(token));
	fputs(",\"token\":", stdout);
	web_json(stdout, samtykke_token_jti(token) ? samtykke_token_jti(token) : "");
	fputs("}\n", stdout);
	fflush(stdout);
	funlockfile(stdout);
}

/* ---- pages ---- */

static bool income_path(const char *path, char pid_out[PID_LEN + 1], char year_out[YEAR_LEN + 1])
{
	static const char prefix[] = "/income/", digits[] = "0123456789";
	if (strncmp(path, prefix, sizeof prefix - 1) != 0)
		return false;
	const char *pid = path + sizeof prefix - 1;
	if (strspn(pid, digits) != PID_LEN || pid[PID_LEN] != '/')
		return false;
	const char *year = pid + PID_LEN + 1;
	if (strspn(year, digits) != YEAR_LEN || year[YEAR_LEN])
		return false;
	snprintf(pid_out, PID_LEN + 1, "%s", pid);
	snprintf(year_out, YEAR_LEN + 1, "%s", year);
	return true;
}

static bool refuse_rc(struct web_call *call, int status, enum samtykke_rc rc)
{
	refuse(call, status, samtykke_rc_name(rc), samtykke_rc_text(rc));
	return false;
}

static bool bearer_take(struct web_call *call, const char *pid, const char *year, struct samtykke_token **out)
{
	enum samtykke_rc rc = token_check(web_header(call, "Authorization"), pid, year, out);
	return rc == SAMTYKKE_OK || refuse_rc(call, status_of(rc), rc);
}

/* Where the bearer token has a consent of its own, that one counts. A fault of the token of Altinn 2 is 403: another
 * bearer token would not help. */
static bool altinn2_take(struct web_call *call, const char *pid, const char *year, struct samtykke_token **out)
{
	struct samtykke_expect expect = SAMTYKKE_EXPECT;
	struct samtykke_token *access;
	expect.scope = scope;
	enum samtykke_rc rc = bearer_verify(web_header(call, "Authorization"), &expect, &access);
	if (rc != SAMTYKKE_OK)
		return refuse_rc(call, status_of(rc), rc);
	bool newer = samtykke_token_has_consent(access);
	if (!newer)
		rc = altinn2_check(access, web_header(call, ALTINN2_HEADER), pid, year, out);
	samtykke_token_destroy(access);
	if (newer)
		return bearer_take(call, pid, year, out);
	return rc == SAMTYKKE_OK || refuse_rc(call, status_of(rc) == 401 ? 403 : status_of(rc), rc);
}

static void income(struct web_call *call, const char *pid, const char *year)
{
	struct samtykke_token *token;
	call->type = "application/json";
	bool older = *web_header(call, ALTINN2_HEADER) != '\0';
	if (older ? !altinn2_take(call, pid, year, &token) : !bearer_take(call, pid, year, &token))
		return;
	if (consent_is_valid(call, token)) {
		income_write(call->out, pid, year);
		delivery_log(token, use_report(token));
	}
	samtykke_token_destroy(token);
}

static void start_page(struct web_call *call)
{
	web_page_begin(call, SITE, "Income, with consent");
	fputs("<p>A service for programs. It answers:</p>\n"
	      "<p><code>GET /income/NATIONAL-IDENTITY-NUMBER/YEAR</code></p>\n"
	      "<p>with the header <code>Authorization: Bearer TOKEN</code>, where the token</p>\n<ul>\n<li>is signed "
	      "by <code>",
	      call->out);
	web_html(call->out, issuer);
	fputs("</code>,</li>\n<li>has the scope <code>", call->out);
	web_html(call->out, scope);
	fputs("</code>,</li>\n<li>carries a consent from that person, to the organisation that asks, for "
	      "<code>" RESOURCE "</code> and that <code>inntektsaar</code>.</li>\n</ul>\n"
	      "<p>A token without a consent is enough where a token of Altinn 2 for the service <code>",
	      call->out);
	web_html(call->out, service);
	fputs("</code> stands beside it, in the header <code>" ALTINN2_HEADER "</code>.</p>\n"
	      "<p>The figures are made up. A token is checked here; of the platform only a list is asked for, every "
	      "few "
	      "seconds, that says which consents have ended. What is handed out can be told to it afterwards.</p>\n",
	      call->out);
	web_page_end(call);
}

static void handle(struct web_call *call)
{
	char pid[PID_LEN + 1], year[YEAR_LEN + 1];
	bool get = strcmp(call->method, "GET") == 0 || strcmp(call->method, "HEAD") == 0;
	if (get && strcmp(call->path, "/") == 0) {
		start_page(call);
	} else if (get && strcmp(call->path, "/style.css") == 0) {
		call->type = "text/css";
		fputs(web_style, call->out);
	} else if (get && income_path(call->path, pid, year)) {
		income(call, pid, year);
	} else {
		call->status = 404;
		call->type = "application/json";
		fputs("{\"error\":\"not-found\",\"message\":\"There is only "
		      "/income/NATIONAL-IDENTITY-NUMBER/YEAR.\"}\n",
		      call->out);
	}
}

/* ---- the program ---- */

static int64_t server_now(void *timekeeper)
{
	return samtykke_client_now(timekeeper);
}

static void key_skipped(void *ctx, const char *kid, const char *why)
{
	(void)ctx;
	fprintf(stderr, "tax: the issuer's key %s is skipped: %s\n", kid ? kid : "without kid", why);
}

/* Its address without the slash at the end. */
static const char *issuer_origin(void)
{
	static char text[256];
	size_t n = strlen(issuer);
	while (n && issuer[n - 1] == '/')
		n--;
	snprintf(text, sizeof text, "%.*s", (int)n, issuer);
	return text;
}

static const char *altinn2_keys(void)
{
	static char text[300];
	snprintf(text, sizeof text, "%s/api/metadata/jwk", issuer_origin());
	return text;
}

/* A verifier needs only the issuer's name, and the address of Altinn 2's keys. `timekeeper` is for a sandbox whose
 * clock was moved. */
static enum samtykke_rc verifier_open(struct samtykke_client *timekeeper)
{
	struct samtykke_verifier_options options = SAMTYKKE_VERIFIER_OPTIONS;
	options.issuer = issuer;
	options.jwks_url = jwks;
	options.altinn2_jwks_url = altinn2_jwks ? altinn2_jwks : altinn2_keys();
	options.key_skipped = key_skipped;
	if (timekeeper) {
		options.now = server_now;
		options.now_ctx = timekeeper;
	}
	return samtykke_verifier_create(&options, &verifier);
}

static enum samtykke_rc timekeeper_open(struct samtykke_client **out)
{
	struct samtykke_client_options options = SAMTYKKE_CLIENT_OPTIONS;
	if (!server_time_url)
		return SAMTYKKE_OK;
	options.base_url = server_time_url;
	options.server_time = true;
	return samtykke_client_create(&options, out);
}

static enum samtykke_rc reporter_open(void)
{
	struct samtykke_client_options options = SAMTYKKE_CLIENT_OPTIONS;
	bool chosen = platform != NULL;
	if (!chosen)
		platform = issuer_origin();
	if (!*platform)
		return SAMTYKKE_OK;
	char *key = key_read(key_file, platform, client_id);
	if (!key && !chosen) {
		fprintf(stderr, "tax: %s gives no key, so uses are not reported; see --platform and --key\n", platform);
		return SAMTYKKE_OK;
	}
	if (!key)
		return SAMTYKKE_BAD_ARGUMENT;
	options.base_url = platform;
	options.issuer = issuer;
	options.client_id = client_id;
	options.private_jwk = key;
	options.server_time = true;
	enum samtykke_rc rc = samtykke_client_create(&options, &reporter);
	free(key);
	return rc;
}

int main(int argc, char **argv)
{
	const struct web_option rows[] = {
		{ "port", "N", "Port to listen on; 0 takes a free one.", &port, NULL },
		{ "issuer", "URL", "Issuer of the accepted tokens: exactly their iss.", &issuer, NULL },
		{ "jwks", "URL", "Key set of the issuer. Default: the one that its metadata names.", &jwks, NULL },
		{ "altinn2-jwks", "URL", "Key set of Altinn 2's tokens. Default: the issuer's api/metadata/jwk.",
		  &altinn2_jwks, NULL },
		{ "service", "CODE_EDITION", "Service that a token of Altinn 2 must be for.", &service, NULL },
		{ "scope", "SCOPE", "Scope that a token must have.", &scope, NULL },
		{ "server-time-url", "URL", "Use the time of this sandbox, whose clock was moved.", &server_time_url,
		  NULL },
		{ "platform", "URL", "Platform to which uses are reported. Default: the issuer. \"\": none.", &platform,
		  NULL },
		{ "client-id", "ID", "Client that reports.", &client_id, NULL },
		{ "key", "FILE", "Private key of the client as JWK. Without it the sandbox is asked for the key.",
		  &key_file, NULL },
		{ NULL, NULL, NULL, NULL, NULL },
	};
	struct samtykke_client *timekeeper = NULL;
	web_options(argc, argv, "tax: the demo's tax authority, a data source.", rows);
	if (timekeeper_open(&timekeeper) != SAMTYKKE_OK || verifier_open(timekeeper) != SAMTYKKE_OK ||
	    reporter_open() != SAMTYKKE_OK) {
		fputs("tax: an option has a wrong value, or the key cannot be read\n", stderr);
		return 1;
	}
	int status = web_serve(port, handle);
	samtykke_verifier_destroy(verifier);
	samtykke_client_destroy(reporter);
	samtykke_client_destroy(timekeeper);
	return status;
}
