/* The HTTP server: a route table, a worker pool, requests as spans, responses in buffers.
 * The server knows no token and no store: a route row names a check, and the row's owner provides it. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/js.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/url.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS, HTTP_METHOD__MAX };
const char *http_method_name(enum http_method m);

/* Limits that a client meets; each has a test at limit + 1. */
#define HTTP_MAX_PATH 1024            /* bytes of the raw path: 414 */
#define HTTP_MAX_QUERY 4096           /* bytes of the query string: 414 */
#define HTTP_MAX_HEADERS 64           /* header fields: 431 */
#define HTTP_MAX_HEADER 8192          /* bytes of one value: 431 */
#define HTTP_MAX_HEAD 20480           /* bytes of start line and fields together: 431 */
#define HTTP_MAX_CHUNK_OVERHEAD 16384 /* bytes of chunk extensions and trailers of one body: 400 */
#define HTTP_MAX_BODY 262144          /* bytes, unless the route says less or more: 413 */
#define HTTP_SMALL_BODY 16384         /* bytes; before a larger body is taken the route's check runs */
#define HTTP_MAX_BODIES 134217728     /* bytes of the bodies of all requests under way, a quarter for small ones: 503 */
#define HTTP_MAX_ANSWERS 67108864     /* bytes of all answers that wait for slow readers: the oldest is broken off */
#define HTTP_HEAD_S 10                /* from the first byte of a head to its last: 408 */
#define HTTP_ARRIVAL_S 60             /* from the head to the end of the body: 408 */
#define HTTP_RATE_S 10                /* in each such span a body and an answer must move at their least rate */
#define HTTP_BODY_RATE 1024           /* bytes a second, at least: 408 */
#define HTTP_ANSWER_RATE 1024         /* bytes a second that a reader takes, at least: the connection is closed */
#define HTTP_LINGER_S 5               /* after the last answer the server reads on, so that the client sees it */
#define HTTP_MAX_PARAMS 4             /* {x} segments in a route */
#define HTTP_MAX_FORM_PAIRS 64        /* 400 */
#define HTTP_MAX_PARTS 16             /* of a multipart body: 400 */
#define HTTP_MAX_RERUNS 4             /* of a handler whose write another one overtook: 503 */
#define HTTP_IDLE_S 75                /* keep-alive connections live at least 60 s */
#define HTTP_MAX_TRACEPARENT 256      /* bytes; with a longer one the request begins a trace of its own */
#define HTTP_MAX_WAITING 2000         /* requests that wait for a wake, and as many without an owner: 503 */
#define HTTP_WAITING_SHARES 4         /* one owner's waiting requests take at most this part of the places: 429 */

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
	/* Scheme and host that the caller used, without a slash at the end; absent unless http_config.origin_of_host */
	struct str origin;
	char trace_id[33]; /* 32 hex digits, for errors and the log: the client's (traceparent), or one of our own */
	char span_id[17];  /* 16 hex digits: this request's part of the trace */
	bool traced;       /* the client sent a traceparent, so the answer has one */
	bool sampled;      /* the client records the trace */
	const struct http_route *route;
	void *checks;        /* http_table.checks of the row */
	void *handlers;      /* http_table.handlers of the row */
	void *caller;        /* set by the route's check: the caller (gate's type) */
	int64_t arrived_us;  /* clock_mono() of the request line; the same for every run */
	int64_t deadline_us; /* clock_mono(); a later answer is of no use */
	unsigned carried;    /* the handler's own: 0 at first, then as the run before left it */
	bool uncertain;  /* a change may have been made or not: the handler does not run again, and problems say so */
	bool from_proxy; /* the peer is one of http_config.trusted_proxies, whose headers count */
	bool in_turn;    /* this run has the turn of http_config.turn */
	bool wait_over;  /* the handler must not wait: the server stops, or the client has hung up */
};

/* What the log says of the request when it has been answered: one line (docs/LOG.md). Each run begins without a note.
 * Texts live as long as http_res.arena, or are static. No identity number and no secret. */
struct http_note {
	const char *event;      /* static; NULL: no event but the refusal or failure that the status tells */
	struct str why;         /* of a refusal; absent: the status says it all */
	struct str who;         /* "party:UUID", "client:ID" …; absent: the caller whom the check has found */
	struct str session;     /* name of the session (gate); absent: the caller's */
	const struct kv *facts; /* further pairs, {0} at the end; NULL: none */
};
#define HTTP_MAX_FACTS 6

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
	struct uuid wait_owner;
	int64_t wait_until;
	struct http_note note;
};

/* A handler is straight-line code on a worker thread: parse, load, decide, commit, render. It may block on the
 * committer and on outgoing calls (net/pool.h), and on nothing else.
 * RC_OK or RC_ANSWERED: `res` is the answer. RC_STALE: the server empties the response and runs the handler again,
 * HTTP_MAX_RERUNS times at most (see http_config.refresh). Any other rc: the server writes the problem document of that
 * rc (problem.c). */
typedef enum rc http_handler(struct http_req *req, struct http_res *res);

struct http_route {
	enum http_method method;
	const char *pattern; /* "/a/{id}/b"; lower case; matched with and without trailing slash, any letter case */
	http_handler *check; /* runs before the handler and decides who may call. RC_OK lets the request through, and
				then no status is set. RC_ANSWERED: refused, `res` is the answer. NULL: every caller */
	const char *scope;   /* for the check: space-separated scopes, of which one is enough; NULL: none */
	size_t max_body;     /* 0 = HTTP_MAX_BODY */
	http_handler *handler;
	const char *doc; /* the purpose of the route, for readers of the table */
	bool at_once;  /* check and handler never block and ask no store: the thread that read the request runs them */
	bool reserved; /* it has places of its own: it runs also while the calls of all workers wait. Its answers do
			  not depend on http_config.version */
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
	int workers;         /* handlers that run at once; the queue has HTTP_QUEUE_PER_WORKER times as many places */
	int io_threads;      /* 0 = a sensible number */
	int max_connections; /* 0 = HTTP_MAX_CONNECTIONS, or as many as the system gives descriptors for */
	int per_address; /* connections of one address; 0 = a quarter of all. Loopback is exempt, trusted proxies too */
	/* Addresses and networks of proxies, separated by commas; NULL = none. Of a request that they pass on, the
	 * address in X-Forwarded-For holds the place. */
	const char *trusted_proxies;
	/* PEM texts or NULL: the certificate with its chain, and its key */
	const char *tls_cert;
	const char *tls_key;
	bool origin_of_host; /* sets http_req.origin, where the Host is an address, a local name or ends with .local */
	bool https;          /* browsers use https, perhaps through a proxy: sends RFC 6797's header */
	void *ctx;           /* given to the calls below */
	size_t max_waiting;  /* 0 = HTTP_MAX_WAITING; each of the two kinds of places has as many */
	size_t max_bodies;   /* bytes of request bodies held at one time; 0 = HTTP_MAX_BODIES */
	size_t max_answers;  /* bytes of answers that wait for slow readers; 0 = HTTP_MAX_ANSWERS */
	/* The version of the data that handlers decide on; the server reads it before each run. NULL: always 0. */
	int64_t (*version)(void *ctx);
	/* Brings that data up to date. true: its version is no longer the given one, so the request is run again.
	 * The server calls it before it sends an error answer (an rc other than RC_OK, or a status from 400), and on
	 * RC_STALE: once a request, and once more after each further RC_STALE. May be NULL. */
	bool (*refresh)(void *ctx, int64_t version);
	/* The last run after RC_STALE has its turn: turn(ctx, true) waits until nobody in this process changes that
	 * data, and from then until turn(ctx, false) nobody does (http_req.in_turn). May be NULL. */
	void (*turn)(void *ctx, bool begin);
	/* Renders an error answer as a page, for paths that people use. NULL or false: problem+json. */
	bool (*error_page)(void *ctx, struct http_req *req, struct http_res *res, int status);
	/* Audit log, metrics; may be NULL. Once a request, when its answer is ready. us: since the request line. */
	void (*served)(void *ctx, const struct http_req *req, const struct http_res *res, int64_t us);
};
#define HTTP_QUEUE_PER_WORKER 64 /* a full queue answers 503 with Retry-After: 1 at once */
/* With all places taken, a new connection takes the place of the one that has waited longest for a request. */
#define HTTP_MAX_CONNECTIONS 16384
#define HTTP_CONNECTIONS_MAX 1000000 /* most that http_config.max_connections may say */

#define HTTP_PORT_TAKEN "address already in use" /* *err_out of http_server_start, then */
struct http_server;
/* Copies *c; the texts in it (but for the PEM texts), the tables and the contexts must outlive the server. The tables
 * end with {NULL, 0}; of two equal rows the first one counts. RC_FAIL: *err_out says why (an address in use, a bad
 * pattern, no threads, a certificate that cannot be used). RC_INVALID: *err_out is the entry of trusted_proxies that is
 * no address and no network. */
MUST_USE enum rc http_server_start(const struct http_config *c, const struct http_table *tables,
				   struct http_server **out, struct str *err_out);
int http_server_port(const struct http_server *s);
/* From any thread: new connections get this certificate; those that are open go on with theirs. RC_INVALID: *err_out
 * says what is wrong with it, and the old one stays. The server was started with one. */
MUST_USE enum rc http_server_certificate(struct http_server *s, const char *cert, const char *key, struct str *err_out);
/* Accepts no more requests, waits at most grace_s seconds for running handlers, and frees the server. s may be NULL.
 * false: a handler has not ended. It still uses the server and the contexts, so the program must not free them and can
 * only exit. */
bool http_server_stop(struct http_server *s, int grace_s);

/* ---- long poll ---- */
/* Sets the request aside: the handler calls this instead of setting a status and returns RC_OK. The request holds no
 * worker and no stack meanwhile. It is run again, from its check on, when the key is woken, at until_us (clock_mono),
 * or when wait_over is set. A wake after the handler began counts, so no wake is lost between its read and its wait.
 * Path, headers, body and parameters of the request stay; memory from the arena of the last run is gone.
 * `owner` (an organisation) has a share of the places: HTTP_MAX_WAITING / HTTP_WAITING_SHARES, rounded up. Past it the
 * answer is 429, without a free place 503, both with Retry-After. Requests of nobody in particular have a nil owner and
 * places of their own. */
void http_wait(struct http_res *res, struct uuid key, struct uuid owner, int64_t until_us);
/* Wakes the requests that wait for one of the n keys. From any thread, until http_server_stop is called. */
void http_wake(struct http_server *s, const struct uuid *keys, size_t n);
/* The number of waiting requests that have an owner. Writes the keys of at most `max` of them to keys_out, unordered,
 * with repetitions. */
size_t http_waiting(struct http_server *s, struct uuid *keys_out, size_t max);

/* ---- request ---- */
struct str http_header(const struct http_req *r, const char *name); /* the first one; absent when there is none */
size_t http_header_count(const struct http_req *r, const char *name);
/* The weight among the parameters of a member of an Accept header (RFC 9110 §12.4.2), in thousandths: 800 for "q=0.8".
 * 1000 when there is none. */
int http_weight(struct str params);
struct str http_cookie(const struct http_req *r, const char *name);    /* absent when none */
bool http_content_type_is(const struct http_req *r, const char *type); /* media type, parameters ignored */
/* Query and form as pairs, percent-decoded, '+' is a space. RC_INVALID: broken escapes, or too many pairs. */
MUST_USE enum rc http_query(const struct http_req *r, const struct pair **out);
MUST_USE enum rc http_form(const struct http_req *r, const struct pair **out);
/* The content of the one file in a multipart/form-data body (RFC 7578: the part with a filename). RC_INVALID: another
 * media type, no file or several, broken framing, more than HTTP_MAX_PARTS parts. */
MUST_USE enum rc http_file(const struct http_req *r, struct str *out);

/* ---- response ---- */
/* Replaces a header of that name; Set-Cookie is added. A name or value with CR, LF or NUL is dropped. */
void http_set_header(struct http_res *res, const char *name, struct str value);
/* Sets status (200 to 599) and content type (static text; NULL: no body). The caller writes res->body. */
void http_reply(struct http_res *res, int status, const char *content_type);
void http_redirect(struct http_res *res, int status, struct str location);
/* Answers with application/problem+json (RFC 9457): type and title belong to the status; `detail` may be absent. */
void http_problem(struct http_res *res, const struct http_req *req, int status, struct str detail);
/* Notes an event with at most HTTP_MAX_FACTS pairs, which are copied. An event that was noted before is replaced. */
void http_note(struct http_res *res, const char *event, const struct kv *facts);
#define http_did(res, event, ...) http_note(res, event, (const struct kv[]){ __VA_ARGS__ __VA_OPT__(, ){ 0 } })
/* Notes why the request is refused: static text. The first reason counts. */
void http_why(struct http_res *res, const char *why);
/* The HTTP status of an rc. RC_INVALID: `rc` is out of range. */
enum rc http_rc_status(enum rc rc, int *status_out);
const char *http_status_type(int status);  /* "https://tools.ietf.org/html/rfc9110#section-15.5.1" … */
const char *http_status_title(int status); /* "Bad Request" … */

/* Every response carries: Date, X-Content-Type-Options: nosniff, Referrer-Policy, Cache-Control: no-store (unless the
 * handler set one), and X-Trace-Id. Strict-Transport-Security with http_config.https. traceparent where the request had
 * one. */
