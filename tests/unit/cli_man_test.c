#include "cli/internal.h"
#include "t.h"

struct opts {
	struct opt_list list;
	bool flag;
};
static const struct opt_row rows[] = {
	{ "a-list", 'l', OPT_LIST, offsetof(struct opts, list), "ITEM", "Many." },
	{ "flag", 0, OPT_FLAG, offsetof(struct opts, flag), NULL, ".dot first." },
};
static const struct command command = {
	.name = "try it",
	.args = "FILE",
	.summary = "Try - it",
	.text = "First \\ one.\n\n'Second' one.\n.third line",
	.example = "samtykke try it --flag",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
};

static char *page(const struct command *c)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	CHECK(f);
	opt_man(f, c);
	fclose(f);
	return text;
}

static void test_man__text_is_never_a_request(void **state)
{
	(void)state;
	char *text = page(&command);
	CHECK(strstr(text, ".SH DESCRIPTION\nFirst \\e one.\n.PP\n\\&'Second' one.\n\\&.third line\n"));
	CHECK(strstr(text, ".TP\n\\fB\\-\\-flag\\fR\n\\&.dot first.\n"));
	CHECK(strstr(text, "\n.EX\nsamtykke try it \\-\\-flag\n.EE\n"));
	free(text);
}

static void test_man__a_page_has_its_name_and_its_options(void **state)
{
	(void)state;
	char *text = page(&command);
	CHECK(strncmp(text, ".TH \"SAMTYKKE-TRY-IT\" \"1\" ", 26) == 0);
	CHECK(strstr(text, ".SH NAME\nsamtykke\\-try\\-it \\- Try \\- it\n"));
	CHECK(strstr(text, "\\fBsamtykke try it\\fR [\\fIOPTION\\fR…] \\fIFILE\\fR\n"));
	CHECK(strstr(text, ".TP\n\\fB\\-l\\fR, \\fB\\-\\-a\\-list\\fR \\fIITEM\\fR\nMany. May be repeated.\n"));
	free(text);
}

static void test_man__every_command_fits_its_limits(void **state)
{
	(void)state;
	for (const struct command *const *c = cli_commands; *c; c++) {
		CHECK((*c)->run && (*c)->opts_size <= CLI_OPTS_MAX && (*c)->min_args <= (*c)->max_args);
		CHECK(!(*c)->max_args == !(*c)->args);
		CHECK((*c)->summary[strlen((*c)->summary) - 1] != '.');
		for (size_t i = 0; i < (*c)->n_opts; i++) {
			const struct opt_row *o = &(*c)->opts[i];
			CHECK(o->type < OPT__MAX && o->offset < (*c)->opts_size && !o->arg == (o->type == OPT_FLAG));
			CHECK(o->help[strlen(o->help) - 1] == '.');
			for (size_t k = 0; k < i; k++)
				CHECK(strcmp(o->name, (*c)->opts[k].name) != 0 &&
				      (!o->letter || o->letter != (*c)->opts[k].letter));
		}
		free(page(*c));
	}
}

T_MAIN(cmocka_unit_test(test_man__text_is_never_a_request),
       cmocka_unit_test(test_man__a_page_has_its_name_and_its_options),
       cmocka_unit_test(test_man__every_command_fits_its_limits))
