/* Commands that send one request to the issuer's self-service API. The row of each command describes its request. */
#pragma once
#include "base/js.h"
#include "cli/consumer_internal.h"

#define SELFSERVICE_TRIES 10        /* of a change, when others change the same object at the same time */
#define SELFSERVICE_FILE_MAX 262144 /* bytes of a file with keys */

/* Options of all these commands. The rows of a command fill some of the members. */
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
	/* Numbers are text here: 0 differs from an option that is not given. */
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

/* How an option becomes a member of the body (the first five) or a parameter of the query (PARAM…). */
enum selfservice_kind {
	SELFSERVICE_TEXT, /* empty: null */
	SELFSERVICE_NUMBER,
	SELFSERVICE_LIST, /* empty texts are left out */
	SELFSERVICE_TRUE,
	SELFSERVICE_FALSE,
	SELFSERVICE_PARAM,
	SELFSERVICE_PARAM_TRUE,
	SELFSERVICE__MAX
};
struct selfservice_member {
	const char *option; /* name of the option. Without a value for it the member is left out */
	const char *name;   /* of the member or the parameter */
	enum selfservice_kind kind;
};
struct selfservice_request {
	const char *method;
	const char *path;  /* {0} and {1}: the command's arguments, percent-encoded */
	const char *scope; /* of the token; --for and --for-others replace it; NULL: the request needs no token */
	const struct selfservice_member *members;
	size_t n_members;
	bool body;            /* send the members as the body */
	bool merge;           /* GET the object first, replace the given members, send it back with If-Match */
	const char *needs[4]; /* options that must be given */
	const char *keys;     /* path of a second request that sends --jwks; NULL: --jwks is the body */
};

/* `run` of these commands: sends c->request and prints the answer. `opts` is a struct selfservice_opts. */
int selfservice_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args);
/* The same with another request than c->request. */
int selfservice_send(const struct command *c, const struct selfservice_request *request, struct arena *a,
		     const struct selfservice_opts *o, const struct opt_args *args);

/* The body of the request as JSON. `present` is the object as it is now, whose members stay unless an option replaces
 * them; NULL: none. */
struct str selfservice_body(const struct command *c, const struct selfservice_request *request, struct arena *a,
			    const struct selfservice_opts *o, const struct js *present);
/* The URL of `path` on the server that the options name, with the request's query parameters. */
const char *selfservice_url(const struct command *c, const struct selfservice_request *request, struct arena *a,
			    const struct selfservice_opts *o, const char *path, const struct opt_args *args);
/* A key set with the public members of the key or key set in `text`. NULL: *out is written; else the fault of `text`.
 */
const char *selfservice_public_keys(struct arena *a, struct str text, struct str *out);
