#include "base/clock.h"
#include "base/js.h"
#include "cli/consumer_internal.h"
#include "daemon/files.h"
#include "jose/jose.h"
#include "text/text.h"

#define RECEIPT_MAX (JOSE_LONG_MAX + 2) /* bytes: and a line end */

struct opts {
	struct consumer_opts consumer; /* url and issuer alone */
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

static enum samtykke_rc checked(const struct opts *o, struct arena *a, struct str text, const char *jwks,
				int *status_out, struct samtykke_receipt **out)
{
	struct samtykke_verifier_options options = SAMTYKKE_VERIFIER_OPTIONS;
	struct samtykke_verifier *v CLEANUP(consumer_verifier_closep) = NULL;

	options.issuer = consumer_issuer(&o->consumer, a);
	*status_out = consumer_verifier("receipt verify", a, jwks, &options, &v);
	return *status_out ? SAMTYKKE_BAD_ARGUMENT : samtykke_receipt_verify(v, text.p, text.n, out);
}

/* A receipt outlives the key that signed it: what is published no longer is asked for after what is. */
static int receipt_check(const struct opts *o, struct arena *a, struct str text, struct samtykke_receipt **out)
{
	int status;
	enum samtykke_rc rc = checked(o, a, text, o->jwks, &status, out);

	if (rc == SAMTYKKE_UNKNOWN_KEY && !o->jwks) {
		const char *past = arena_cstr(a, arena_fmt(a, "%sjwk/past", consumer_issuer(&o->consumer, a)));
		rc = checked(o, a, text, past, &status, out);
	}
	if (status)
		return status;
	if (rc == SAMTYKKE_WRONG_ISSUER)
		return cli_fail("receipt verify",
				"wrong-issuer: the receipt is not from %s (--url or --issuer says whose it must be)",
				consumer_issuer(&o->consumer, a));
	return rc == SAMTYKKE_OK ? 0 : cli_fail("receipt verify", "%s: %s", samtykke_rc_name(rc), samtykke_rc_text(rc));
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

/* What strangers have written does not steer the terminal: control characters (C0, DEL, C1) are left out, line ends too
 * where they could make a line of their own, and marks that turn the direction of text. */
static void put_text(struct arena *a, struct str s, bool lines)
{
	s = text_without_marks(a, s);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i], next = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
		if (c == 0xc2 && next >= 0x80 && next < 0xa0)
			i++;
		else if ((c >= 0x20 && c != 0x7f) || (c == '\n' && lines))
			putchar(c);
	}
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
	put_text(p->a, text_plain(p->a, member(notice, "html")), true); /* what the hash is of */
	fputs("\n\n", stdout);
	line(p, MSG_RECEIPT_GOOD, member(p->doc, "iss"));
}

static int print_in(const struct opts *o, struct arena *a, const struct samtykke_receipt *r)
{
	struct printing p = { .a = a };
	struct str own;

	if (js_parse(a, str_of(samtykke_receipt_json(r)), NULL, &p.doc, NULL) != RC_OK)
		return cli_fail("receipt verify", "the document cannot be read");
	own = member(js_get(p.doc, "notice"), "language");
	if (o->lang && lang_parse_shipped(str_of(o->lang), &p.lang) != RC_OK)
		return cli_fail("receipt verify", "--lang: %s is none of nb, nn, en", o->lang);
	if (!o->lang && lang_parse_shipped(own, &p.lang) != RC_OK)
		p.lang = LANG_NB;
	receipt_print(&p);
	return 0;
}

static int verify_run(struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct samtykke_receipt *r CLEANUP(receipt_closep) = NULL;
	const char *path = args->n ? args->v[0] : "-";
	struct str text;

	if (clock_zone(o->time_zone ? o->time_zone : "Europe/Oslo") != RC_OK)
		return cli_fail("receipt verify", "--time-zone: there is no time zone %s", o->time_zone);
	if (file_read(a, path, RECEIPT_MAX, &text) != RC_OK)
		return cli_fail("receipt verify", "%s cannot be read, or is larger than a receipt", path);
	if (receipt_check(o, a, str_trim(text), &r))
		return 1;
	if (o->json)
		puts(samtykke_receipt_json(r));
	return o->json || o->quiet ? 0 : print_in(o, a, r);
}

// clang-format off
static const struct opt_row verify_rows[] = {
	{ "url", 'u', OPT_TEXT, offsetof(struct opts, consumer.url), "URL", "Origin of the platform. Default: $SAMTYKKE_URL, else http://127.0.0.1:8080." },
	{ "issuer", 0, OPT_TEXT, offsetof(struct opts, consumer.issuer), "URL", "Whose receipt it must be. Default: $SAMTYKKE_ISSUER, else the origin and a slash." },
	{ "jwks", 'j', OPT_TEXT, offsetof(struct opts, jwks), "FILE|URL", "The issuer's key set. Default: what it publishes, and then its earlier keys (jwk/past)." },
	{ "lang", 'l', OPT_TEXT, offsetof(struct opts, lang), "nb|nn|en", "Language of what is printed. Default: the one that the person read." },
	{ "time-zone", 0, OPT_TEXT, offsetof(struct opts, time_zone), "ZONE", "Of the times that are printed. Default: Europe/Oslo." },
	{ "json", 0, OPT_FLAG, offsetof(struct opts, json), NULL, "Print the document as JSON." },
	{ "quiet", 'q', OPT_FLAG, offsetof(struct opts, quiet), NULL, "Print nothing; the exit status says it." },
};
// clang-format on

const struct command cmd_receipt_verify = {
	.name = "receipt verify",
	.args = "[FILE]",
	.max_args = 1,
	.summary = "Check a consent receipt that a person has kept",
	.text = "Checks that the receipt is signed by the issuer, with one of the keys that it publishes or has "
		"published, and that the text in it is the one whose hash it gives. Prints what was agreed, in the "
		"person's language. Without a file the receipt is read from standard input.\n\nA receipt says what "
		"was true when it was issued. Whether the consent still stands is for the platform to say.",
	.example = "samtykke receipt verify --url https://samtykke.example samtykkekvittering.jwt",
	.opts = verify_rows,
	.n_opts = LEN(verify_rows),
	.opts_size = sizeof(struct opts),
	.run = verify_run,
};
