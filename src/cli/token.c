#include <stdlib.h>

#include "base/clock.h"
#include "base/js.h"
#include "cli/cache_internal.h"
#include "daemon/files.h"
#include "net/net.h"

#define TOKEN_MAX 65536

struct opts {
	struct consumer_opts consumer;
	const char *scope;
	const char *consent;
	const char *from;
	const char *resource;
	const char *action;
	const char *audience;
	const char *jwks;
	const char *cache;
	struct opt_list metadata;
	bool allow_handler;
	bool server_time;
	bool quiet;
	bool status;
	bool no_cache;
	int64_t skew_s;
};

static void token_closep(struct samtykke_token **t)
{
	samtykke_token_destroy(*t);
}

/* ---- get ---- */

/* Who gave the consent, as a URN: what was said, or what the request says. */
static int giver(const struct opts *o, struct arena *a, struct samtykke_client *c, const char **out)
{
	struct samtykke_answer *answer = NULL;

	if (!o->consent) {
		*out = NULL;
	} else if (!o->from) {
		enum samtykke_rc rc = samtykke_request_get(c, o->consent, &answer);
		if (rc != SAMTYKKE_OK)
			return consumer_failed("token get", c, rc);
		*out = arena_cstr(a, str_of(samtykke_answer_from(answer)));
		samtykke_answer_destroy(answer);
	} else if (str_starts(str_of(o->from), STR("urn:"))) {
		*out = o->from;
	} else {
		*out = arena_cstr(a, arena_fmt(a, "urn:altinn:%s:identifier-no:%s",
					       strlen(o->from) == 9 ? "organization" : "person", o->from));
	}
	return 0;
}

static int get_run(struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	const struct cache_key key = { &o->consumer, o->scope, o->consent, o->from };
	struct samtykke_client *c CLEANUP(consumer_closep) = NULL;
	struct str path = STR_NONE, kept;
	const char *from = NULL;
	char *token = NULL;

	(void)args;
	if (!o->scope)
		return cli_fail("token get", "which scope? use --scope");
	if (consumer_client("token get", &o->consumer, a, &c))
		return 1;
	if (!o->no_cache)
		path = cache_path(a, o->cache, &key);
	kept = cache_get(a, path, &key);
	if (kept.p) {
		printf("%.*s\n", STR_FMT(kept));
		return 0;
	}
	if (giver(o, a, c, &from))
		return 1;
	enum samtykke_rc rc = samtykke_client_token(c, o->scope, o->consent, from, &token);
	if (rc != SAMTYKKE_OK)
		return consumer_failed("token get", c, rc);
	puts(token);
	cache_put(a, path, token);
	samtykke_free(token);
	return 0;
}

/* ---- inspect, verify ---- */

/* The argument itself when it looks like a token, else a file; "-" or none is standard input. */
static int token_take(const char *name, struct arena *a, const struct opt_args *args, struct str *out)
{
	const char *word = args->n ? args->v[0] : "-";
	struct str text = str_of(word), head, tail;

	if (!str_starts(text, STR("eyJ")) || !str_cut(text, '.', &head, &tail))
		if (file_read(a, word, TOKEN_MAX, &text) != RC_OK)
			return cli_fail(name, "%s is no token, and no file that can be read", word);
	text = str_trim(text);
	if (str_starts(text, STR("Bearer ")))
		text = str_span(text.p + 7, text.n - 7);
	*out = text;
	return 0;
}

static void indent(int depth)
{
	printf("\n%*s", 2 * depth, "");
}

static void tree_print(const struct js *v, int depth)
{
	bool object = v->type == JS_OBJECT;

	if ((!object && v->type != JS_ARRAY) || v->n == 0) {
		printf("%.*s", STR_FMT(v->raw));
		return;
	}
	putchar(object ? '{' : '[');
	JS_EACH(child, v) {
		indent(depth + 1);
		if (object)
			printf("\"%.*s\": ", STR_FMT(child->key));
		tree_print(child, depth + 1);
		if (child->next)
			putchar(',');
	}
	indent(depth);
	putchar(object ? '}' : ']');
}

static void pretty(struct arena *a, const char *json)
{
	const struct js *v;

	if (js_parse(a, str_of(json), NULL, &v, NULL) == RC_OK)
		tree_print(v, 0);
	else
		fputs(json, stdout);
	putchar('\n');
}

static void time_line(const char *label, int64_t us)
{
	char text[CLOCK_TEXT_MAX];

	if (us)
		printf("%s: %.*s\n", label, STR_FMT(clock_text(us, text)));
}

static void text_line(const char *label, const char *text)
{
	if (text)
		printf("%s: %s\n", label, text);
}

/* The giver's number is shown: whoever runs this holds the token that says it. */
static void summary(const struct samtykke_token *t)
{
	text_line("issuer", samtykke_token_issuer(t));
	text_line("consumer", samtykke_token_consumer(t));
	text_line("supplier", samtykke_token_supplier(t));
	text_line("scope", samtykke_token_scope(t));
	time_line("expires", samtykke_token_expires(t));
	text_line("consent", samtykke_consent_id(t));
	text_line("from", samtykke_consent_from(t));
	time_line("given", samtykke_consent_given(t));
	time_line("valid to", samtykke_consent_valid_to(t));
	for (size_t i = 0; i < samtykke_consent_rights(t); i++)
		text_line("resource", samtykke_right_resource(t, i));
}

static int inspect_run(struct arena *a, const void *opts, const struct opt_args *args)
{
	struct samtykke_token *t CLEANUP(token_closep) = NULL;
	struct str token;

	(void)opts;
	if (token_take("token inspect", a, args, &token))
		return 1;
	enum samtykke_rc rc = samtykke_inspect(token.p, token.n, &t);
	if (rc != SAMTYKKE_OK)
		return cli_fail("token inspect", "%s", samtykke_rc_text(rc));
	pretty(a, samtykke_token_header_json(t));
	pretty(a, samtykke_token_claims_json(t));
	fputs("Not verified: nothing above has been checked.\n", stderr);
	return 0;
}

/* The sandbox's clock may have been moved: ask it for the time. */
static int64_t server_now(void *ctx)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct net_res res;
	int64_t now;

	if (net_fetch(&a, &(struct net_req){ .method = "GET", .url = ctx }, &res, NULL) != RC_OK ||
	    clock_http_parse(net_header(&res, "Date"), &now) != RC_OK)
		return clock_real();
	return now;
}

static int verifier_make(const struct opts *o, struct arena *a, struct samtykke_verifier **out)
{
	struct samtykke_verifier_options v = SAMTYKKE_VERIFIER_OPTIONS;

	v.issuer = consumer_issuer(&o->consumer, a);
	v.skew_s = (int)o->skew_s;
	if (o->server_time) {
		v.now = server_now;
		v.now_ctx =
			(void *)(uintptr_t)arena_cstr(a, arena_fmt(a, "%s/health/live", consumer_url(&o->consumer)));
	}
	return consumer_verifier("token verify", a, o->jwks, &v, out);
}

/* Only a consent that is known to have ended, or of which nothing can be known, is a failure. */
static int status_say(struct samtykke_verifier *v, const struct samtykke_token *t, bool quiet)
{
	const char *why;
	enum samtykke_status status = samtykke_token_status(v, t, &why);

	if (!quiet)
		text_line("status", samtykke_status_name(status));
	if (status == SAMTYKKE_STATUS_REVOKED)
		return cli_fail("token verify", "revoked: the consent has ended since the token was issued");
	if (status == SAMTYKKE_STATUS_UNKNOWN)
		return cli_fail("token verify", "status unknown: %s", why);
	return 0;
}

static int verify_run(struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct samtykke_verifier *v CLEANUP(consumer_verifier_closep) = NULL;
	struct samtykke_token *t CLEANUP(token_closep) = NULL;
	struct samtykke_expect e = SAMTYKKE_EXPECT;
	const char **metadata = arena_array(a, const char *, o->metadata.n * 2 + 1);
	struct str token;

	for (size_t i = 0; i < o->metadata.n; i++) {
		struct str key, value;
		if (!str_cut(str_of(o->metadata.v[i]), '=', &key, &value))
			return cli_fail("token verify", "--metadata: %s is not KEY=VALUE", o->metadata.v[i]);
		metadata[2 * i] = arena_cstr(a, key);
		metadata[2 * i + 1] = arena_cstr(a, value);
	}
	if (token_take("token verify", a, args, &token) || verifier_make(o, a, &v))
		return 1;
	e.scope = o->scope;
	e.audience = o->audience;
	e.from = o->from;
	e.resource = o->resource;
	e.action = o->action;
	e.metadata = o->metadata.n ? metadata : NULL;
	e.allow_handler = o->allow_handler;
	enum samtykke_rc rc = samtykke_verify(v, token.p, token.n, &e, &t);
	if (rc != SAMTYKKE_OK)
		return cli_fail("token verify", "%s: %s", samtykke_rc_name(rc), samtykke_rc_text(rc));
	if (!o->quiet)
		summary(t);
	return o->status ? status_say(v, t, o->quiet) : 0;
}

// clang-format off
static const struct opt_row get_rows[] = {
	CONSUMER_ROWS(struct opts),
	{ "scope", 's', OPT_TEXT, offsetof(struct opts, scope), "SCOPE", "Scopes, separated by spaces." },
	{ "consent", 'c', OPT_TEXT, offsetof(struct opts, consent), "ID", "Consent request that the token shall carry." },
	{ "from", 'f', OPT_TEXT, offsetof(struct opts, from), "NUMBER", "Who gave the consent. Default: what the request says." },
	{ "cache", 0, OPT_TEXT, offsetof(struct opts, cache), "DIR", "Where tokens are kept. Default: $XDG_CACHE_HOME/samtykke, else ~/.cache/samtykke." },
	{ "no-cache", 0, OPT_FLAG, offsetof(struct opts, no_cache), NULL, "Fetch a new token, and keep none." },
};
static const struct opt_row verify_rows[] = {
	{ "url", 'u', OPT_TEXT, offsetof(struct opts, consumer.url), "URL", "Origin of the platform. Default: $SAMTYKKE_URL, else http://127.0.0.1:8080." },
	{ "issuer", 0, OPT_TEXT, offsetof(struct opts, consumer.issuer), "URL", "Exact iss. Default: $SAMTYKKE_ISSUER, else the origin and a slash." },
	{ "jwks", 'j', OPT_TEXT, offsetof(struct opts, jwks), "FILE|URL", "The issuer's key set. Default: found through its discovery document." },
	{ "scope", 's', OPT_TEXT, offsetof(struct opts, scope), "SCOPE", "A scope that must be there." },
	{ "audience", 'a', OPT_TEXT, offsetof(struct opts, audience), "AUD", "An audience that must be there." },
	{ "from", 'f', OPT_TEXT, offsetof(struct opts, from), "NUMBER", "Who must have given the consent." },
	{ "resource", 'r', OPT_TEXT, offsetof(struct opts, resource), "ID", "What the consent must cover." },
	{ "action", 0, OPT_TEXT, offsetof(struct opts, action), "NAME", "With this action. Default: consent or read." },
	{ "metadata", 'm', OPT_LIST, offsetof(struct opts, metadata), "KEY=VALUE", "And this metadata." },
	{ "allow-handler", 0, OPT_FLAG, offsetof(struct opts, allow_handler), NULL, "Accept a service owner that handles the consent for its recipient." },
	{ "skew", 0, OPT_INT, offsetof(struct opts, skew_s), "SECONDS", "Accepted clock difference. Default: 0." },
	{ "server-time", 0, OPT_FLAG, offsetof(struct opts, server_time), NULL, "Take the time from the server: for a sandbox whose clock was moved." },
	{ "status", 0, OPT_FLAG, offsetof(struct opts, status), NULL, "Ask the issuer's status list whether the consent still stands." },
	{ "quiet", 'q', OPT_FLAG, offsetof(struct opts, quiet), NULL, "Print nothing; the exit status says it." },
};
// clang-format on

const struct command cmd_token_get = {
	.name = "token get",
	.summary = "Fetch an access token, or a consent token",
	.text = "Signs a JWT grant with the client's key, sends it to the issuer and prints the token. With "
		"--consent the token carries that consent in authorization_details.\n\nThe token is kept in a file "
		"that only its owner can read, and printed again when the same is asked for, until 10 seconds before "
		"it expires by the server's clock. The issuer's key set is asked first, for a consent its status "
		"list, too: a kept token that its present keys do not verify, or whose consent has ended, is not "
		"used. Such a list may be some seconds old, and a client that lost a scope or was deactivated gets a "
		"kept token until that expires: --no-cache asks the issuer. Files that are older than a day are "
		"removed.",
	.example = "samtykke token get --scope ttd:inntekt --consent 0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01",
	.opts = get_rows,
	.n_opts = LEN(get_rows),
	.opts_size = sizeof(struct opts),
	.run = get_run,
};
const struct command cmd_token_inspect = {
	.name = "token inspect",
	.args = "[TOKEN|FILE]",
	.max_args = 1,
	.summary = "Decode a token without checking it",
	.text = "Prints header and claims. Nothing is verified. Without an argument the token is read from standard "
		"input.",
	.example = "samtykke token get --scope ttd:inntekt | samtykke token inspect",
	.opts_size = sizeof(struct opts),
	.run = inspect_run,
};
const struct command cmd_token_verify = {
	.name = "token verify",
	.args = "[TOKEN|FILE]",
	.max_args = 1,
	.summary = "Verify a token as a data source would",
	.text = "Checks signature, issuer, times and, when there is a consent, its recipient and validity; with "
		"options also scope, giver, resource and metadata. Prints what the token says. Exit status 1 and one "
		"line with the reason when it is not good.",
	.example = "samtykke token verify --resource ttd_inntektsopplysninger --from 01025161013 <token.txt",
	.opts = verify_rows,
	.n_opts = LEN(verify_rows),
	.opts_size = sizeof(struct opts),
	.run = verify_run,
};
