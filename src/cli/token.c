#include "cli/token_internal.h"

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
	const char *service;
	const char *consumer_number;
	const char *supplier;
	const char *max_validity;
	struct opt_list metadata;
	bool altinn2;
	bool allow_handler;
	bool server_time;
	bool quiet;
	bool status;
	bool no_cache;
	int64_t skew_s;
};

/* ---- get ---- */

const char *token_giver_urn(struct arena *a, const char *from)
{
	if (str_starts(str_of(from), STR("urn:")))
		return from;
	return arena_cstr(
		a, arena_fmt(a, "urn:altinn:%s:identifier-no:%s", strlen(from) == 9 ? "organization" : "person", from));
}

/* URN of the giver of the consent, from --from or else from the request. NULL: the token is for no consent. */
static int giver(const struct command *c, const struct opts *o, struct arena *a, struct samtykke_client *client,
		 const char **out)
{
	struct samtykke_answer *answer = NULL;
	if (!o->consent) {
		*out = NULL;
	} else if (!o->from) {
		enum samtykke_rc rc = samtykke_request_get(client, o->consent, &answer);
		if (rc != SAMTYKKE_OK)
			return consumer_failed(c, client, rc);
		*out = arena_cstr(a, str_of(samtykke_answer_from(answer)));
		samtykke_answer_destroy(answer);
	} else {
		*out = token_giver_urn(a, o->from);
	}
	return 0;
}

static int get_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	const struct cache_key key = { &o->consumer, o->scope, o->consent, o->from };
	struct samtykke_client *client CLEANUP(consumer_closep) = NULL;
	struct str path = STR_NONE, cached;
	const char *from = NULL;
	char *token = NULL;

	(void)args;
	if (!o->scope)
		return cli_fail(c->name, "--scope is missing: the scopes of the token");
	if ((o->consent && consumer_uuid(c, o->consent)) || consumer_client(c, &o->consumer, a, &client))
		return 1;
	if (!o->no_cache)
		path = cache_path(a, o->cache, &key);
	cached = cache_get(a, path, &key);
	if (cached.p) {
		printf("%.*s\n", STR_FMT(cached));
		return 0;
	}
	if (giver(c, o, a, client, &from))
		return 1;
	enum samtykke_rc rc = samtykke_client_token(client, o->scope, o->consent, from, &token);
	if (rc != SAMTYKKE_OK)
		return consumer_failed(c, client, rc);
	puts(token);
	cache_put(a, path, token);
	samtykke_free(token);
	return 0;
}

/* ---- inspect, verify ---- */

bool token_is_text(const char *word)
{
	return str_starts(str_of(*word == '"' ? word + 1 : word), STR("eyJ")) && strchr(word, '.');
}

struct str token_strip(struct str text)
{
	text = str_trim(text);
	if (text.n > 1 && text.p[0] == '"' && text.p[text.n - 1] == '"') /* as Altinn 2 answers */
		return str_span(text.p + 1, text.n - 2);
	return str_starts(text, STR("Bearer ")) ? str_span(text.p + 7, text.n - 7) : text;
}

/* Takes the argument itself if it looks like a token, else the file of that name. "-" or no argument is standard input.
 */
static int token_take(const struct command *c, struct arena *a, const struct opt_args *args, struct str *out)
{
	const char *word = args->n ? args->v[0] : "-";
	struct str text = str_of(word);
	if (!token_is_text(word) && file_read(a, word, TOKEN_MAX, &text) != RC_OK)
		return cli_fail(c->name, "%s is neither a token nor a file that can be read", word);
	*out = token_strip(text);
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

/* Prints the giver's number too: it stands in the token, which the caller has. */
static void summary(const struct samtykke_token *t)
{
	bool altinn2 = samtykke_token_altinn2(t) > 0;
	if (altinn2)
		printf("kind: Altinn 2, generation %d\n", samtykke_token_altinn2(t));
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
		text_line(altinn2 ? "service" : "resource", samtykke_right_resource(t, i));
}

static int inspect_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	struct samtykke_token *t CLEANUP(consumer_token_closep) = NULL;
	struct str token;

	(void)opts;
	if (token_take(c, a, args, &token))
		return 1;
	enum samtykke_rc rc = samtykke_inspect(token.p, token.n, &t);
	if (rc != SAMTYKKE_OK)
		return cli_fail(c->name, "%s", samtykke_rc_text(rc));
	pretty(a, samtykke_token_header_json(t));
	pretty(a, samtykke_token_claims_json(t));
	if (samtykke_token_altinn2(t))
		fprintf(stderr, "A token of Altinn 2, generation %d.\n", samtykke_token_altinn2(t));
	fputs("Not verified: the command has not checked the token.\n", stderr);
	return 0;
}

/* A sandbox's clock may have been moved: the server has to be asked for the time. */
static int64_t server_now(void *ctx)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct net_res res;
	int64_t now;

	if (net_fetch(&a, ctx, &res, NULL) != RC_OK || clock_http_parse(net_header(&res, "Date"), &now) != RC_OK)
		return clock_real();
	return now;
}

/* NULL: the discovery document of the issuer names it. */
static const char *key_set(const struct opts *o, struct arena *a)
{
	if (o->jwks || !o->altinn2)
		return o->jwks;
	return arena_cstr(a, arena_fmt(a, "%s/api/metadata/jwk", consumer_url(&o->consumer)));
}

static int verifier_make(const struct command *c, const struct opts *o, struct arena *a, struct samtykke_verifier **out)
{
	struct samtykke_verifier_options v = SAMTYKKE_VERIFIER_OPTIONS;
	v.issuer = consumer_issuer(&o->consumer, a);
	v.ca_file = consumer_cacert(&o->consumer);
	v.skew_s = (int)o->skew_s;
	if (o->server_time) {
		v.now = server_now;
		struct net_req *ask = arena_new(a, struct net_req);
		const char *url = arena_cstr(a, arena_fmt(a, "%s/health/live", consumer_url(&o->consumer)));
		*ask = (struct net_req){ .method = "GET", .url = url, .ca_file = v.ca_file };
		v.now_ctx = ask;
	}
	return consumer_verifier(c, a, key_set(o, a), o->altinn2, &v, out);
}

/* Fails if the consent has ended, and if its status cannot be found out. */
static int status_check(const struct command *c, struct samtykke_verifier *v, const struct samtykke_token *t,
			bool quiet)
{
	const char *why;
	enum samtykke_status status = samtykke_token_status(v, t, &why);
	if (!quiet)
		text_line("status", samtykke_status_name(status));
	if (status == SAMTYKKE_STATUS_REVOKED)
		return cli_fail(c->name, "revoked: the consent has ended since the token was issued");
	if (status == SAMTYKKE_STATUS_UNKNOWN)
		return cli_fail(c->name, "status unknown: %s", why);
	return 0;
}

/* A token of Altinn 2 has none of what the refused options are about, so that it would fail each time. */
static int kind_check(const struct command *c, const struct opts *o)
{
	const struct {
		const char *name;
		bool given;
	} rows[] = { { "scope", o->scope }, { "audience", o->audience }, { "resource", o->resource } };
	if (!o->altinn2)
		return o->service ? cli_fail(c->name, "--service is of a token of Altinn 2: add --altinn2") : 0;
	for (size_t i = 0; i < LEN(rows); i++)
		if (rows[i].given)
			return cli_fail(c->name, "--%s: a token of Altinn 2 has none, see --service", rows[i].name);
	return 0;
}

static int expect_read(const struct command *c, const struct opts *o, struct arena *a, struct samtykke_expect *e)
{
	const char **metadata;
	int64_t longest = 0;
	if (kind_check(c, o) || consumer_pairs(c, "metadata", &o->metadata, a, &metadata))
		return 1;
	if (o->max_validity && (clock_duration(str_of(o->max_validity), &longest) != RC_OK || longest < CLOCK_SECOND))
		return cli_fail(c->name, "--max-validity: %s is not a duration such as P10D", o->max_validity);
	e->scope = o->scope;
	e->audience = o->audience;
	e->from = o->from;
	e->resource = o->resource;
	e->action = o->action;
	e->metadata = o->metadata.n ? metadata : NULL;
	e->allow_handler = o->allow_handler;
	e->service = o->service;
	e->consumer = o->consumer_number;
	e->supplier = o->supplier;
	e->max_validity_s = longest / CLOCK_SECOND;
	e->kinds = o->altinn2 ? SAMTYKKE_KIND_ALTINN2 : SAMTYKKE_KIND_CONSENT;
	return 0;
}

static int verify_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct samtykke_verifier *v CLEANUP(consumer_verifier_closep) = NULL;
	struct samtykke_token *t CLEANUP(consumer_token_closep) = NULL;
	struct samtykke_expect e = SAMTYKKE_EXPECT;
	struct str token;

	if (expect_read(c, o, a, &e) || token_take(c, a, args, &token) || verifier_make(c, o, a, &v))
		return 1;
	enum samtykke_rc rc = samtykke_verify(v, token.p, token.n, &e, &t);
	if (rc == SAMTYKKE_UNAVAILABLE)
		return consumer_keys_unavailable(c, &o->consumer, a, key_set(o, a));
	if (rc != SAMTYKKE_OK)
		return cli_fail(c->name, "%s: %s", samtykke_rc_name(rc), samtykke_rc_text(rc));
	if (!o->quiet)
		summary(t);
	return o->status ? status_check(c, v, t, o->quiet) : 0;
}

// clang-format off
static const struct opt_row get_rows[] = {
	CONSUMER_ROWS(struct opts),
	{ "scope", 's', OPT_TEXT, offsetof(struct opts, scope), "SCOPE", "Scopes, separated by spaces." },
	{ "consent", 'c', OPT_TEXT, offsetof(struct opts, consent), "ID", "Consent that the token carries." },
	{ "from", 'f', OPT_TEXT, offsetof(struct opts, from), "NUMBER",
	  "Giver of the consent. Default: the giver that the request names." },
	{ "cache", 0, OPT_TEXT, offsetof(struct opts, cache), "DIR",
	  "Directory in which tokens are kept. Default: $XDG_CACHE_HOME/samtykke, else ~/.cache/samtykke." },
	{ "no-cache", 0, OPT_FLAG, offsetof(struct opts, no_cache), NULL, "Fetch a new token, and do not keep it." },
};
static const struct opt_row verify_rows[] = {
	CONSUMER_URL_ROW(struct opts),
	{ "issuer", 0, OPT_TEXT, offsetof(struct opts, consumer.issuer), "URL",
	  "Issuer (iss) of the token, exactly. Default: $SAMTYKKE_ISSUER, else the origin and a slash." },
	{ "jwks", 'j', OPT_TEXT, offsetof(struct opts, jwks), "FILE|URL",
	  "Key set of the issuer. Default: the one that its discovery document names; "
	  "with --altinn2 the origin's /api/metadata/jwk." },
	{ "scope", 's', OPT_TEXT, offsetof(struct opts, scope), "SCOPE", "Scope that the token must have." },
	{ "audience", 'a', OPT_TEXT, offsetof(struct opts, audience), "AUD", "Audience that the token must have." },
	{ "from", 'f', OPT_TEXT, offsetof(struct opts, from), "NUMBER",
	  "Person or organisation that must have given the consent." },
	{ "resource", 'r', OPT_TEXT, offsetof(struct opts, resource), "ID", "Resource that the consent must cover." },
	{ "action", 0, OPT_TEXT, offsetof(struct opts, action), "NAME",
	  "Action on that resource. Default: consent or read." },
	{ "metadata", 'm', OPT_LIST, offsetof(struct opts, metadata), "KEY=VALUE",
	  "Metadata that the consent must have for that resource." },
	{ "altinn2", 0, OPT_FLAG, offsetof(struct opts, altinn2), NULL,
	  "The token is one of Altinn 2, of any generation. Other tokens are refused then." },
	{ "service", 0, OPT_TEXT, offsetof(struct opts, service), "CODE_EDITION",
	  "Service of Altinn 2 that the consent must cover, such as 4628_210607." },
	{ "consumer", 0, OPT_TEXT, offsetof(struct opts, consumer_number), "ORGNO",
	  "Organisation that must be the token's consumer, or CoveredBy." },
	{ "supplier", 0, OPT_TEXT, offsetof(struct opts, supplier), "ORGNO",
	  "Organisation that must be the token's supplier; of Altinn 2: HandledBy, where the token has it." },
	{ "max-validity", 0, OPT_TEXT, offsetof(struct opts, max_validity), "DURATION",
	  "Longest time from the consent's beginning to its end, such as P10D." },
	{ "allow-handler", 0, OPT_FLAG, offsetof(struct opts, allow_handler), NULL,
	  "Also accept a token of the service owner that handles the consent for its recipient." },
	{ "skew", 0, OPT_INT, offsetof(struct opts, skew_s), "SECONDS",
	  "Accepted difference between clocks. Default: 0." },
	{ "server-time", 0, OPT_FLAG, offsetof(struct opts, server_time), NULL,
	  "Use the server's time. For a sandbox whose clock was moved." },
	{ "status", 0, OPT_FLAG, offsetof(struct opts, status), NULL,
	  "Check in the issuer's status list that the consent has not ended." },
	{ "quiet", 'q', OPT_FLAG, offsetof(struct opts, quiet), NULL, "Print nothing; only set the exit status." },
};
// clang-format on

const struct command cmd_token_get = {
	.name = "token get",
	.summary = "Fetch an access token, or a consent token",
	.text = "Signs a JWT grant with the client's key, sends it to the issuer and prints the token. "
		"With --consent the token carries that consent in authorization_details.\n\n"
		"The command keeps the token in a file that only its owner can read. "
		"It prints the same token again when the same is asked for, "
		"until 10 seconds before the token expires by the server's clock. "
		"Before it prints a kept token, it asks the issuer for its key set, "
		"and for the status list if there is a consent. "
		"A kept token is not used if the present keys do not verify it, or if the consent has ended. "
		"Such a list may be some seconds old. "
		"A client that has lost a scope or has been deactivated gets a kept token until the token expires; "
		"with --no-cache the issuer is asked instead. "
		"Files older than a day are removed.",
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
	.text = "Prints header and claims, and checks nothing. "
		"Without an argument the command reads the token from standard input.",
	.example = "samtykke token get --scope ttd:inntekt | samtykke token inspect",
	.opts_size = sizeof(struct opts),
	.run = inspect_run,
};
const struct command cmd_token_verify = {
	.name = "token verify",
	.args = "[TOKEN|FILE]",
	.max_args = 1,
	.summary = "Verify a token as a data source would",
	.text = "Checks signature, issuer and times; and recipient and validity if the token carries a consent. "
		"Options add checks of scope, parties, resource, metadata and the consent's length. "
		"With --altinn2 the command verifies a token of Altinn 2, with or without its quotation marks. "
		"Prints the contents of the token. "
		"If a check fails, the exit status is 1 and one line gives the reason.",
	.example = "samtykke token verify --resource ttd_inntektsopplysninger --from 01025161013 <token.txt",
	.opts = verify_rows,
	.n_opts = LEN(verify_rows),
	.opts_size = sizeof(struct opts),
	.run = verify_run,
};
