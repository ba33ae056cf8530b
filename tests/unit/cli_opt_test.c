#include "cli/internal.h"
#include "t.h"

struct opts {
	bool flag, other;
	const char *text;
	int64_t number;
	struct opt_list list;
};

// clang-format off
static const struct opt_row rows[] = {
	{ "flag",   'f', OPT_FLAG, offsetof(struct opts, flag),   NULL,   "A flag." },
	{ "other",  0,   OPT_FLAG, offsetof(struct opts, other),  NULL,   "One without a letter." },
	{ "text",   't', OPT_TEXT, offsetof(struct opts, text),   "TEXT", "A text." },
	{ "number", 'n', OPT_INT,  offsetof(struct opts, number), "N",    "A number." },
	{ "list",   'l', OPT_LIST, offsetof(struct opts, list),   "ITEM", "Many." },
};
// clang-format on
static const struct command command = {
	.name = "try",
	.args = "FILE…",
	.min_args = 0,
	.max_args = 3,
	.summary = "Try",
	.example = "samtykke try x",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
};

#define WORDS_MAX 140
struct fixture {
	struct arena a;
	struct opts o;
	struct opt_args args;
	bool help;
	struct str err;
};

/* Words end with NULL. */
static enum rc parse_with(struct fixture *f, const struct command *c, const char *const *words)
{
	char *argv[WORDS_MAX + 1];
	int argc = 0;

	f->o = (struct opts){ 0 };
	f->args = (struct opt_args){ 0 };
	f->err = STR_NONE;
	for (; words[argc]; argc++) {
		CHECK(argc < WORDS_MAX);
		argv[argc] = (char *)(uintptr_t)words[argc];
	}
	argv[argc] = NULL;
	return opt_parse(&f->a, c, argc, argv, &f->o, &f->args, &f->help, &f->err);
}

#define PARSE(f, ...) parse_with((f), &command, (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static void test_opt__reads_every_type(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	CHECK_RC(PARSE(&f), RC_OK);
	CHECK(!f.o.flag && !f.o.text && !f.o.number && !f.o.list.n && !f.args.n && !f.help);
	CHECK_RC(PARSE(&f, "--flag", "--text", "a", "--number", "-7", "--list", "x", "one", "--list=y", "two"), RC_OK);
	CHECK(f.o.flag && !f.o.other && f.o.number == -7 && f.o.list.n == 2 && f.args.n == 2);
	CHECK_STR(str_of(f.o.text), STR("a"));
	CHECK_STR(str_of(f.o.list.v[1]), STR("y"));
	CHECK_STR(str_of(f.args.v[1]), STR("two"));
	CHECK_RC(PARSE(&f, "-f", "-t", "a", "-n", "9223372036854775807", "-lx"), RC_OK);
	CHECK(f.o.flag && f.o.number == INT64_MAX && f.o.list.n == 1);
	arena_finish(&f.a);
}

static void test_opt__takes_values_in_three_ways(void **state)
{
	(void)state;
	static const struct {
		const char *words[4], *want;
	} t[] = {
		{ { "--text=a=b", NULL }, "a=b" },
		{ { "--text=", NULL }, "" },
		{ { "--text", "--flag", NULL }, "--flag" },
		{ { "--text", "--", NULL }, "--" },
		{ { "-tabc", NULL }, "abc" },
		{ { "-t=a", NULL }, "=a" },
		{ { "-t", "-", NULL }, "-" },
		{ { "--text=a", "--text=b", NULL }, "b" },
	};
	struct fixture f = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		CHECK_RC(parse_with(&f, &command, t[i].words), RC_OK);
		CHECK_STR(str_of(f.o.text), str_of(t[i].want));
		CHECK(!f.o.flag && f.args.n == 0);
	}
	arena_finish(&f.a);
}

static void test_opt__two_dashes_end_the_options(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	CHECK_RC(PARSE(&f, "-f", "--", "--text", "--help", "--"), RC_OK);
	CHECK(f.o.flag && !f.o.text && !f.help && f.args.n == 3);
	CHECK_STR(str_of(f.args.v[2]), STR("--"));
	CHECK_RC(PARSE(&f, "-"), RC_OK); /* standard input is an argument */
	CHECK_STR(str_of(f.args.v[0]), STR("-"));
	arena_finish(&f.a);
}

static void test_opt__help_is_first_served(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	CHECK_RC(PARSE(&f, "--help", "--nonsense", "1", "2", "3", "4"), RC_OK);
	CHECK(f.help);
	CHECK_RC(PARSE(&f, "-h"), RC_OK);
	CHECK(f.help);
	CHECK_RC(PARSE(&f, "-t", "-h"), RC_OK);
	CHECK(!f.help);
	arena_finish(&f.a);
}

static void test_opt__says_what_is_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *words[6], *err;
	} t[] = {
		{ { "--nonsense", NULL }, "there is no option --nonsense" },
		{ { "--tex", "a", NULL }, "there is no option --tex" },
		{ { "--Text", "a", NULL }, "there is no option --Text" },
		{ { "--=a", NULL }, "there is no option --=a" },
		{ { "-x", NULL }, "there is no option -x" },
		{ { "-ft", "a", NULL }, "there is no option -ft" },
		{ { "--flag=1", NULL }, "--flag takes no value" },
		{ { "--flag=", NULL }, "--flag takes no value" },
		{ { "-f", "--text", NULL }, "--text needs a value: TEXT" },
		{ { "-l", NULL }, "--list needs a value: ITEM" },
		{ { "--number", "", NULL }, "--number:  is not a whole number" },
		{ { "--number=1x", NULL }, "--number: 1x is not a whole number" },
		{ { "--number= 1", NULL }, "--number:  1 is not a whole number" },
		{ { "-n+1", NULL }, "--number: +1 is not a whole number" },
		{ { "-n1.5", NULL }, "--number: 1.5 is not a whole number" },
		{ { "-n0x10", NULL }, "--number: 0x10 is not a whole number" },
		{ { "-n", "9223372036854775808", NULL }, "--number: 9223372036854775808 is not a whole number" },
		{ { "1", "2", "3", "4", NULL }, "too many arguments" },
	};
	struct fixture f = { 0 };
	for (size_t i = 0; i < LEN(t); i++) {
		CHECK_RC(parse_with(&f, &command, t[i].words), RC_INVALID);
		CHECK_STR(f.err, str_of(t[i].err));
		CHECK(!f.args.v);
	}
	arena_finish(&f.a);
}

static void test_opt__counts_arguments(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	struct command c = command;
	c.min_args = 1;
	c.max_args = 1;
	CHECK_RC(parse_with(&f, &c, (const char *const[]){ NULL }), RC_INVALID);
	CHECK_STR(f.err, STR("FILE… is missing"));
	CHECK_RC(parse_with(&f, &c, (const char *const[]){ "a", NULL }), RC_OK);
	CHECK_RC(parse_with(&f, &c, (const char *const[]){ "a", "b", NULL }), RC_INVALID);
	arena_finish(&f.a);
}

static void test_opt__a_list_has_a_limit(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	const char *words[OPT_LIST_MAX + 2] = { NULL };
	for (size_t i = 0; i < OPT_LIST_MAX; i++)
		words[i] = "-lx";
	CHECK_RC(parse_with(&f, &command, words), RC_OK);
	CHECK(f.o.list.n == OPT_LIST_MAX);
	words[OPT_LIST_MAX] = "-lx";
	CHECK_RC(parse_with(&f, &command, words), RC_TOO_LARGE);
	CHECK_STR(f.err, STR("--list: more than 64 times"));
	arena_finish(&f.a);
}

static void test_opt__help_names_every_option(void **state)
{
	(void)state;
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	CHECK(f);
	opt_help(f, &command);
	fclose(f);
	CHECK(strncmp(text, "Usage: samtykke try [OPTION…] FILE…\n\nTry.\n", 46) == 0);
	CHECK(strstr(text, "\n  -t, --text TEXT            A text.\n"));
	CHECK(strstr(text, "\n      --other                One without a letter.\n"));
	CHECK(strstr(text, "-h, --help") && strstr(text, "\nExample:\nsamtykke try x\n"));
	free(text);
}

T_MAIN(cmocka_unit_test(test_opt__reads_every_type), cmocka_unit_test(test_opt__takes_values_in_three_ways),
       cmocka_unit_test(test_opt__two_dashes_end_the_options), cmocka_unit_test(test_opt__help_is_first_served),
       cmocka_unit_test(test_opt__says_what_is_wrong), cmocka_unit_test(test_opt__counts_arguments),
       cmocka_unit_test(test_opt__a_list_has_a_limit), cmocka_unit_test(test_opt__help_names_every_option))
