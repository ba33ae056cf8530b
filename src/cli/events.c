#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/consumer_internal.h"

#define HOLD_S 30
#define BACKOFF_FIRST_MS 250
#define BACKOFF_LAST_MS 10000

struct opts {
	struct consumer_opts consumer;
	const char *from;
	const char *id;
	struct opt_list types;
	bool once;
};

/* Ending here cuts no line: each line is one write. */
static void signal_exit(int signal_no)
{
	(void)signal_no;
	_exit(0);
}

static void signals_set(void)
{
	struct sigaction leave = { .sa_handler = signal_exit }, ignore = { .sa_handler = SIG_IGN };
	(void)sigaction(SIGINT, &leave, NULL);
	(void)sigaction(SIGTERM, &leave, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
}

/* False: the reader has closed the pipe. */
static bool line_write(struct str s)
{
	while (s.n) {
		ssize_t n = write(STDOUT_FILENO, s.p, s.n);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			s = str_span(s.p + n, s.n - (size_t)n);
	}
	return true;
}

/* The last line of a page has the token with which a later run goes on. False: the reader has closed the pipe. */
static bool page_print(const struct samtykke_answer *page)
{
	size_t n = samtykke_events_count(page);
	for (size_t i = 0; i < n; i++) {
		struct arena a CLEANUP(arena_finish) = { 0 };
		struct buf b = BUF(&a);
		struct jsw w = JSW(&b);
		jsw_obj(&w);
		jsw_kstr(&w, "consentRequestId", str_of(samtykke_event_consent(page, i)));
		jsw_kstr(&w, "eventType", str_of(samtykke_event_type(page, i)));
		jsw_kstr(&w, "changedDate", str_of(samtykke_event_time(page, i)));
		if (i + 1 == n)
			jsw_kstr(&w, "continuationToken", str_of(samtykke_events_cursor(page)));
		jsw_end_obj(&w);
		buf_c(&b, '\n');
		if (!line_write(buf_str(&b)))
			return false;
	}
	return true;
}

/* A server that cannot be reached or that fails may recover; a refusal stays. */
static bool temporary(enum samtykke_rc rc, const struct samtykke_client *client)
{
	return rc == SAMTYKKE_UNAVAILABLE || (rc == SAMTYKKE_REFUSED && samtykke_client_status(client) >= 500);
}

static void pause_ms(long *ms)
{
	(void)nanosleep(&(struct timespec){ *ms / 1000, *ms % 1000 * 1000000 }, NULL);
	*ms = *ms * 2 > BACKOFF_LAST_MS ? BACKOFF_LAST_MS : *ms * 2;
}

static int follow(const struct command *c, struct samtykke_client *client, struct samtykke_feed *f, bool once)
{
	struct arena a CLEANUP(arena_finish) = { 0 }; /* holds the cursor of the last page */
	long backoff_ms = BACKOFF_FIRST_MS;
	for (;;) {
		struct samtykke_answer *page CLEANUP(consumer_answer_closep) = NULL;
		enum samtykke_rc rc = samtykke_events(client, f, &page);
		if (rc != SAMTYKKE_OK && (once || !temporary(rc, client)))
			return consumer_failed(c, client, rc);
		if (rc != SAMTYKKE_OK) {
			pause_ms(&backoff_ms);
			continue;
		}
		if (!page_print(page) || (once && !samtykke_events_more(page)))
			return 0;
		arena_reset(&a);
		const char *cursor = samtykke_events_cursor(page);
		f->after = cursor ? arena_cstr(&a, str_of(cursor)) : NULL;
		backoff_ms = BACKOFF_FIRST_MS;
	}
}

static int follow_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	(void)args;
	const struct opts *o = opts;
	struct samtykke_client *client CLEANUP(consumer_closep) = NULL;
	struct samtykke_feed f = SAMTYKKE_FEED;
	const char **types = arena_array(a, const char *, o->types.n + 1);

	if (consumer_client(c, &o->consumer, a, &client))
		return 1;
	for (size_t i = 0; i < o->types.n; i++)
		types[i] = o->types.v[i];
	f.types = types;
	f.after = o->from;
	f.consent_id = o->id;
	f.wait_s = o->once ? 0 : HOLD_S;
	signals_set();
	return follow(c, client, &f, o->once);
}

// clang-format off
static const struct opt_row follow_rows[] = {
	CONSUMER_ROWS(struct opts),
	{ "from", 'f', OPT_TEXT, offsetof(struct opts, from), "TOKEN",
	  "Start after this continuationToken of an earlier run. Default: start with the first event." },
	{ "type", 't', OPT_LIST, offsetof(struct opts, types), "TYPE",
	  "Print only events of this type: accepted, rejected, revoked, deleted or used." },
	{ "id", 0, OPT_TEXT, offsetof(struct opts, id), "UUID", "Print only the events of this request." },
	{ "once", 0, OPT_FLAG, offsetof(struct opts, once), NULL, "End when all present events have been printed." },
};
// clang-format on

const struct command cmd_events_follow = {
	.name = "events follow",
	.summary = "Print the events of an organisation's requests as they happen",
	.text = "Prints one line of JSON for each event of the requests that the organisation receives or has created, "
		"oldest first, and waits for more. "
		"The last line of each answer of the server also has a continuationToken. "
		"A later run with --from starts after that line: no event is left out or printed twice.\n\n"
		"If the server cannot be reached, the command asks again, after pauses that grow to ten seconds. "
		"SIGINT, SIGTERM or a closed pipe ends it with status 0.",
	.example = "export SAMTYKKE_CLIENT_ID=… SAMTYKKE_CLIENT_KEY=bank.jwk\n"
		   "samtykke events follow --type accepted | while read -r line; do echo \"$line\"; done",
	.opts = follow_rows,
	.n_opts = LEN(follow_rows),
	.opts_size = sizeof(struct opts),
	.run = follow_run,
};
