/* A driver for tests (URI "fake:") that plays a script instead of a database. It answers statements in order with rows
 * of the script, or each with one changed row, and fails where the script says so. */
#pragma once
#include <pthread.h>
#include <semaphore.h>

#include "store/db.h"

struct fake_answer {
	enum stmt stmt;            /* the next statement; any other one fails */
	int64_t rows;              /* changed */
	const struct db_val *cols; /* rows × n_cols values of a read, or the RETURNING row of an op */
	size_t n_cols;
};

#define FAKE_LOG_MAX 512
struct fake {
	/* the script */
	const struct fake_answer *script; /* NULL: each statement succeeds and changes one row */
	size_t n_script;
	int64_t version;      /* answer to SQL_version without a script */
	int fail_nth;         /* the nth statement from now fails; 0 = none */
	struct str fail_text; /* every statement with this text among its arguments fails */
	/* statements with this text among their arguments meet a locked row, `locks` times from now */
	struct str lock_text;
	int locks;
	/* numbers of calls from now */
	int fail_commits;
	int uncertain_commits;
	int busy_begins;
	int refused_opens;
	bool die_on_begin; /* with busy_begins: the connection is lost as well */
	bool zero_rows;    /* without a script: statements change no row */
	sem_t *hold;       /* waited for at every begin; NULL = none */
	sem_t *held;       /* posted before each such wait; NULL = none */
	/* the calls so far */
	int opens;
	int begins;
	int commits;
	int rollbacks;
	enum stmt log[FAKE_LOG_MAX]; /* statements in order */
	size_t n_log;
	size_t at;
	pthread_mutex_t lock;
};

/* Sets the script of the next connections; NULL = opening fails. A process has one at a time. */
void fake_use(struct fake *f);
