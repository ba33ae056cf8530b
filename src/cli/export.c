#include <sys/stat.h>
#include <unistd.h>

#include "cli/admin_internal.h"
#include "publish/seed.h"

struct opts {
	struct admin_opts admin;
};

/* The shell makes the file with its own umask; the document has people's numbers. */
static void output_protect(void)
{
	struct stat st;
	if (fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid())
		(void)fchmod(STDOUT_FILENO, S_IRUSR | S_IWUSR);
}

static int export_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct buf out = BUF(a);
	struct admin m;
	int failed = admin_open(c, &o->admin, a, false, &m);
	(void)args;
	if (!failed && seed_export(m.store, &out) != RC_OK)
		failed = cli_fail(c->name, "the store cannot be read");
	if (!failed) {
		output_protect();
		fwrite(out.p, 1, out.n, stdout);
		if (out.n == 0 || out.p[out.n - 1] != '\n')
			putchar('\n');
		if (fflush(stdout) != 0)
			failed = cli_fail(c->name, "cannot write to standard output");
	}
	admin_close(&m);
	return failed;
}

// clang-format off
static const struct opt_row rows[] = { ADMIN_ROWS(struct opts) };
// clang-format on

const struct command cmd_export = {
	.name = "export",
	.summary = "Print the registry as one seed document",
	.text = "Prints parties, roles, rights, templates, resources, access lists, scopes, clients and delegations "
		"as one document for samtykke apply. "
		"Private keys and consents are never exported. "
		"The document has identity numbers: if standard output is a file, only its owner can read it from then on.",
	.example = "samtykke export --set store=sqlite:/var/lib/samtykke/samtykke.db >registry.json",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
	.run = export_run,
};
