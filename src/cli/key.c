#include "cli/key_internal.h"

/* State of one key command: the options, what has been opened for them, and the order for the keyring. */
struct job {
	const struct command *command;
	struct arena *a;
	const struct key_opts *o;
	struct admin m;
	struct p11 *token;
	uint8_t master[32];
	struct key_order order;
};

static int failed(const struct job *j, enum rc rc, const char *why)
{
	static const char *const texts[RC__MAX] = {
		[RC_CONFLICT] = "the key was used before; no kid is given twice",
		[RC_NOT_FOUND] = "no key of that algorithm can be rotated; use samtykke key new",
		[RC_TOO_LARGE] = "16 keys are published already; wait until one is removed",
		[RC_DENIED] = "the key is the public one of the sandbox, or key.master_file does not decrypt the keys",
		[RC_UNCERTAIN] =
			"it is not known whether the change was made; look with samtykke key list before you try again",
		[RC_BUSY] = "the token or the store does not answer; check pkcs11.module, pkcs11.pin_file and the URI",
	};
	if (rc == RC_INVALID && why)
		return cli_fail(j->command->name, "%s", why);
	return cli_fail(j->command->name, "%s (%s)", texts[rc] ? texts[rc] : "the key cannot be stored", rc_name(rc));
}

static int alg_take(struct job *j)
{
	j->order.alg = JOSE_RS256;
	if (!j->o->alg || keyring_alg(str_of(j->o->alg), &j->order.alg) == RC_OK)
		return 0;
	return cli_fail(j->command->name, "--alg: %s is none of " KEYRING_ALGS, j->o->alg);
}

static int use_take(struct job *j)
{
	static const struct str uses[] = { STR_INIT(KEY_USE_TOKEN), STR_INIT(KEY_USE_ALTINN2) };
	bool altinn2 = j->o->use && strcmp(j->o->use, KEY_USE_ALTINN2) == 0;
	j->order.use = uses[altinn2];
	if (!j->o->use || altinn2 || strcmp(j->o->use, "token") == 0)
		return 0;
	return cli_fail(j->command->name, "--use: %s is none of token, altinn2", j->o->use);
}

static int duration_take(const struct job *j, const char *option, const char *text, int64_t *out)
{
	*out = -1;
	if (text && (clock_duration(str_of(text), out) != RC_OK || *out < 0))
		return cli_fail(j->command->name, "--%s: %s is not a duration such as PT48H or P2D", option, text);
	return 0;
}

static int file_take(const struct job *j, const char *option, const char *path, struct str *out)
{
	*out = STR_NONE;
	if (!path || file_read(j->a, path, KEY_FILE_MAX, out) == RC_OK)
		return 0;
	return cli_fail(j->command->name, "--%s: %s cannot be read", option, path);
}

/* As file_take; the file holds a private key. */
static int secret_take(const struct job *j, const char *path, struct str *out)
{
	struct str err;
	if (!path || strcmp(path, "-") == 0)
		return file_take(j, "import", path, out);
	const struct secret_file f = { "--import", path, KEY_FILE_MAX, PRIVATE_TO_GROUP };
	return file_read_secret(j->a, &f, out, &err) == RC_OK ? 0 : cli_fail(j->command->name, "%.*s", STR_FMT(err));
}

static int times_take(struct job *j)
{
	const struct key_opts *o = j->o;
	if (o->now && o->lead)
		return cli_fail(j->command->name, "--now and --lead exclude each other");
	int bad =
		duration_take(j, "lead", o->lead, &j->order.lead) || duration_take(j, "keep", o->keep, &j->order.keep);
	if (o->now)
		j->order.lead = 0;
	j->order.despite_caches = o->despite_caches;
	return bad;
}

static int key_take(struct job *j)
{
	const struct key_opts *o = j->o;
	if ((o->import != NULL) + (o->pkcs11 != NULL) + (o->bits != 0 && o->import) > 1)
		return cli_fail(j->command->name, "--import, --pkcs11 and --bits with --import exclude each other");
	if (o->certificate && o->subject)
		return cli_fail(j->command->name, "--certificate and --subject exclude each other");
	if (o->bits < 0 || o->bits > KEYRING_BITS_MAX)
		return cli_fail(j->command->name, "--bits must be 2048 to 4096");
	j->order.bits = (unsigned)o->bits;
	j->order.subject = str_of(o->subject);
	j->order.token_uri = str_of(o->pkcs11);
	return secret_take(j, o->import, &j->order.import) ||
	       file_take(j, "certificate", o->certificate, &j->order.chain);
}

/* Reads the master key, which seals keys in the store, unless the key lies in a token; opens the token. */
static int secrets_take(struct job *j)
{
	struct str err = STR_NONE;
	if (!j->o->pkcs11 && admin_master(j->command, &j->m, j->a, j->master))
		return 1;
	j->order.master = j->master;
	if (settings_token(&j->m.settings, j->a, &j->token, &err) != RC_OK)
		return cli_fail(j->command->name, "%.*s", STR_FMT(err));
	if (j->o->pkcs11 && !j->token)
		return cli_fail(j->command->name, "--pkcs11 needs the setting pkcs11.module");
	j->order.token = j->token;
	return 0;
}

/* Call job_close in any case. */
static int job_open(struct job *j, const struct command *c, struct arena *a, const void *opts)
{
	*j = (struct job){ .command = c, .a = a, .o = opts };
	return admin_open(c, &j->o->admin, a, false, &j->m);
}

static void job_close(struct job *j)
{
	explicit_bzero(j->master, sizeof j->master);
	if (j->order.import.n)
		explicit_bzero((char *)(uintptr_t)j->order.import.p, j->order.import.n);
	p11_close(j->token);
	admin_close(&j->m);
}

typedef enum rc make_fn(struct store *s, struct arena *a, struct key_order *o, struct str *kid_out);

static int key_make(const struct command *c, make_fn *make, struct arena *a, const void *opts)
{
	struct job j;
	struct str kid;
	int bad = job_open(&j, c, a, opts) || alg_take(&j) || use_take(&j) || times_take(&j) || key_take(&j) ||
		  secrets_take(&j);
	if (!bad) {
		enum rc rc = make(j.m.store, a, &j.order, &kid);
		bad = rc == RC_OK ? 0 : failed(&j, rc, j.order.why);
	}
	if (!bad)
		printf("%.*s\n", STR_FMT(kid));
	job_close(&j);
	return bad;
}

int key_new_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	(void)args;
	return key_make(c, keyring_create, a, opts);
}

int key_rotate_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	(void)args;
	return key_make(c, keyring_rotate, a, opts);
}

static int kid_failed(const struct job *j, enum rc rc, const char *kid, const char *why)
{
	if (rc == RC_NOT_FOUND)
		return cli_fail(j->command->name, "there is no key %s", kid);
	return failed(j, rc, why);
}

static void time_print(const char *label, int64_t us)
{
	char text[CLOCK_TEXT_MAX];
	if (us)
		printf("  %s %.*s", label, STR_FMT(clock_text(us / CLOCK_SECOND * CLOCK_SECOND, text)));
}

/* Retiring a key that waits calls off its rotation: the keys that were to end go on signing. */
static void going_on_print(const struct key_end *e)
{
	for (size_t i = 0; i < e->n_going_on; i++) {
		printf("%.*s goes on signing", STR_FMT(e->going_on[i].kid));
		time_print("until", e->going_on[i].retire_at);
		putchar('\n');
	}
}

int key_retire_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	struct job j;
	struct key_end e = { .kid = str_of(args->v[0]) };
	int bad = job_open(&j, c, a, opts) || duration_take(&j, "keep", j.o->keep, &e.keep);
	if (!bad && j.o->compromised && j.o->keep)
		bad = cli_fail(j.command->name, "--compromised and --keep exclude each other");
	if (!bad) {
		e.compromised = j.o->compromised;
		e.last = j.o->last;
		enum rc rc = keyring_retire(j.m.store, a, &e);
		bad = rc == RC_OK ? 0 : kid_failed(&j, rc, args->v[0], e.why);
	}
	if (!bad)
		going_on_print(&e);
	job_close(&j);
	return bad;
}

int key_csr_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	struct job j;
	struct str pem;
	int bad = job_open(&j, c, a, opts) || secrets_take(&j);
	if (!bad) {
		j.order.subject = str_of(j.o->subject);
		enum rc rc = keyring_csr(j.m.store, a, str_of(args->v[0]), &j.order, &pem);
		bad = rc == RC_OK ? 0
				  : kid_failed(&j, rc, args->v[0],
					       "the subject is not a name such as CN=Issuer,O=Agency,C=NO");
	}
	if (!bad)
		printf("%.*s", STR_FMT(pem));
	job_close(&j);
	return bad;
}

int key_certificate_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	struct job j;
	struct str chain;
	const char *why = NULL;
	int bad = job_open(&j, c, a, opts) || file_take(&j, "FILE", args->v[1], &chain);
	if (!bad) {
		enum rc rc = keyring_certify(j.m.store, a, str_of(args->v[0]), chain, &why);
		bad = rc == RC_OK ? 0 : kid_failed(&j, rc, args->v[0], why);
	}
	job_close(&j);
	return bad;
}

int key_rekey_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	struct job j;
	struct str err = STR_NONE;
	uint8_t new_master[32];
	size_t n;
	int bad = job_open(&j, c, a, opts) || admin_master(c, &j.m, a, j.master);
	if (!bad && settings_master_read("FILE", args->v[0], a, new_master, &err) != RC_OK)
		bad = cli_fail(j.command->name, "%.*s", STR_FMT(err));
	if (!bad) {
		enum rc rc = keyring_rekey(j.m.store, a, j.master, new_master, &n);
		bad = rc == RC_OK ? 0 : failed(&j, rc, NULL);
	}
	if (!bad)
		printf("%zu keys\n", n);
	explicit_bzero(new_master, sizeof new_master);
	job_close(&j);
	return bad;
}

/* ---- list ---- */

static void key_print(struct arena *a, const struct key_info *k)
{
	const struct js *v;
	struct jwk *key = NULL;
	struct jwk_cert cert;
	const char *why;
	printf("%.*s  %.*s  %s", STR_FMT(k->row.kid), STR_FMT(k->row.alg), key_state_name(k->state));
	if (k->row.use.n)
		printf("  for %.*s", STR_FMT(k->row.use));
	time_print("published", k->row.published);
	time_print("from", k->row.active_from);
	time_print("until", k->row.retire_at);
	time_print("removed", k->row.remove_at);
	if (js_parse(a, k->row.public_json, NULL, &v, NULL) == RC_OK && jwk_parse(v, &key, &why) == RC_OK &&
	    jwk_cert_read(key, a, &cert) == RC_OK) {
		printf("  subject %.*s", STR_FMT(cert.subject));
		time_print("certified until", cert.not_after);
	}
	if (k->row.token_uri.n)
		printf("  in %.*s", STR_FMT(k->row.token_uri));
	putchar('\n');
	jwk_unref(key);
}

int key_list_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	struct job j;
	struct key_info *list;
	size_t n = 0;
	int bad = job_open(&j, c, a, opts);
	(void)args;
	if (!bad && keyring_list(j.m.store, a, clock_real(), &list, &n) != RC_OK)
		bad = cli_fail(j.command->name, "the store cannot be read");
	for (size_t i = 0; i < n; i++)
		key_print(a, &list[i]);
	job_close(&j);
	return bad;
}
