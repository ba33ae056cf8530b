#include "cli/cli.h"

#include <assert.h>

#include "cli/internal.h"
#include "daemon/extensions.h"
#include "version.h"

static void commands_list(FILE *f)
{
	fputs("Usage: samtykke COMMAND [OPTION…] [ARGUMENT…]\n\nCommands:\n", f);
	for (const struct command *const *c = cli_commands; *c; c++)
		fprintf(f, "  %-20s %s\n", (*c)->name, (*c)->summary);
	fputs("\n`samtykke COMMAND --help` explains a command. `samtykke --version` shows the version.\n", f);
}

/* Number of words of argv that make up the command's name; 0: argv names another command. */
static int name_match(const char *name, int argc, char **argv)
{
	struct str word, rest = str_of(name);
	for (int i = 0; i < argc; i++) {
		if (!str_next(&rest, ' ', &word) || !str_is(word, argv[i]))
			return 0;
		if (!rest.p)
			return i + 1;
	}
	return 0;
}

static int command_run(const struct command *c, int argc, char **argv)
{
	assert(c->opts_size <= CLI_OPTS_MAX && c->run);
	struct arena a CLEANUP(arena_finish) = { 0 };
	void *opts = arena_alloc(&a, CLI_OPTS_MAX);
	struct opt_args args = { 0 };
	struct str err = STR_NONE;
	bool help = false;

	if (opt_parse(&a, c, argc, argv, opts, &args, &help, &err) != RC_OK) {
		fprintf(stderr, "samtykke %s: %.*s\nTry: samtykke %s --help\n", c->name, STR_FMT(err), c->name);
		return 2;
	}
	if (help) {
		opt_help(stdout, c);
		return 0;
	}
	return c->run(c, &a, opts, &args);
}

/* `samtykke man [NAME]` writes the source of a manual page, for the build. */
static int man_write(int argc, char **argv)
{
	if (argc == 0) {
		man_program(stdout);
		return 0;
	}
	if (strcmp(argv[0], "samtykke.conf") == 0) {
		man_settings(stdout);
		return 0;
	}
	for (const struct command *const *c = cli_commands; *c; c++)
		if (name_match((*c)->name, argc, argv) == argc) {
			opt_man(stdout, *c);
			return 0;
		}
	fprintf(stderr, "samtykke man: there is no such page\n");
	return 2;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Lists the commands of a group, as `key` is one. false: there are none. */
static bool group_list(FILE *f, const char *group, bool heading)
{
	bool any = false;
	for (const struct command *const *c = cli_commands; *c; c++) {
		struct str first, rest;
		if (!str_cut(str_of((*c)->name), ' ', &first, &rest) || !str_is(first, group))
			continue;
		if (!any && heading)
			fprintf(f, "Usage: samtykke %s COMMAND [OPTION…] [ARGUMENT…]\n\nCommands:\n", group);
		any = true;
		fprintf(f, "  %-20s %s\n", (*c)->name, (*c)->summary);
	}
	return any;
}

/* Lists the commands of the group that argv names, if it names one. */
static int usage_wrong(int argc, char **argv)
{
	if (argc == 0) {
		commands_list(stderr);
		return 2;
	}
	if (argc > 1 && is_help(argv[1]) && group_list(stdout, argv[0], true)) {
		printf("\n`samtykke %s COMMAND --help` explains a command.\n", argv[0]);
		return 0;
	}
	fprintf(stderr, "samtykke: there is no command %s%s%s\n", argv[0], argc > 1 && argv[1][0] != '-' ? " " : "",
		argc > 1 && argv[1][0] != '-' ? argv[1] : "");
	(void)group_list(stderr, argv[0], false);
	fputs("Try: samtykke --help\n", stderr);
	return 2;
}

int cli_main(int argc, char **argv)
{
	const struct command *found = NULL;
	int words = 0;
	extensions_add();
	argc--, argv++;
	if (argc > 0 && (is_help(argv[0]) || strcmp(argv[0], "help") == 0)) {
		commands_list(stdout);
		return 0;
	}
	if (argc > 0 && (strcmp(argv[0], "--version") == 0 || strcmp(argv[0], "-V") == 0)) {
		puts("samtykke " SAMTYKKE_VERSION_TEXT);
		return 0;
	}
	if (argc == 1 && strcmp(argv[0], "completion") == 0) {
		completion_write(stdout);
		return 0;
	}
	if (argc > 0 && strcmp(argv[0], "man") == 0)
		return man_write(argc - 1, argv + 1);
	for (const struct command *const *c = cli_commands; *c; c++) {
		int n = name_match((*c)->name, argc, argv);
		if (n > words) {
			found = *c;
			words = n;
		}
	}
	return found ? command_run(found, argc - words, argv + words) : usage_wrong(argc, argv);
}
