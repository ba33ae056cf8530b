#include "cli/admin_internal.h"
#include "daemon/files.h"
#include "publish/seed.h"

struct opts {
	struct admin_opts admin;
	bool dry_run;
};

static void lines_print(FILE *f, const char *file, struct str lines)
{
	struct str line;
	while (lines.n && str_next(&lines, '\n', &line)) {
		if (file)
			fprintf(f, "%s: ", file);
		fprintf(f, "%.*s\n", STR_FMT(line));
	}
}

/* A large document is written in several changes: its lines show how far it has come. */
static void written_print(void *ctx, struct str lines)
{
	(void)ctx;
	lines_print(stdout, NULL, lines);
	fflush(stdout);
}

/* After a failure: has a part of the document been written? */
static const char *part_text(const struct seed_report *report)
{
	return report->n_changes ? "; the changes above were made, apply it again for the rest" : "";
}

static int apply_one(const struct command *c, struct admin *m, const struct opts *o, const char *file)
{
	struct arena a CLEANUP(arena_finish) = { 0 };
	struct seed_report report = { .a = &a, .faults = BUF(&a), .changes = BUF(&a) };
	const struct seed_options so = {
		.sandbox = o->admin.sandbox, .dry_run = o->dry_run, .rests = true, .written = written_print
	};
	struct str json;

	enum rc rc = file_read(&a, file, SEED_MAX, &json);
	if (rc != RC_OK)
		return cli_fail(c->name, rc == RC_TOO_LARGE ? "%s is larger than 64 MB" : "%s cannot be read", file);
	rc = seed_apply(m->store, &a, json, &so, &report);
	if (rc == RC_INVALID) {
		lines_print(stderr, file, buf_str(&report.faults));
		return cli_fail(c->name, "%s: %zu fault%s%s", file, report.n_faults, report.n_faults == 1 ? "" : "s",
				report.n_changes ? part_text(&report) : "; nothing was applied");
	}
	if (rc == RC_UNCERTAIN)
		return cli_fail(c->name, "%s: it is not known whether the change was made; apply it again", file);
	if (rc != RC_OK)
		return cli_fail(c->name, "%s: the store does not accept the change (%s)%s", file, rc_name(rc),
				part_text(&report));
	if (report.n_changes == 0)
		puts("no change");
	return 0;
}

static int apply_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct admin m;
	int failed = admin_open(c, &o->admin, a, false, &m);
	for (size_t i = 0; i < args->n && !failed; i++)
		failed = apply_one(c, &m, o, args->v[i]);
	admin_close(&m);
	return failed;
}

// clang-format off
static const struct opt_row rows[] = {
	ADMIN_ROWS(struct opts),
	{ "dry-run", 'n', OPT_FLAG, offsetof(struct opts, dry_run), NULL, "Print the changes and write nothing." },
};
// clang-format on

const struct command cmd_apply = {
	.name = "apply",
	.args = "FILE…",
	.min_args = 1,
	.max_args = 1000,
	.summary = "Apply seed documents: parties, roles, resources, templates, scopes, clients, delegations",
	.text = "Merges each document into the store by key and prints one line for each change: + new, ~ changed, "
		"- removed. "
		"Entries that a file does not name stay as they are. "
		"An entry with \"state\": \"absent\" is removed. "
		"Applying a document twice changes nothing. "
		"FILE may be - for standard input.\n\n"
		"If a document has faults, the command prints each as PATH: fault, "
		"and applies nothing of the document. "
		"A document that changes more than 500 parties, roles and rights is stored in parts, "
		"so that the server never waits for all of it. "
		"The command prints each part when it is stored, and run again it finishes what was interrupted. "
		"A running server uses the change from its next request on.\n\n"
		"A resource has its policy as JSON in \"policy\", "
		"or as a XACML 3.0 file in \"policyXml\": the file's text as one string. "
		"A file that uses more than the supported part of XACML is a fault with the element and its line.",
	.example = "samtykke apply --set store=sqlite:/var/lib/samtykke/samtykke.db --dry-run resources.json",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
	.run = apply_run,
};
