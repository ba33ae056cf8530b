#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "cli/internal.h"

static const struct opt_row *row_find(const struct command *c, struct str name, char letter)
{
	for (size_t i = 0; i < c->n_opts; i++)
		if (letter ? c->opts[i].letter == letter : str_is(name, c->opts[i].name))
			return &c->opts[i];
	return NULL;
}

static enum rc int_parse(const char *text, int64_t *out)
{
	char *end;
	if (*text != '-' && (*text < '0' || *text > '9')) /* strtoll accepts blanks and a plus sign */
		return RC_INVALID;
	errno = 0;
	long long v = strtoll(text, &end, 10);
	if (errno || end == text || *end)
		return RC_INVALID;
	*out = v;
	return RC_OK;
}

static enum rc value_store(struct arena *a, const struct opt_row *row, const char *value, void *opts,
			   struct str *err_out)
{
	char *member = (char *)opts + row->offset;
	struct opt_list *list = (struct opt_list *)(void *)member;
	switch (row->type) {
	case OPT_FLAG:
		*(bool *)member = true;
		return RC_OK;
	case OPT_TEXT:
		*(const char **)(void *)member = value;
		return RC_OK;
	case OPT_INT:
		if (int_parse(value, (int64_t *)(void *)member) == RC_OK)
			return RC_OK;
		*err_out = arena_fmt(a, "--%s: %s is not a whole number", row->name, value);
		return RC_INVALID;
	case OPT_LIST:
		if (list->n == OPT_LIST_MAX) {
			*err_out = arena_fmt(a, "--%s: more than %d times", row->name, OPT_LIST_MAX);
			return RC_TOO_LARGE;
		}
		list->v[list->n++] = value;
		return RC_OK;
	case OPT__MAX:
		break;
	}
	return RC_FAIL;
}

/* Reads the option at argv[*i]. If its value is the next word, moves *i there. */
static enum rc option_take(struct arena *a, const struct command *c, int argc, char **argv, int *i, void *opts,
			   struct str *err_out)
{
	assert(*i < argc && argv[*i][0] == '-' && argv[*i][1]);
	const char *word = argv[*i];
	struct str name = str_of(word + 2), value = STR_NONE;
	bool is_long = word[1] == '-';

	if (is_long)
		(void)str_cut(str_of(word + 2), '=', &name, &value);
	const struct opt_row *row = row_find(c, name, is_long ? 0 : word[1]);
	if (!row || (!is_long && word[2] && row->type == OPT_FLAG)) {
		*err_out = arena_fmt(a, "there is no option %s", word);
		return RC_INVALID;
	}
	assert(row->offset < c->opts_size);
	if (row->type == OPT_FLAG) {
		if (value.p) {
			*err_out = arena_fmt(a, "--%s takes no value", row->name);
			return RC_INVALID;
		}
		return value_store(a, row, NULL, opts, err_out);
	}
	if (value.p)
		return value_store(a, row, value.p, opts, err_out);
	if (!is_long && word[2])
		return value_store(a, row, word + 2, opts, err_out);
	if (*i + 1 >= argc) {
		*err_out = arena_fmt(a, "--%s needs a value: %s", row->name, row->arg);
		return RC_INVALID;
	}
	return value_store(a, row, argv[++*i], opts, err_out);
}

static enum rc args_check(struct arena *a, const struct command *c, size_t n, struct str *err_out)
{
	if (n < c->min_args) {
		*err_out = arena_fmt(a, "%s is missing", c->args);
		return RC_INVALID;
	}
	if (n > c->max_args) {
		*err_out = STR("too many arguments");
		return RC_INVALID;
	}
	return RC_OK;
}

enum rc opt_parse(struct arena *a, const struct command *c, int argc, char **argv, void *opts,
		  struct opt_args *args_out, bool *help_out, struct str *err_out)
{
	assert(argc >= 0 && c->min_args <= c->max_args);
	const char **args = arena_array(a, const char *, (size_t)argc + 1);
	size_t n = 0;
	bool only_args = false;

	*help_out = false;
	for (int i = 0; i < argc; i++) {
		const char *word = argv[i];
		if (only_args || word[0] != '-' || !word[1]) {
			args[n++] = word;
		} else if (strcmp(word, "--") == 0) {
			only_args = true;
		} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			*help_out = true;
			return RC_OK;
		} else {
			TRY(option_take(a, c, argc, argv, &i, opts, err_out));
		}
	}
	TRY(args_check(a, c, n, err_out));
	*args_out = (struct opt_args){ args, n };
	return RC_OK;
}

void opt_help(FILE *f, const struct command *c)
{
	fprintf(f, "Usage: samtykke %s%s%s%s\n\n%s.\n", c->name, c->n_opts ? " [OPTION…]" : "", c->args ? " " : "",
		c->args ? c->args : "", c->summary);
	if (c->n_opts)
		fprintf(f, "\nOptions:\n");
	for (size_t i = 0; i < c->n_opts; i++) {
		const struct opt_row *o = &c->opts[i];
		char left[64];
		snprintf(left, sizeof left, "%s%c%s--%s%s%s", o->letter ? "-" : "", o->letter ? o->letter : ' ',
			 o->letter ? ", " : "   ", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
		fprintf(f, "  %-26s %s%s\n", left, o->help, o->type == OPT_LIST ? OPT_REPEATABLE : "");
	}
	fprintf(f, "  %-26s %s\n", "-h, --help", "Show this and exit.");
	if (c->example)
		fprintf(f, "\nExample:\n%s\n", c->example);
}
