#include "daemon/daemon.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"
#include "daemon/internal.h"
#include "daemon/service_internal.h"

/* Call it before any thread starts: the signals stay blocked in all threads, and only the main thread takes them. */
static void signals_block(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	if (!isatty(STDIN_FILENO)) /* in a terminal SIGHUP means that it was closed: then the server ends */
		sigaddset(set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a write past the file size limit then fails as on a full disk */
}

/* Signing keys are in memory, so core files and debuggers of the same user are not allowed. Sanitizer builds skip this:
 * their leak checker is such a debugger. */
static void memory_close(void)
{
#ifndef __SANITIZE_ADDRESS__
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		log_warn("server.dumpable");
#endif
}

/* The thread waits for a reader of stdout in the server's place. The exit would wait for stdio's lock. */
static void *ready_print(void *line)
{
	ssize_t n = write(STDOUT_FILENO, line, strlen(line));
	free(line);
	return (void *)n; /* the caller does not wait for it */
}

static enum rc ready_tell(struct service *s)
{
	pthread_t thread;
	struct buf b = BUF(&s->arena);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_kz(&w, "event", "ready");
	jsw_kstr(&w, "url", s->public_url);
	if (s->sandbox)
		jsw_kz(&w, "data", s->data);
	jsw_end_obj(&w);
	buf_c(&b, '\n');
	char *line = strdup(buf_cstr(&b));
	if (!line || thread_start(&thread, 0, ready_print, line) != RC_OK) {
		free(line);
		return RC_FAIL;
	}
	pthread_detach(thread);
	return RC_OK;
}

static int failed(struct service *s, const char *command, struct str err)
{
	log_stop();
	fprintf(stderr, "samtykke %s: %.*s\n", command, STR_FMT(err));
	service_close(s);
	return 1;
}

int daemon_run(const struct daemon_options *o)
{
	static struct service s; /* too large for the stack; one for each process */
	struct jobs *jobs = NULL;
	struct watch *watch = NULL;
	struct listing *listing = NULL;
	struct str err = STR("failed");
	sigset_t signals;
	int signal_no = 0;
	const char *command = o->sandbox ? "sandbox" : "serve";

	signals_block(&signals);
	if (!o->sandbox)
		memory_close();
	if (log_start() != RC_OK)
		return failed(&s, command, STR("cannot start a thread"));
	if (service_open(&s, o, &err) != RC_OK || service_listen(&s, &err) != RC_OK)
		return failed(&s, command, err);
	if (jobs_start(&s, &jobs) != RC_OK || watch_start(&s, &watch) != RC_OK ||
	    listing_start(&s, &listing) != RC_OK || ready_tell(&s) != RC_OK) {
		listing_stop(listing);
		watch_stop(watch);
		jobs_stop(jobs);
		return failed(&s, command, STR("cannot start a thread"));
	}
	missing_tell(&s);
	log_info("server.ready", KV("url", s.public_url), KV("mode", command));
	while (sigwait(&signals, &signal_no) == 0 && signal_no == SIGHUP) {
		log_info("server.reading_again");
		jobs_now(jobs);
	}
	log_info("server.stopping", KV("signal", signal_no));
	listing_stop(listing);
	watch_stop(watch);
	jobs_stop(jobs);
	service_close(&s);
	log_stop();
	return 0;
}
