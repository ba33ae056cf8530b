/* Commands that are one request to the issuer's self-service each: a row says which, selfservice_run does it. */
#pragma once
#include "cli/consumer_internal.h"

#define SELFSERVICE_TRIES 10        /* of a change, when others change the same thing */
#define SELFSERVICE_MAX_FILE 262144 /* bytes of a file with keys */

struct selfservice_opts {
	struct consumer_opts consumer;
	const char *name;
	const char *description;
	const char *prefix;
	const char *subscope;
	const char *visibility;
	const char *source;
	const char *jwks;
	const char *supplier;
	const char *owner;
	const char *scope;
	/* text: 0 is not the same as not said */
	const char *max_age;
	const char *authorization_age;
	const char *lifetime;
	struct opt_list scopes;
	struct opt_list redirects;
	struct opt_list types;
	bool for_all;
	bool not_for_all;
	bool inactive;
	bool for_others;
};

/* How an option that was given becomes a member of the body or a parameter of the query. */
enum selfservice_kind {
	SELFSERVICE_TEXT,
	SELFSERVICE_NUMBER,
	SELFSERVICE_LIST,
	SELFSERVICE_TRUE,
	SELFSERVICE_FALSE,
	SELFSERVICE_PARAM,
	SELFSERVICE_PARAM_TRUE,
	SELFSERVICE__MAX
};
struct selfservice_member {
	const char *option; /* row of the command's options; a command without it leaves the member out */
	const char *name;
	enum selfservice_kind kind;
};
struct selfservice_request {
	/* path: {0} is the first argument of the command, percent-encoded */
	const char *method;
	const char *path;
	const char *scope; /* of the token, unless it acts for others; NULL: none is needed */
	const struct selfservice_member *members;
	size_t n_members;
	bool body;            /* the members are sent */
	bool merge;           /* GET first: what no option names stays as it is, whoever else changes it meanwhile */
	const char *needs[4]; /* options without which it is wrong usage */
	const char *keys;     /* --jwks is a second request, to this path; NULL: it is the body */
};
int selfservice_run(const struct command *c, const struct selfservice_request *call, struct arena *a,
		    const struct selfservice_opts *o, const struct opt_args *args);
