/* The engine: connections, the bytes on them, and the I/O threads. Shared by the files of this folder only.
 *
 * An I/O thread owns the connections that it has accepted. While a call is with a worker, the connection belongs to
 * that worker, which also sends the answer: the thread is woken only for what the worker could not finish. */
#pragma once
#include "http/internal.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* ---- byte.c: what a byte may be part of (RFC 9110 §5.5 and §5.6.2) ---- */
/* HEX and TOKEN are bytes of a token. All but CR, LF and OTHER may stand in a field's value. Those from BLANK on, and
 * UPPER (0x80 and above), may not stand in a target. */
enum byte_kind {
	BYTE_HEX,
	BYTE_TOKEN,
	BYTE_SEMICOLON,
	BYTE_EQUALS,
	BYTE_COLON,
	BYTE_VISIBLE,
	BYTE_UPPER,
	BYTE_BLANK,
	BYTE_CR,
	BYTE_LF,
	BYTE_OTHER,
	BYTE_KINDS
};
extern const uint8_t byte_kind[256];

/* ---- head.c: start line and fields, RFC 9112 §2 to §5 ---- */
struct head_scan {
	size_t begin; /* of the start line: one empty line may come before it */
	size_t at;    /* bytes in which no end was found */
	size_t line;  /* where the current line begins */
	unsigned lines;
};
/* Looks on for the end of a head in the n bytes at p, which begin with those of the call before. 0: more must come.
 * Above 0: the length of the head. Below 0: the status that refuses it, negated (400, 414, 431). */
int head_scan(struct head_scan *s, const char *p, size_t n);
struct head {
	struct str target;
	bool http_1_0;
};
/* Splits a whole head, from its start line to the empty line, in place. Fields that stand behind a malformed one are
 * not read. Returns 0, 400 or 505. */
int head_parse(struct str text, struct http_req *req, struct head *out);
/* Is `word` one of the comma-separated words of the fields of that name? Any letter case. */
bool head_has_word(const struct http_req *req, const char *name, const char *word);

/* ---- chunk.c: the chunked coding and its trailers, RFC 9112 §7.1 ---- */
struct chunked {
	unsigned state; /* zero at the beginning */
	unsigned digits;
	uint64_t left;   /* bytes of the current chunk */
	size_t overhead; /* bytes of extensions and trailers */
	unsigned fields; /* of the trailers */
};
enum chunk_found { CHUNK_MORE, CHUNK_DATA, CHUNK_END, CHUNK_BAD };
/* Moves *in forward. CHUNK_DATA: *data_out is the next part of the body, a span of *in. CHUNK_MORE: *in is used up.
 * Extensions of the form ;name and ;name=token are ignored, all others are refused. Trailers are read and dropped. */
enum chunk_found chunked_read(struct chunked *c, struct str *in, struct str *data_out);

/* ---- share.c: places of each address ---- */
struct address {
	uint8_t b[16]; /* IPv4 as ::ffff:a.b.c.d; of IPv6 the first 64 bits, which one subscriber has */
};
struct shares;
struct address_share;
/* `each`: places of one address, from 1. `trusted`: addresses and networks, separated by commas or blanks; NULL: none.
 * RC_INVALID: *bad_out is the entry that is no network. */
MUST_USE enum rc shares_create(unsigned each, const char *trusted, struct shares **out, struct str *bad_out);
void shares_destroy(struct shares *s); /* s may be NULL */
struct address address_of(const struct sockaddr_storage *at);
/* A proxy whose X-Forwarded-For counts. */
bool shares_trust(const struct shares *s, const struct sockaddr_storage *at);
bool address_is_loopback(const struct address *a);
/* The address that asks, as the trusted proxies tell it: the last one of X-Forwarded-For that is none of theirs.
 * false: there is none. */
bool shares_forwarded(const struct shares *s, const struct http_req *req, struct address *out);
/* NULL: the address has all its places. */
struct address_share *address_enter(struct shares *s, const struct address *a);
void address_leave(struct shares *s, struct address_share *h); /* h may be NULL */

/* ---- tls.c: OpenSSL's types by their tags, so that one file alone includes its headers ---- */
struct ssl_st;
struct ssl_ctx_st;
/* PEM texts. RC_INVALID: *why_out says what is wrong with them. TLS 1.2 and 1.3. */
MUST_USE enum rc tls_context(const char *cert, const char *key, struct ssl_ctx_st **out, const char **why_out);
void tls_context_free(struct ssl_ctx_st *c);             /* c may be NULL */
struct ssl_st *tls_accept(struct ssl_ctx_st *c, int fd); /* NULL: no memory */
void tls_goodbye(struct ssl_st *s);                      /* nothing more will be sent; s may be NULL */
void tls_close(struct ssl_st *s, bool in_order);         /* s may be NULL; in order: says goodbye */
/* Bytes moved, from 1; 0: not now; -1: the connection has ended. The handshake is part of it. */
ptrdiff_t tls_read(struct ssl_st *s, char *p, size_t n);
ptrdiff_t tls_write(struct ssl_st *s, const char *p, size_t n);

/* ---- conn.c ---- */
enum conn_phase { CONN_HEAD, CONN_BODY, CONN_AWAY, CONN_ANSWER, CONN_LINGER, CONN_CLOSED };

/* Who may touch a connection. NOTED: with a worker, and something has come meanwhile. NOBODY: the worker has sent the
 * answer, and the thread takes the connection at its next event. LISTED: it waits in io->listed for the thread. */
enum conn_owner { OWNER_IO, OWNER_WORKER, OWNER_WORKER_NOTED, OWNER_NOBODY, OWNER_LISTED };

/* Connections whose time is up after the same span, in the order in which it is up. */
enum conn_queue { QUEUE_IDLE, QUEUE_HEAD, QUEUE_BODY, QUEUE_AWAY, QUEUE_ANSWER, QUEUE_LINGER, QUEUE__MAX };

#define CONN_NO_SEAT UINT32_MAX

struct conn {
	struct io *io;
	int fd;
	_Atomic int owner; /* enum conn_owner */
	enum conn_phase phase;
	bool drained;        /* all that had come was read; the next event tells of more */
	atomic_bool hung_up; /* the client sends no more */
	bool trusted;        /* the peer is a trusted proxy */
	bool chunks;         /* the body comes in chunks */
	bool broken;         /* nothing can be sent any more */
	struct ssl_st *ssl;  /* NULL: plain */
	struct call *call;   /* from the end of the head to the end of the answer */
	char *in;            /* bytes that have come and wait, from malloc; NULL: none */
	size_t in_n;
	struct head_scan scan;
	struct chunked chunked;
	uint64_t body_left;
	size_t moved;    /* bytes since the latest look at the rate */
	size_t lingered; /* bytes dropped */
	int64_t due_us;  /* clock_mono() */
	enum conn_queue queue;
	struct conn *before; /* in the queue */
	struct conn *after;
	struct conn *next; /* in io->listed or io->closed */
	struct address_share *share;
	uint32_t seat; /* of its call that waits, for wait.c, under its lock; CONN_NO_SEAT: none */
};

/* On the connection's I/O thread. */
struct conn *conn_open(struct io *io, int fd, const struct sockaddr_storage *at); /* closes fd on failure: NULL */
void conn_event(struct conn *c, bool hung_up);
void conn_listed(struct conn *c);
void conn_due(struct conn *c); /* its time in its queue is up */
void conn_close(struct conn *c);
/* Takes a connection back that a worker has finished with. false: it is still with the worker. */
bool conn_take(struct conn *c);
/* It is the I/O thread's and does not wait in io->listed: it may be closed. */
bool conn_is_ours(const struct conn *c);
/* On a worker: sends the answer of a call that has run. Afterwards the call and its connection are not the worker's. */
void conn_answer(struct call *call);
/* On a worker: the check has let the call through, and its body may come. */
void conn_continue(struct call *call);

/* ---- io.c and queue.c ---- */
#define HTTP_READ 65536 /* bytes that one look at a socket takes at most */
struct conn_list {
	struct conn *first;
	struct conn *last;
};
struct io {
	struct http_server *server;
	int epoll_fd;
	int wake_fd;
	pthread_t thread;
	bool running;
	bool listening;   /* the listening socket is among the events */
	int64_t now_us;   /* clock_mono() of this round */
	int64_t pause_us; /* when to listen again after the system gave no descriptor */
	struct conn_list queues[QUEUE__MAX];
	_Atomic(struct conn *) listed; /* pushed by workers */
	atomic_bool asleep;
	atomic_bool crowded; /* another thread asks this one to make room */
	struct conn *closed; /* freed at the end of the round: events of this round may name them */
	char scratch[HTTP_READ + HTTP_MAX_HEAD];
};
MUST_USE enum rc io_start(struct http_server *s, struct io **out);
void io_wake(struct io *io);   /* from any thread */
void io_finish(struct io *io); /* after server->io_stop was set: ends the thread, closes all connections, frees io */
/* For conn.c: puts the connection at the end of a queue. */
void io_queue(struct conn *c, enum conn_queue q);
void io_unqueue(struct conn *c);
void io_list(struct conn *c); /* from any thread: the I/O thread calls conn_listed() */
