#include "base/clock.h"
#include "cli/admin.h"
#include "domain/keyring.h"

struct opts {
	struct admin_opts admin;
	const char *alg, *name, *lead, *keep;
};
#define LEAD_MIN CLOCK_DAY /* verifiers keep the key set for 24 hours */

static int alg_take(const char *name, const struct opts *o, enum jose_alg *out)
{
	if (!o->alg) {
		*out = JOSE_RS256;
		return 0;
	}
	return jose_alg_parse(str_of(o->alg), out) == RC_OK
		       ? 0
		       : cli_fail(name, "--alg: %s is none of RS256, PS256, ES256, EdDSA", o->alg);
}

static int duration_take(const char *name, const char *option, const char *text, int64_t preset, int64_t *out)
{
	if (!text) {
		*out = preset;
		return 0;
	}
	if (clock_duration(str_of(text), out) != RC_OK || *out < 0)
		return cli_fail(name, "--%s: %s is no duration such as PT48H or P2D", option, text);
	return 0;
}

static int key_failed(const char *name, enum rc rc)
{
	return cli_fail(name,
			rc == RC_CONFLICT    ? "that key is there already (%s)"
			: rc == RC_NOT_FOUND ? "there is no active key to follow; use samtykke key new (%s)"
					     : "the key cannot be stored (%s)",
			rc_name(rc));
}

static int key_new_run(struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	enum jose_alg alg;
	uint8_t master[32];
	int64_t lead = 0;
	struct str kid;
	struct admin m = { 0 };

	(void)args;
	int failed = alg_take("key new", o, &alg) || duration_take("key new", "lead", o->lead, 0, &lead) ||
		     admin_open("key new", &o->admin, a, false, &m) || admin_master("key new", &m, a, master);
	if (!failed) {
		enum rc rc = keyring_create(m.store, a, alg, str_of(o->name ? o->name : "Samtykke"), master,
					    lead ? clock_real() + lead : 0, &kid);
		failed = rc == RC_OK ? 0 : key_failed("key new", rc);
	}
	if (!failed)
		printf("%.*s\n", STR_FMT(kid));
	explicit_bzero(master, sizeof master);
	admin_close(&m);
	return failed;
}

static int key_rotate_run(struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	enum jose_alg alg;
	uint8_t master[32];
	int64_t lead, keep;
	struct str kid;
	struct admin m = { 0 };

	(void)args;
	int failed = alg_take("key rotate", o, &alg) ||
		     duration_take("key rotate", "lead", o->lead, 2 * CLOCK_DAY, &lead) ||
		     duration_take("key rotate", "keep", o->keep, 2 * CLOCK_DAY, &keep);
	if (!failed && lead < LEAD_MIN)
		fputs("samtykke key rotate: warning: verifiers may keep the old key set for 24 hours; they will not "
		      "know the new key in time\n",
		      stderr);
	failed = failed || admin_open("key rotate", &o->admin, a, false, &m) ||
		 admin_master("key rotate", &m, a, master);
	if (!failed) {
		enum rc rc = keyring_rotate(m.store, a, alg, master, lead, keep, &kid);
		failed = rc == RC_OK ? 0 : key_failed("key rotate", rc);
	}
	if (!failed)
		printf("%.*s\n", STR_FMT(kid));
	explicit_bzero(master, sizeof master);
	admin_close(&m);
	return failed;
}

static void time_print(const char *label, int64_t us)
{
	char text[CLOCK_TEXT_MAX];

	if (us)
		printf("  %s %.*s", label, STR_FMT(clock_text(us / CLOCK_SECOND * CLOCK_SECOND, text)));
}

static enum rc key_print(void *ctx, const struct key_row *k)
{
	int64_t now = clock_real();
	const char *state = k->active_from > now                  ? "waiting"
			    : k->remove_at && k->remove_at <= now ? "removed"
			    : k->retire_at && k->retire_at <= now ? "retired"
								  : "active";

	(void)ctx;
	printf("%.*s  %.*s  %s", STR_FMT(k->kid), STR_FMT(k->alg), state);
	time_print("from", k->active_from);
	time_print("until", k->retire_at);
	time_print("removed", k->remove_at);
	putchar('\n');
	return RC_OK;
}

static int key_list_run(struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct admin m;
	struct reader *r CLEANUP(reader_closep) = NULL;
	int failed = admin_open("key list", &o->admin, a, false, &m);

	(void)args;
	if (!failed && (reader_open(m.store, false, &r) != RC_OK || keys_each(r, key_print, NULL) != RC_OK))
		failed = cli_fail("key list", "the store cannot be read");
	reader_close(r);
	r = NULL;
	admin_close(&m);
	return failed;
}

// clang-format off
static const struct opt_row new_rows[] = {
	ADMIN_ROWS(struct opts),
	{ "alg", 0, OPT_TEXT, offsetof(struct opts, alg), "ALG", "RS256 (default), PS256, ES256 or EdDSA." },
	{ "name", 0, OPT_TEXT, offsetof(struct opts, name), "NAME", "Common name in the key's self-signed certificate." },
	{ "lead", 0, OPT_TEXT, offsetof(struct opts, lead), "DURATION", "Publish now, sign with it only after this (PT48H). Default: at once." },
};
static const struct opt_row rotate_rows[] = {
	ADMIN_ROWS(struct opts),
	{ "alg", 0, OPT_TEXT, offsetof(struct opts, alg), "ALG", "RS256 (default), PS256, ES256 or EdDSA." },
	{ "lead", 0, OPT_TEXT, offsetof(struct opts, lead), "DURATION", "How long the new key is published before it signs. Default: PT48H." },
	{ "keep", 0, OPT_TEXT, offsetof(struct opts, keep), "DURATION", "How long the old key stays published after that. Default: PT48H." },
};
static const struct opt_row list_rows[] = { ADMIN_ROWS(struct opts) };
// clang-format on

const struct command cmd_key_new = {
	.name = "key new",
	.summary = "Make a signing key and print its kid",
	.text = "Makes a key pair with a self-signed certificate and stores it, the private part encrypted "
		"(AES-256-GCM) under the key in "
		"key.master_file. A running server publishes it within a minute and signs with the newest active key.",
	.example = "samtykke key new --set store=sqlite:/var/lib/samtykke/samtykke.db --set "
		   "key.master_file=/etc/samtykke/master",
	.opts = new_rows,
	.n_opts = LEN(new_rows),
	.opts_size = sizeof(struct opts),
	.run = key_new_run,
};
const struct command cmd_key_rotate = {
	.name = "key rotate",
	.summary = "Publish a new signing key, let it take over later, retire the old one",
	.text = "The new key is published at once, signs after --lead, and the old one stays published for --keep "
		"after it has stopped "
		"signing, so that verifiers that keep the key set for a day never meet a token that they cannot check.",
	.example = "samtykke key rotate -c /etc/samtykke.conf --lead P2D --keep P2D",
	.opts = rotate_rows,
	.n_opts = LEN(rotate_rows),
	.opts_size = sizeof(struct opts),
	.run = key_rotate_run,
};
const struct command cmd_key_list = {
	.name = "key list",
	.summary = "List signing keys with their state and times",
	.text = "One line a key: kid, algorithm, state (waiting, active, retired, removed) and when it signs. Private "
		"parts are never shown.",
	.opts = list_rows,
	.n_opts = LEN(list_rows),
	.opts_size = sizeof(struct opts),
	.run = key_list_run,
};
