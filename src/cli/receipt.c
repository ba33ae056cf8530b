#include "cli/receipt_internal.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/js.h"
#include "cli/consumer_internal.h"
#include "cli/token_internal.h"
#include "daemon/files.h"
#include "jose/jose.h"
#include "net/net.h"
#include "text/text.h"

#define RECEIPT_PATH "/accessmanagement/api/v1/bff/consents"
#define TOKEN_MAX 65536                 /* bytes */
#define RECEIPT_MAX (JOSE_LONG_MAX + 2) /* bytes, with a line end */

struct opts {
	struct consumer_opts consumer; /* only url and issuer */
	const char *token;
	const char *jwks;
	const char *lang;
	const char *time_zone;
	bool json;
	bool quiet;
};

static void receipt_closep(struct samtykke_receipt **r)
{
	samtykke_receipt_destroy(*r);
}

/* ---- checking ---- */

/* *status_out: not 0 if an error line has been written already. */
static enum samtykke_rc check_with_keys(const struct command *c, const struct opts *o, struct arena *a, struct str text,
					const char *jwks, int *status_out, struct samtykke_receipt **out)
{
	struct samtykke_verifier_options options = SAMTYKKE_VERIFIER_OPTIONS;
	struct samtykke_verifier *v CLEANUP(consumer_verifier_closep) = NULL;

	options.issuer = consumer_issuer(&o->consumer, a);
	options.ca_file = consumer_cacert(&o->consumer);
	*status_out = consumer_verifier(c, a, jwks, false, &options, &v);
	return *status_out ? SAMTYKKE_BAD_ARGUMENT : samtykke_receipt_verify(v, text.p, text.n, out);
}

/* A receipt outlives the key that signed it: after the published keys the earlier ones are tried. */
static int receipt_check(const struct command *c, const struct opts *o, struct arena *a, struct str text,
			 struct samtykke_receipt **out)
{
	int status;
	enum samtykke_rc rc = check_with_keys(c, o, a, text, o->jwks, &status, out);
	if (rc == SAMTYKKE_UNKNOWN_KEY && !o->jwks) {
		const char *past = arena_cstr(a, arena_fmt(a, "%sjwk/past", consumer_issuer(&o->consumer, a)));
		rc = check_with_keys(c, o, a, text, past, &status, out);
	}
	if (status)
		return status;
	if (rc == SAMTYKKE_WRONG_ISSUER)
		return cli_fail(c->name,
				"wrong-issuer: the receipt is not from %s; name its issuer with --url or --issuer",
				consumer_issuer(&o->consumer, a));
	if (rc == SAMTYKKE_UNAVAILABLE)
		return consumer_keys_unavailable(c, &o->consumer, a, o->jwks);
	return rc == SAMTYKKE_OK ? 0 : cli_fail(c->name, "%s: %s", samtykke_rc_name(rc), samtykke_rc_text(rc));
}

/* ---- printing ---- */

struct printing {
	struct arena *a;
	const struct js *doc;
	enum lang lang;
};

static struct str member(const struct js *o, const char *key)
{
	struct str s;
	return js_is(o, JS_OBJECT) && js_member_str(o, key, &s) == RC_OK ? s : STR_NONE;
}

struct str receipt_text(struct arena *a, struct str s, bool lines)
{
	struct buf b = BUF(a);
	s = text_without_marks(a, s);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i], next = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
		if (c == 0xc2 && next >= 0x80 && next < 0xa0)
			i++;
		else if ((c >= 0x20 && c != 0x7f) || (c == '\n' && lines))
			buf_c(&b, s.p[i]);
	}
	return buf_str(&b);
}

static void put_text(struct arena *a, struct str s, bool lines)
{
	s = receipt_text(a, s, lines);
	fwrite(s.p, 1, s.n, stdout);
}

static void line(const struct printing *p, enum msg name, struct str value)
{
	if (!value.n)
		return;
	put_text(p->a, msg(name, p->lang), false);
	fputs(": ", stdout);
	put_text(p->a, value, false);
	putchar('\n');
}

static struct str organisation(const struct printing *p, const struct js *o)
{
	struct str name = member(o, "name"), number = member(o, "organisation_number");
	if (!number.n)
		return name;
	return arena_fmt(p->a, "%.*s (%.*s)", STR_FMT(name), STR_FMT(text_orgno(p->a, number)));
}

static void organisations(const struct printing *p, enum msg name, const struct js *list)
{
	if (js_is(list, JS_ARRAY))
		JS_EACH(o, list)
			line(p, name, organisation(p, o));
}

static void when(const struct printing *p, enum msg name, struct str iso)
{
	int64_t us;
	if (clock_parse(iso, &us) == RC_OK)
		line(p, name,
		     arena_fmt(p->a, "%.*s (%.*s)", STR_FMT(text_datetime_long(p->a, us, p->lang)),
			       STR_FMT(text_zone(us, p->lang))));
}

static const struct {
	const char *state;
	enum msg text[2]; /* of a consent, of a power of attorney */
} states[] = {
	{ "Accepted", { MSG_STATUS_ACTIVE, MSG_STATUS_ACTIVE_POA } },
	{ "Revoked", { MSG_ALREADY_REVOKED, MSG_ALREADY_REVOKED_POA } },
	{ "Expired", { MSG_STATUS_EXPIRED, MSG_STATUS_EXPIRED_POA } },
	{ "Used", { MSG_STATUS_USED, MSG_STATUS_USED_POA } },
};

static struct str state_text(const struct printing *p, bool poa, struct str state)
{
	for (size_t i = 0; i < LEN(states); i++)
		if (str_is(state, states[i].state))
			return msg(states[i].text[poa], p->lang);
	return state;
}

static void receipt_print(const struct printing *p)
{
	const struct js *header = js_get(p->doc, "header"), *processing = js_get(p->doc, "processing"),
			*notice = js_get(p->doc, "notice"), *event = js_get(p->doc, "event");
	bool poa = str_is(member(header, "record_type"), "power of attorney");
	line(p, poa ? MSG_RECEIPT_OF_POA : MSG_RECEIPT_OF, member(header, "consent_id"));
	organisations(p, MSG_GIVEN_TO, js_get(processing, "controllers"));
	line(p, MSG_HANDLED_THROUGH, organisation(p, js_get(processing, "handled_by")));
	organisations(p, poa ? MSG_SERVICE_OWNER : MSG_COLLECTED_FROM, js_get(processing, "sources"));
	line(p, MSG_RECEIPT_FROM, member(header, "pii_principal_id"));
	when(p, MSG_SEEN_WHEN, member(event, "event_time"));
	line(p, MSG_RECEIPT_LOGIN, member(js_get(event, "authentication"), "provider"));
	when(p, MSG_VALID_UNTIL, member(event, "valid_to"));
	when(p, MSG_RECEIPT_ISSUED, member(header, "issued_at"));
	line(p, MSG_RECEIPT_STATE, state_text(p, poa, member(event, "state")));
	line(p, MSG_SEEN_HASH, member(notice, "text_sha256"));
	putchar('\n');
	put_text(p->a, text_plain(p->a, member(notice, "html")), true); /* the text of which the hash is taken */
	fputs("\n\n", stdout);
	line(p, MSG_RECEIPT_GOOD, member(p->doc, "iss"));
}

static int receipt_print_in_language(const struct command *c, const struct opts *o, struct arena *a,
				     const struct samtykke_receipt *r)
{
	struct printing p = { .a = a };
	struct str language;
	if (js_parse(a, str_of(samtykke_receipt_json(r)), NULL, &p.doc, NULL) != RC_OK)
		return cli_fail(c->name, "the document cannot be read");
	language = member(js_get(p.doc, "notice"), "language");
	if (o->lang && lang_parse_shipped(str_of(o->lang), &p.lang) != RC_OK)
		return cli_fail(c->name, "--lang: %s is none of nb, nn, en", o->lang);
	if (!o->lang && lang_parse_shipped(language, &p.lang) != RC_OK)
		p.lang = LANG_NB;
	receipt_print(&p);
	return 0;
}

static int verify_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct samtykke_receipt *r CLEANUP(receipt_closep) = NULL;
	const char *path = args->n ? args->v[0] : "-";
	struct str text;

	if (clock_zone(o->time_zone ? o->time_zone : "Europe/Oslo") != RC_OK)
		return cli_fail(c->name, "--time-zone: there is no time zone %s", o->time_zone);
	if (file_read(a, path, RECEIPT_MAX, &text) != RC_OK)
		return cli_fail(c->name, "%s cannot be read, or is larger than a receipt", path);
	if (receipt_check(c, o, a, str_trim(text), &r))
		return 1;
	if (o->json)
		puts(samtykke_receipt_json(r));
	return o->json || o->quiet ? 0 : receipt_print_in_language(c, o, a, r);
}

/* ---- fetching ---- */

/* The person's token, from --token, the file that it names, or the environment. */
static int person_token(const struct command *c, const struct opts *o, struct arena *a, struct str *out)
{
	const char *word = o->token ? o->token : getenv("SAMTYKKE_TOKEN");
	if (!word || !*word)
		return cli_fail(c->name, "no token of the person is given; use --token or SAMTYKKE_TOKEN");
	struct str text = str_of(word);
	if (!token_is_text(word) && file_read(a, word, TOKEN_MAX, &text) != RC_OK)
		return cli_fail(c->name, "%s is neither a token nor a file that can be read", word);
	*out = token_strip(text);
	return 0;
}

static int get_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	const char *headers[2] = { NULL, NULL };
	struct net_req req = { .method = "GET", .headers = headers, .ca_file = consumer_cacert(&o->consumer) };
	struct str token, why = STR_NONE, origin = str_of(consumer_url(&o->consumer));
	struct net_res res;

	if (consumer_uuid(c, args->v[0]) || person_token(c, o, a, &token))
		return 1;
	while (str_ends(origin, STR("/")))
		origin.n--;
	headers[0] = arena_cstr(a, arena_fmt(a, "Authorization: Bearer %.*s", STR_FMT(token)));
	req.url = arena_cstr(a, arena_fmt(a, "%.*s" RECEIPT_PATH "/%s/receipt", STR_FMT(origin), args->v[0]));
	if (net_fetch(a, &req, &res, &why) != RC_OK)
		return cli_fail(c->name, "the server cannot be reached: %.*s", STR_FMT(why));
	if (res.status != 200)
		return consumer_refused(c, res.status, res.body);
	printf("%.*s\n", STR_FMT(res.body));
	return 0;
}

// clang-format off
static const struct opt_row get_rows[] = {
	CONSUMER_URL_ROW(struct opts),
	{ "token", 't', OPT_TEXT, offsetof(struct opts, token), "TOKEN|FILE",
	  "The person's access token, with the scope altinn:portal/enduser. Default: $SAMTYKKE_TOKEN." },
};
static const struct opt_row verify_rows[] = {
	CONSUMER_URL_ROW(struct opts),
	{ "issuer", 0, OPT_TEXT, offsetof(struct opts, consumer.issuer), "URL",
	  "Issuer of the receipt. Default: $SAMTYKKE_ISSUER, else the origin and a slash." },
	{ "jwks", 'j', OPT_TEXT, offsetof(struct opts, jwks), "FILE|URL",
	  "Key set of the issuer. Default: the keys that it publishes, then its earlier keys (jwk/past)." },
	{ "lang", 'l', OPT_TEXT, offsetof(struct opts, lang), "nb|nn|en",
	  "Language of the output. Default: the language in which the person read the text." },
	{ "time-zone", 0, OPT_TEXT, offsetof(struct opts, time_zone), "ZONE",
	  "Time zone of the times in the output. Default: Europe/Oslo." },
	{ "json", 0, OPT_FLAG, offsetof(struct opts, json), NULL, "Print the document as JSON." },
	{ "quiet", 'q', OPT_FLAG, offsetof(struct opts, quiet), NULL, "Print nothing; only set the exit status." },
};
// clang-format on

const struct command cmd_receipt_verify = {
	.name = "receipt verify",
	.args = "[FILE]",
	.max_args = 1,
	.summary = "Check a consent receipt that a person has kept",
	.text = "Checks that the issuer has signed the receipt, with a key that it publishes or has published, "
		"and that the text in the receipt has the hash that the receipt gives. "
		"Prints the agreement in the person's language. "
		"Without a file the command reads the receipt from standard input.\n\n"
		"A receipt shows the state when it was issued. "
		"Only the platform knows whether the consent is still valid.",
	.example = "samtykke receipt verify --url https://samtykke.example samtykkekvittering.jwt",
	.opts = verify_rows,
	.n_opts = LEN(verify_rows),
	.opts_size = sizeof(struct opts),
	.run = verify_run,
};
const struct command cmd_receipt_get = {
	.name = "receipt get",
	.args = "ID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Fetch the signed receipt of a consent, as its giver",
	.text = "Prints the receipt of the consent as a signed document, without the person's identity number. "
		"Only the giver, or a person who represents the giver, can fetch it. "
		"On the receipt's page the person can download the same.",
	.example = "samtykke receipt get --token person.jwt 0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01 >receipt.jwt",
	.opts = get_rows,
	.n_opts = LEN(get_rows),
	.opts_size = sizeof(struct opts),
	.run = get_run,
};
