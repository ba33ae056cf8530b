/* Commands and their options as tables. Parsing, --help and the manual pages all come from one row of a table. */
#pragma once
#include <stdio.h>

#include "base/arena.h"

enum opt_type { OPT_FLAG, OPT_TEXT, OPT_INT, OPT_LIST, OPT__MAX };

struct opt_row {
	const char *name;   /* "port" for --port */
	char letter;        /* 'c' for -c; 0: none */
	enum opt_type type; /* FLAG: bool; TEXT: const char *; INT: int64_t; LIST: struct opt_list, repeatable */
	size_t offset;      /* of that member in the command's options struct */
	const char *arg;    /* placeholder in the help, "FILE"; NULL for a flag */
	const char *help;   /* sentences for --help and for the manual page */
};
#define OPT_LIST_MAX 64
#define OPT_REPEATABLE " May be repeated." /* follows the help of a LIST */
struct opt_list {
	const char *v[OPT_LIST_MAX];
	size_t n;
};
/* The words of the command line that are neither options nor their values. */
struct opt_args {
	const char **v;
	size_t n;
};

struct selfservice_request;
struct command {
	const char *name; /* "key new" */
	const char *args; /* "FILE…"; NULL: none */
	size_t min_args;
	size_t max_args;
	const char *summary; /* one line without a full stop */
	const char
		*text; /* paragraphs for the manual page, separated by empty lines; each at most CLI_TEXT_MAX bytes */
	const char *example; /* shell lines; NULL: none */
	const struct opt_row *opts;
	size_t n_opts;
	size_t opts_size;                          /* size of the options struct, at most CLI_OPTS_MAX */
	const struct selfservice_request *request; /* for selfservice_run; NULL for other commands */
	/* Returns the exit status: 0 done, 1 failed after one line on stderr, 2 wrong usage. `opts` points to the
	 * command's options struct; members that no option has set are zero. */
	int (*run)(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args);
};
#define CLI_OPTS_MAX 4096
#define CLI_TEXT_MAX 4000

extern const struct command *const cli_commands[]; /* ends with NULL */

/* Parses the words of argv into opts, which the caller has zeroed and which has c->opts_size bytes. Values point into
 * argv. RC_INVALID, RC_TOO_LARGE: *err_out is one line in `a` that says why. *help_out is true when the words ask for
 * help; then neither the remaining words nor the number of arguments are checked, and *args_out is not written. */
MUST_USE enum rc opt_parse(struct arena *a, const struct command *c, int argc, char **argv, void *opts,
			   struct opt_args *args_out, bool *help_out, struct str *err_out);
/* Writes what --help shows. */
void opt_help(FILE *f, const struct command *c);

/* Manual pages in man(7): of one command, of the program (samtykke(1)), of the settings (samtykke.conf(5)). */
void opt_man(FILE *f, const struct command *c);
void man_program(FILE *f);
void man_settings(FILE *f);
/* Writes the completion of bash: commands and options, elsewhere file names. */
void completion_write(FILE *f);

/* Writes "samtykke NAME: " and the message as one line to stderr. Returns 1. */
int cli_fail(const char *name, const char *fmt, ...) PRINTF(2, 3);

extern const struct command cmd_sandbox, cmd_serve, cmd_apply, cmd_export, cmd_import, cmd_key_new, cmd_key_list,
	cmd_key_rotate, cmd_key_retire, cmd_key_csr, cmd_key_certificate, cmd_key_rekey, cmd_store_migrate,
	cmd_store_check, cmd_request_create, cmd_request_list, cmd_request_show, cmd_request_wait, cmd_token_get,
	cmd_token_inspect, cmd_token_verify, cmd_consent_use, cmd_events_follow, cmd_receipt_get, cmd_receipt_verify,
	cmd_client_list, cmd_client_show, cmd_client_create, cmd_client_change, cmd_client_keys, cmd_client_deactivate,
	cmd_scope_list, cmd_scope_all, cmd_scope_show, cmd_scope_create, cmd_scope_change, cmd_scope_access,
	cmd_scope_grant, cmd_scope_withdraw, cmd_scope_deactivate, cmd_scope_prefixes, cmd_delegation_list,
	cmd_delegation_sources, cmd_delegation_create, cmd_delegation_withdraw;
