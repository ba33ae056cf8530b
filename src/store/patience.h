/* How long connections wait for their database, and what ends a wait earlier: the judgement that the database is
 * silent. pulse.c judges, and drivers whose database is another process or machine wait here. Only this folder includes
 * this file.
 *
 * A paused server, or a network that swallows, answers nothing and refuses nothing. While the database is silent, each
 * wait and each new connection is RC_BUSY at once, so that no thread and no reader is lost to it. */
#pragma once
#include <stdatomic.h>

#include "base/park.h"
#include "base/thread.h"

#define PATIENCE_FIRST_US (4 * INT64_C(1000))      /* a wait holds its thread so long, then it parks */
#define PATIENCE_ASK_US (250 * INT64_C(1000))      /* after each such wait the pulse is asked to look */
#define PATIENCE_CONNECT_US (5 * INT64_C(1000000)) /* for one host */
#define PATIENCE_GRACE_MS 2000 /* a server that ends statements by itself gets so much longer to say so */

struct patience {
	struct parking *parking;
	_Atomic bool silent;
	_Atomic unsigned silences; /* so far: a connection that is older than the last one may be dead without a sign */
	_Atomic unsigned host;     /* of several in the URI: the one that answered last */
	struct monitor monitor;    /* of `asked`; woken when it is set */
	bool asked;                /* the pulse is to look */
};
/* RC_FAIL: no memory, or no thread. */
MUST_USE enum rc patience_create(struct patience **out);
void patience_destroy(struct patience *p); /* nothing may wait; p may be NULL */
void patience_ask(struct patience *p);
/* The judgement. When it turns to silent, all waits end. */
void patience_judge(struct patience *p, bool silent);

/* How one connection waits. */
struct db_waits {
	struct patience *patience; /* NULL: nobody judges */
	bool judges;               /* the pulse's own: it waits for a silent database, and holds its thread */
	int lock_ms;               /* for a row that another transaction holds; 0 = without end */
	int statement_ms;          /* for one statement; 0 = without end */
	int64_t answer_us;         /* without a byte from the database; 0 = without end */
};
/* Waits for `events` (poll) of fd until clock_mono() passes until_us, 0 = without end. RC_BUSY: the time has come, or
 * the database is silent. */
MUST_USE enum rc patience_wait(const struct db_waits *w, int fd, short events, int64_t until_us);
/* true: the connection must not be used or begun now. */
bool patience_lost(const struct db_waits *w);
