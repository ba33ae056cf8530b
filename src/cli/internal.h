/* Subcommands as rows: from one table come parsing, --help and the manual pages. */
#pragma once
#include <stdio.h>

#include "base/arena.h"

enum opt_type { OPT_FLAG, OPT_TEXT, OPT_INT, OPT_LIST, OPT__MAX };

struct opt_row {
	const char *name;   /* "port": --port */
	char letter;        /* 'c': -c; 0 = none */
	enum opt_type type; /* FLAG: bool; TEXT: const char *; INT: int64_t; LIST: struct opt_list, repeatable */
	size_t offset;      /* in the command's options struct */
	const char *arg;    /* "FILE": placeholder in help; NULL for flags */
	const char *help;   /* one sentence; ends the table row in --help and in the manual page */
};
#define OPT_LIST_MAX 64
struct opt_list {
	const char *v[OPT_LIST_MAX];
	size_t n;
};
struct opt_args {
	const char **v; /* what is not an option */
	size_t n;
};

struct command {
	const char *name; /* "key new" */
	const char *args; /* "FILE…"; NULL = none */
	size_t min_args;
	size_t max_args;
	const char *summary; /* one line without a full stop */
	const char *text;    /* paragraphs for the manual page, separated by empty lines */
	const char *example; /* shell lines */
	const struct opt_row *opts;
	size_t n_opts;
	size_t opts_size; /* of the options struct, at most CLI_OPTS_MAX */
	/* 0 done, 1 failed (one line on stderr said why), 2 wrong usage. */
	int (*run)(struct arena *a, const void *opts, const struct opt_args *args);
};
#define CLI_OPTS_MAX 4096

extern const struct command *const cli_commands[]; /* ends with NULL */

/* Parses argv[0..n-1] into opts. RC_INVALID: err_out is one line. *help_out: --help was there. */
MUST_USE enum rc opt_parse(struct arena *a, const struct command *c, int argc, char **argv, void *opts,
			   struct opt_args *args_out, bool *help_out, struct str *err_out);
void opt_help(FILE *f, const struct command *c);
/* The manual page as mdoc/man source. */
void opt_man(FILE *f, const struct command *c);
void man_program(FILE *f);
void man_settings(FILE *f);

/* "samtykke NAME: …" on stderr; returns 1. */
int cli_fail(const char *name, const char *fmt, ...) PRINTF(2, 3);

extern const struct command cmd_sandbox, cmd_serve, cmd_apply, cmd_export, cmd_key_new, cmd_key_list, cmd_key_rotate,
	cmd_key_retire, cmd_key_csr, cmd_key_certificate, cmd_key_rekey, cmd_store_migrate, cmd_store_check,
	cmd_request_create, cmd_request_show, cmd_request_wait, cmd_token_get, cmd_token_inspect, cmd_token_verify,
	cmd_consent_use, cmd_events_follow, cmd_receipt_verify, cmd_client_list, cmd_client_show, cmd_client_create,
	cmd_client_change, cmd_client_keys, cmd_client_deactivate, cmd_scope_list, cmd_scope_all, cmd_scope_show,
	cmd_scope_create, cmd_scope_change, cmd_scope_access, cmd_scope_grant, cmd_scope_withdraw, cmd_scope_deactivate,
	cmd_scope_prefixes, cmd_delegation_list, cmd_delegation_sources, cmd_delegation_create, cmd_delegation_withdraw;
