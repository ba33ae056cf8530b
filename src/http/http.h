/* The HTTP server: a route table, a worker pool, requests as spans, responses in buffers.
 * Knows no token and no store: a route row names a check, and whoever owns the row provides it. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/js.h"
#include "base/rand.h"
#include "base/url.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS, HTTP_METHOD__MAX };
const char *http_method_name(enum http_method m);

/* Limits that a client meets; each has a test at limit + 1. */
#define HTTP_MAX_PATH 1024        /* bytes of the raw path: 414 */
#define HTTP_MAX_QUERY 4096       /* bytes of the query string: 414 */
#define HTTP_MAX_HEADERS 64       /* header fields: 431 */
#define HTTP_MAX_HEADER 8192      /* bytes of one value: 431 */
#define HTTP_MAX_BODY 262144      /* bytes, unless the route says less or more: 413 */
#define HTTP_MAX_BODIES 134217728 /* bytes of all bodies that are being received or worked on: 503 */
#define HTTP_ARRIVAL_S 60         /* a body that takes longer from the request line on: the connection is closed */
#define HTTP_MAX_PARAMS 4         /* {x} segments in a route */
#define HTTP_MAX_FORM_PAIRS 64    /* 400 */
#define HTTP_MAX_PARTS 16         /* of a multipart body: 400 */
#define HTTP_MAX_RERUNS 4         /* of a handler whose write is overtaken: 503 */
#define HTTP_IDLE_S 75            /* keep-alive connections live at least 60 s */
#define HTTP_MAX_WAITING 2000     /* requests that wait for something to happen: 503 */

struct http_header {
	struct str name;
	struct str value;
};

struct http_req {
	struct arena *arena; /* lives until the response has been built */
	enum http_method method;
	struct str path;                   /* raw, as sent, without query */
	struct str query;                  /* raw, absent when there is no '?' */
	struct str param[HTTP_MAX_PARAMS]; /* {x} segments in route order, percent-decoded */
	struct http_header *headers;
	size_t n_headers;
	struct str body;
	char trace_id[33]; /* 32 hex digits, for errors and the log */
	const struct http_route *route;
	void *checks;        /* http_table.checks of the row */
	void *handlers;      /* http_table.handlers of the row */
	void *caller;        /* set by the route's check: who is calling (gate's type) */
	int64_t arrived_us;  /* clock_mono() of the request line; the same however often it is run */
	int64_t deadline_us; /* clock_mono() at which an answer is of no use any more */
	unsigned carried;    /* the handler's own: 0 at first, then as the run before left it */
	bool wait_over;      /* waiting is no answer any more: the server stops, or the client has hung up */
};

struct http_res {
	struct arena *arena;
	int status; /* 0 until set; a handler that sets none answers 500 */
	struct buf body;
	const char *content_type; /* static text; NULL when there is no body */
	struct http_header *headers;
	size_t n_headers;
	size_t cap_headers;
	bool close; /* close the connection after the answer */
	bool waits; /* http_wait */
	struct uuid wait_key;
	int64_t wait_until;
};

/* A handler is straight-line code on a worker thread: parse, load, decide, commit, render. It may block on the
 * committer and on nothing else. RC_OK or RC_ANSWERED: `res` is the answer. Anything else: the server writes the
 * problem document of that rc (problem.c). RC_STALE makes the server run the handler again, with the response emptied
 * (see http_config.refresh), HTTP_MAX_RERUNS times. */
typedef enum rc http_handler(struct http_req *req, struct http_res *res);

struct http_route {
	enum http_method method;
	const char *pattern; /* "/a/{id}/b"; lower case; matched with and without trailing slash, any letter case */
	http_handler *check; /* who may call: run before the handler. RC_OK lets the request through, and then it
				has set no status. RC_ANSWERED: it has refused, `res` is the answer. NULL: everybody */
	const char *scope;   /* handed to the check: space-separated scopes, any one of them; NULL: none */
	size_t max_body;     /* 0 = HTTP_MAX_BODY */
	http_handler *handler;
	const char *doc; /* the purpose of the route, for readers of the table */
};

struct http_table {
	const struct http_route *rows;
	size_t n;
	void *checks;   /* context of the rows' checks: http_req.checks */
	void *handlers; /* context of the rows' handlers: http_req.handlers */
};

struct http_config {
	const char *listen;  /* address, "127.0.0.1" */
	int port;            /* 0 = any free port */
	int workers;         /* handler threads; queue length is HTTP_QUEUE_PER_WORKER times that */
	int io_threads;      /* 0 = a sensible number */
	int max_connections; /* 0 = 4096 */
	/* PEM texts or NULL */
	const char *tls_cert;
	const char *tls_key;
	bool https;         /* browsers reach it by https, perhaps through a proxy: RFC 6797 */
	void *ctx;          /* given to the calls below */
	size_t max_waiting; /* 0 = HTTP_MAX_WAITING */
	size_t max_bodies;  /* bytes of request bodies held at one time; 0 = HTTP_MAX_BODIES */
	/* What handlers decide on has a version: noted before a request is run. May be NULL (0). */
	int64_t (*version)(void *ctx);
	/* Called before a handler's error answer (rc other than OK, or status >= 400) or RC_STALE is given: brings what
	 * handlers decide on up to date; true = its version is not the noted one any more, run the request again. May
	 * be NULL. Once a request, and once more after each further RC_STALE. */
	bool (*refresh)(void *ctx, int64_t noted);
	/* Renders problem answers for paths that belong to people (HTML); NULL or false: problem+json. */
	bool (*error_page)(void *ctx, struct http_req *req, struct http_res *res, int status);
	void (*served)(void *ctx, const struct http_req *req, int status,
		       int64_t us); /* access log, metrics; may be NULL */
};
#define HTTP_QUEUE_PER_WORKER 64 /* a full queue answers 503 with Retry-After: 1 at once */

struct http_server;
/* RC_FAIL: the address cannot be had (err_out: why). tables end with {NULL, 0}; earlier tables win. */
MUST_USE enum rc http_server_start(const struct http_config *c, const struct http_table *tables,
				   struct http_server **out, struct str *err_out);
int http_server_port(const struct http_server *s);
/* Stops accepting, lets running handlers finish (at most grace_s), frees. s may be NULL. false: a handler has not ended
 * and still uses the server and the contexts; then neither may be freed, and the program can only exit. */
bool http_server_stop(struct http_server *s, int grace_s);

/* ---- long poll ---- */
/* The answer of a handler that found nothing, given with RC_OK instead of a status: the request is set aside, holding
 * no worker and no stack, and is run again from its check on when the key is woken, at until_us (clock_mono), or when
 * wait_over is set. A wake since the handler began counts, so that nothing is lost between its look and its wait. The
 * request's path, headers, body and parameters stay; what the last run made in its arena is gone. */
void http_wait(struct http_res *res, struct uuid key, int64_t until_us);
/* From any thread, until http_server_stop is called. */
void http_wake(struct http_server *s, const struct uuid *keys, size_t n);
/* How many wait. The keys of the first max of them, in no order and with repetitions, are written to keys_out. */
size_t http_waiting(struct http_server *s, struct uuid *keys_out, size_t max);

/* ---- request ---- */
struct str http_header(const struct http_req *r, const char *name); /* first; absent when none */
size_t http_header_count(const struct http_req *r, const char *name);
struct str http_cookie(const struct http_req *r, const char *name);    /* absent when none */
bool http_content_type_is(const struct http_req *r, const char *type); /* media type, parameters ignored */
/* Query and form as pairs (percent-decoded, '+' is a space). RC_INVALID on broken escapes. */
MUST_USE enum rc http_query(const struct http_req *r, const struct pair **out);
MUST_USE enum rc http_form(const struct http_req *r, const struct pair **out);
/* The content of the only part of a multipart/form-data body that is a file (RFC 7578: it has a filename). RC_INVALID:
 * another media type, no file or several, broken framing, more than HTTP_MAX_PARTS parts. */
MUST_USE enum rc http_file(const struct http_req *r, struct str *out);

/* ---- response ---- */
void http_set_header(struct http_res *res, const char *name,
		     struct str value); /* value: CR, LF, NUL are refused (dropped) */
void http_reply(struct http_res *res, int status, const char *content_type); /* then write res->body */
void http_redirect(struct http_res *res, int status, struct str location);
/* application/problem+json: type and title by status table, detail when not absent. */
void http_problem(struct http_res *res, const struct http_req *req, int status, struct str detail);
enum rc http_rc_status(enum rc rc, int *status_out);
const char *http_status_type(int status);  /* "https://tools.ietf.org/html/rfc9110#section-15.5.1" … */
const char *http_status_title(int status); /* "Bad Request" … */

/* Every response carries: Date, X-Content-Type-Options: nosniff, Referrer-Policy, Cache-Control: no-store (unless the
 * handler set one), and X-Trace-Id. Strict-Transport-Security with http_config.https. */
