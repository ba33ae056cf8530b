#include "cli/admin_internal.h"
#include "publish/seed.h"

struct opts {
	struct admin_opts admin;
};

static int migrate_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct admin m;
	int failed = admin_open(c, &o->admin, a, true, &m);
	(void)args;
	admin_close(&m);
	return failed;
}

/* Entries that people take for one are told, and are no damage. */
static int twins_tell(const struct command *c, struct store *s, struct arena *a)
{
	struct str twins;
	if (seed_twins_stored(s, a, &twins) != RC_OK)
		return cli_fail(c->name, "the registry cannot be read");
	printf("%.*s", STR_FMT(twins));
	return 0;
}

static int check_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct admin m;
	struct str report = STR_NONE;
	int failed = admin_open(c, &o->admin, a, false, &m);
	(void)args;
	if (!failed) {
		enum rc rc = store_check(m.store, a, &report);
		if (report.n)
			printf("%.*s\n", STR_FMT(str_trim(report)));
		failed = rc == RC_OK ? 0 : cli_fail(c->name, "the store is damaged or cannot be read");
		if (!failed)
			failed = twins_tell(c, m.store, a);
	}
	admin_close(&m);
	return failed;
}

// clang-format off
static const struct opt_row rows[] = { ADMIN_ROWS(struct opts) };
// clang-format on

const struct command cmd_store_migrate = {
	.name = "store migrate",
	.summary = "Create the store, or bring its schema to this version",
	.text = "Runs the missing steps of the schema, each in one transaction. "
		"samtykke serve refuses a store that lacks a step. "
		"A new store is marked for production, with --sandbox for a sandbox; the mark never changes.",
	.example = "samtykke store migrate --set store=postgresql:///samtykke",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
	.run = migrate_run,
};
const struct command cmd_store_check = {
	.name = "store check",
	.summary = "Check that the store is intact",
	.text = "Checks the integrity of the database, and that each consent agrees with its events. "
		"Prints the result. "
		"Tells entries that differ from another one by the letter case of their name alone, and owner codes "
		"that differ so from another organisation's. "
		"Such entries are stored from earlier versions; samtykke apply and the APIs refuse new ones.",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
	.run = check_run,
};
