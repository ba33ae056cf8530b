#include <assert.h>

#include "cli/internal.h"
#include "daemon/settings.h"
#include "version.h"

/* Date of the last change to the text of the pages. */
#define TITLE_TAIL "\"2026-11-30\" \"Samtykke " SAMTYKKE_VERSION_TEXT "\" \"Samtykke manual\"\n"
#define EXIT_STATUS                                                                                                    \
	".SH EXIT STATUS\n0 done; 1 failed, and one line on standard error gives the reason; 2 wrong usage.\n"

/* Escapes text: a leading dot or quote would begin a request of roff, a backslash an escape, and an unescaped hyphen
 * would become a dash. */
static void man_text(FILE *f, const char *text)
{
	bool line_start = true;
	for (const char *p = text; *p; p++) {
		if (line_start && (*p == '.' || *p == '\''))
			fputs("\\&", f);
		if (*p == '\\')
			fputs("\\e", f);
		else if (*p == '-')
			fputs("\\-", f);
		else
			fputc(*p, f);
		line_start = *p == '\n';
	}
}

static void man_paragraphs(FILE *f, const char *text)
{
	struct str rest = str_of(text);
	bool first = true; /* the heading begins the first paragraph */
	while (rest.n) {
		ptrdiff_t at = str_find(rest, STR("\n\n"));
		size_t n = at < 0 ? rest.n : (size_t)at;
		if (!first)
			fputs(".PP\n", f);
		first = false;
		char part[CLI_TEXT_MAX + 1];
		assert(n < sizeof part);
		snprintf(part, sizeof part, "%.*s", (int)n, rest.p);
		man_text(f, part);
		fputc('\n', f);
		rest = at < 0 ? STR_NONE : str_span(rest.p + n + 2, rest.n - n - 2);
	}
}

static void man_title(FILE *f, const char *name)
{
	fputs(".TH \"SAMTYKKE", f);
	for (const char *p = name; *p; p++) {
		if (p == name)
			fputc('-', f);
		fputc(*p == ' ' ? '-' : *p >= 'a' && *p <= 'z' ? *p - 32 : *p, f);
	}
	fputs("\" \"1\" " TITLE_TAIL, f);
}

static void man_options(FILE *f, const struct command *c)
{
	fputs(".SH OPTIONS\n", f);
	for (size_t i = 0; i < c->n_opts; i++) {
		const struct opt_row *o = &c->opts[i];
		fputs(".TP\n", f);
		if (o->letter)
			fprintf(f, "\\fB\\-%c\\fR, ", o->letter);
		fputs("\\fB\\-\\-", f);
		man_text(f, o->name);
		fputs("\\fR", f);
		if (o->arg)
			fprintf(f, " \\fI%s\\fR", o->arg);
		fputc('\n', f);
		man_text(f, o->help);
		if (o->type == OPT_LIST)
			fputs(OPT_REPEATABLE, f);
		fputc('\n', f);
	}
	fputs(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nShow a summary and exit.\n", f);
}

void opt_man(FILE *f, const struct command *c)
{
	man_title(f, c->name);
	fputs(".SH NAME\nsamtykke", f);
	for (const char *p = c->name; *p; p++) {
		if (p == c->name)
			fputs("\\-", f);
		fputs(*p == ' ' ? "\\-" : (char[]){ *p, 0 }, f);
	}
	fprintf(f, " \\- ");
	man_text(f, c->summary);
	fprintf(f, "\n.SH SYNOPSIS\n\\fBsamtykke %s\\fR%s%s%s%s\n", c->name, c->n_opts ? " [\\fIOPTION\\fR…]" : "",
		c->args ? " \\fI" : "", c->args ? c->args : "", c->args ? "\\fR" : "");
	fputs(".SH DESCRIPTION\n", f);
	man_paragraphs(f, c->text);
	man_options(f, c);
	fputs(EXIT_STATUS, f);
	if (c->example) {
		fputs(".SH EXAMPLE\n.EX\n", f);
		man_text(f, c->example);
		fputs("\n.EE\n", f);
	}
	fputs(".SH SEE ALSO\n\\fBsamtykke\\fR(1), \\fBsamtykke.conf\\fR(5)\n", f);
}

/* samtykke(1) */
void man_program(FILE *f)
{
	fputs(".TH \"SAMTYKKE\" \"1\" " TITLE_TAIL
	      ".SH NAME\nsamtykke \\- consent platform: requests, pages, signed tokens\n"
	      ".SH SYNOPSIS\n\\fBsamtykke\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR…] [\\fIARGUMENT\\fR…]\n"
	      ".SH DESCRIPTION\n"
	      "A data consumer asks for consent, and a person answers on a page. "
	      "The consumer gets a signed token, which the data source verifies without asking the platform. "
	      "\\fBsamtykke\\fR is the whole platform in one program.\n"
	      ".SH COMMANDS\n",
	      f);
	for (const struct command *const *c = cli_commands; *c; c++) {
		fprintf(f, ".TP\n\\fBsamtykke %s\\fR\n", (*c)->name);
		man_text(f, (*c)->summary);
		fputs(".\n", f);
	}
	fputs(".SH OPTIONS\n"
	      ".TP\n\\fBcompletion\\fR\nPrint the completion of bash, as make install puts it in place.\n"
	      ".TP\n\\fB\\-\\-version\\fR\nShow the version and exit.\n"
	      ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nList the commands; after a command, explain it.\n" EXIT_STATUS
	      ".SH SEE ALSO\n\\fBsamtykke.conf\\fR(5), \\fBsamtykke\\fR(3)\n",
	      f);
}

static void man_setting_key(FILE *f, const struct conf_row *r)
{
	fputs(".TP\n\\fB", f);
	man_text(f, r->key);
	fputs("\\fR", f);
	if (r->preset) {
		fputs(" (default \\fB", f);
		man_text(f, r->preset);
		fputs("\\fR)", f);
	}
	fputc('\n', f);
	man_text(f, r->help);
	if (r->type == CONF_INT)
		fprintf(f, " From %lld to %lld.", (long long)r->min, (long long)r->max);
	fputc('\n', f);
}

/* samtykke.conf(5) */
void man_settings(FILE *f)
{
	fputs(".TH \"SAMTYKKE.CONF\" \"5\" " TITLE_TAIL ".SH NAME\nsamtykke.conf \\- settings of samtykke(1)\n"
	      ".SH DESCRIPTION\n"
	      "A settings file has lines of \\fIkey\\fR = \\fIvalue\\fR; # and ; begin a comment. "
	      "A key before any section is the name of a setting; "
	      "a key under [\\fIsection\\fR] stands for \\fIsection.key\\fR.\n"
	      ".PP\n"
	      "A setting may also come from the environment: \\fBSAMTYKKE_\\fR and the key in capitals, "
	      "with _ for the dot, as \\fBSAMTYKKE_LOG_LEVEL\\fR. "
	      "It may also come from the option \\fB\\-\\-set\\fR \\fIKEY=VALUE\\fR. "
	      "The environment takes precedence over the file, and the option over both.\n"
	      ".SH SETTINGS\n",
	      f);
	size_t n;
	const struct conf_row *rows = settings_table(&n);
	for (size_t i = 0; i < n; i++)
		man_setting_key(f, &rows[i]);
	fputs(".SH SEE ALSO\n\\fBsamtykke\\fR(1)\n", f);
}
