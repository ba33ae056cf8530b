/* Shared by the files of this folder only. A call is one request with its answer. It is taken from a free list when the
 * head has come, and returned when the answer has been sent: an idle connection holds no call. */
#pragma once
#include "http/http.h"

#include <pthread.h>
#include <stdatomic.h>

#define HTTP_DEADLINE_S 30       /* a request that waited longer in the queue is not run */
#define HTTP_MAX_DRAIN 1048576   /* bytes that are read and dropped, so that the client sees the answer that refuses */
#define HTTP_MAX_SEGMENTS 24     /* of a route; longer paths are 404 */
#define HTTP_STACK_BYTES 262144  /* of a worker's thread */
#define HTTP_TASKS_PER_THREAD 16 /* calls that a worker thread runs alternately while they wait */
#define HTTP_MAX_IO 8            /* I/O threads */
#define HTTP_FREE_CALLS 256      /* kept for reuse */
#define HTTP_KEPT_BODY 32768     /* bytes; a call that held more frees its memory */

/* ---- router.c ---- */
struct router;
/* RC_INVALID: a pattern is malformed, or has too many segments or parameters. */
MUST_USE enum rc router_create(const struct http_table *tables, struct router **out);
void router_destroy(struct router *r);

struct router_match {
	const struct http_route *route; /* NULL unless status is 0 */
	/* contexts of its table */
	void *checks;
	void *handlers;
	int status;                        /* 0, 204 (OPTIONS), 400, 404, 405 */
	unsigned allow;                    /* the methods of the path, as bits 1 << enum http_method */
	struct str param[HTTP_MAX_PARAMS]; /* absent unless status is 0 */
};
/* A literal segment comes before a parameter; of equal rows the first counts. `path` is raw. */
struct router_match router_find(const struct router *r, struct arena *a, enum http_method method, struct str path);
struct str router_allow(struct arena *a, unsigned allow); /* "GET, HEAD, OPTIONS" */

/* ---- request.c ---- */
enum http_method request_method(struct str name); /* HTTP_METHOD__MAX: unknown */
/* Splits the request target into r->path and r->query. Returns 0, or the status that refuses it (400, 414). */
int request_target(struct http_req *r, struct str target);
/* Checks that the framing is unambiguous (RFC 9112 §6.3), that there is one host, well formed (§3.2), and the limits of
 * fields. Returns 0, 400 or 431. */
int request_headers_check(const struct http_req *r, bool http_1_0);
/* The origin that the caller used, in the request's arena. Absent: its Host is neither an IP address nor a name of a
 * local network (without a dot, or below .local). Call request_headers_check first. */
struct str request_origin(const struct http_req *r, bool tls);
/* The value of Content-Length; 0 when there is none. Call request_headers_check first. */
uint64_t request_length(const struct http_req *r);

/* ---- call.c ---- */
struct conn;
struct address_share;
/* READING: its body comes. CHECK: the check of its route runs before the body is taken. QUEUED: its handler runs. */
enum call_phase { CALL_READING, CALL_CHECK, CALL_QUEUED, CALL_DONE };
#define HTTP_ANSWER_PARTS 2 /* head and body */

struct call {
	struct arena arena;
	struct http_server *server;
	struct conn *conn;
	struct pool *pool;
	struct http_req req;
	struct http_res res;
	struct buf body;
	size_t body_limit;
	size_t body_seen;
	size_t body_counted; /* of server->body_bytes */
	int refused;         /* status decided before the handler; 0 = none */
	unsigned allow;      /* for 204 and 405 */
	enum call_phase phase;
	bool closes;                 /* the connection ends with this answer */
	bool expects;                /* the client waits for a word before it sends the body */
	bool checked;                /* the check has let it through already, before the body */
	bool counted;                /* in server->running */
	bool again;                  /* run again by wait.c, which is told when the run has ended */
	uint64_t wakes_before;       /* waits_count before the run */
	struct arena rerun;          /* of the latest run, unless it is the first */
	struct address_share *share; /* of the address that a proxy names */
	/* the answer's bytes that have not been sent: parts from out_at to n_out */
	struct str out[HTTP_ANSWER_PARTS];
	unsigned out_at;
	unsigned n_out;
	size_t answer_counted; /* of server->answer_bytes */
	int64_t start_us;
	struct call *next;
};

struct call_list {
	pthread_mutex_t lock;
	struct call *free;
	unsigned n;
};
/* NULL: no memory. */
struct call *call_take(struct call_list *l, struct http_server *s);
void call_release(struct call_list *l, struct call *c);
/* Counts n more bytes of this call's body. false: the bodies of all calls are over their limit together. */
bool call_body_count(struct call *c, size_t n);
void call_list_finish(struct call_list *l);
/* Runs the check and the handler and makes the answer, unless the call waits (res.waits). On a worker; a route with
 * `at_once` on an I/O thread. In CALL_CHECK it runs the check alone: no status is set when it lets the call through. */
void call_run(struct call *c);
/* Prepares a call that has waited for its next run. */
void call_again(struct call *c);
/* Answers without a handler: an error page, problem+json, or 204. */
void call_refuse(struct call *c, int status);

/* ---- response.c ---- */
/* ---- trace.c ---- */
void trace_new(struct http_req *req);  /* a random trace id */
void trace_take(struct http_req *req); /* the client's, when it sent one that is sound (W3C Trace Context 1) */

void response_reset(struct http_res *res, struct arena *a);
const struct http_header *response_header(const struct http_res *res, const char *name);
/* Drops all headers but those of an error answer: WWW-Authenticate, Retry-After, Allow. */
void response_drop_headers(struct http_res *res);

/* ---- answer.c ---- */
/* Writes the head of the call's answer, and makes head and body the parts to be sent. */
void answer_prepare(struct call *c);

/* ---- pool.c ---- */
struct pool;
/* `workers` calls run at once, `queue` more may wait, both from 1. run(c) is called on a worker, as a task. */
MUST_USE enum rc pool_create(int workers, size_t queue, void (*run)(struct call *c), struct pool **out);
bool pool_push(struct pool *p, struct call *c); /* false: the queue is full, or stopped */
/* Takes no more calls, runs the queued ones and ends the threads. false: a thread has not ended at the deadline
 * (clock_mono). */
bool pool_stop(struct pool *p, int64_t deadline_us);
void pool_destroy(struct pool *p); /* p may be NULL */

/* ---- wait.c ---- */
struct waits;
/* `seats`: calls with an owner that may wait, and as many without one; from 1. */
MUST_USE enum rc waits_create(uint32_t seats, int workers, struct waits **out);
void waits_destroy(struct waits *w);         /* w may be NULL */
uint64_t waits_count(const struct waits *w); /* wakes so far */
/* 0: takes the call over. 429: its owner has a full share. 503: all places are taken. Then the call is still the
 * caller's. */
MUST_USE int waits_enter(struct waits *w, struct call *c);
void waits_ran(struct waits *w);                  /* the run of a call with `again` has ended */
void waits_left(struct waits *w, struct conn *c); /* the client has hung up */
/* Runs all waiting calls once more, with wait_over. From now on no call waits. */
void waits_end(struct waits *w);
/* A call that the stopped workers did not take; NULL: none is left. */
struct call *waits_take(struct waits *w);
void waits_wake(struct waits *w, const struct uuid *keys, size_t n);
size_t waits_keys(struct waits *w, struct uuid *out, size_t max);

/* ---- server.c ---- */
struct io;
struct shares;
struct ssl_ctx_st;
struct http_server {
	struct http_config config;
	struct router *router;
	struct pool *pool;
	struct waits *waits;
	struct shares *shares;
	struct call_list calls;
	struct io *io[HTTP_MAX_IO];
	atomic_size_t n_io;
	int listen_fd;
	int port;
	unsigned max_conns;
	atomic_uint n_conns;
	atomic_size_t body_bytes;   /* of all calls; HTTP_MAX_BODIES */
	atomic_size_t answer_bytes; /* of answers to slow readers; HTTP_MAX_ANSWERS */
	atomic_int running;         /* calls between the queue and the end of their answer */
	atomic_bool stopping;       /* no connection is accepted, answers close theirs */
	atomic_bool abandoning;     /* queued calls are not run */
	atomic_bool io_stop;
	pthread_mutex_t tls_lock;
	struct ssl_ctx_st *tls; /* NULL: plain; under the lock */
};
