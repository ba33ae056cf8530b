#include "base/map.h"
#include "cli/consumer_internal.h"

struct opts {
	struct consumer_opts consumer;
	struct opt_list statuses;
};

struct request {
	const char *id;
	const char *status;
	const char *changed;
	struct request *before; /* in the order of their creation */
};
struct list {
	struct arena *a;
	struct map by_id;
	struct request *newest;
};

static struct request *request_of(struct list *l, const char *id)
{
	struct request *r = map_get(&l->by_id, str_of(id));
	if (r)
		return r;
	r = arena_new(l->a, struct request);
	*r = (struct request){ .id = arena_cstr(l->a, str_of(id)), .before = l->newest };
	l->newest = r;
	map_put(&l->by_id, l->a, str_of(r->id), r);
	return r;
}

/* A use does not answer a request: the status stays. */
static void event_take(struct list *l, const struct samtykke_answer *page, size_t i)
{
	struct request *r = request_of(l, samtykke_event_consent(page, i));
	const char *type = samtykke_event_type(page, i);
	if (r->status && strcmp(type, "Used") == 0)
		return;
	r->status = arena_cstr(l->a, str_of(type));
	r->changed = arena_cstr(l->a, str_of(samtykke_event_time(page, i)));
}

static int feed_read(const struct command *c, struct samtykke_client *client, struct list *l)
{
	struct samtykke_feed f = SAMTYKKE_FEED;
	for (bool more = true; more;) {
		struct samtykke_answer *page CLEANUP(consumer_answer_closep) = NULL;
		enum samtykke_rc rc = samtykke_events(client, &f, &page);
		if (rc != SAMTYKKE_OK)
			return consumer_failed(c, client, rc);
		for (size_t i = 0; i < samtykke_events_count(page); i++)
			event_take(l, page, i);
		more = samtykke_events_more(page);
		f.after = more ? arena_cstr(l->a, str_of(samtykke_events_cursor(page))) : NULL;
	}
	return 0;
}

static bool is_wanted(const struct opt_list *statuses, const char *status)
{
	for (size_t i = 0; i < statuses->n; i++)
		if (str_ieq(str_of(statuses->v[i]), str_of(status)))
			return true;
	return statuses->n == 0;
}

static int list_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct samtykke_client *client CLEANUP(consumer_closep) = NULL;
	struct list l = { .a = a };

	(void)args;
	if (consumer_client(c, &o->consumer, a, &client) || feed_read(c, client, &l))
		return 1;
	for (const struct request *r = l.newest; r; r = r->before)
		if (is_wanted(&o->statuses, r->status))
			printf("%s  %-8s  %s\n", r->id, r->status, r->changed);
	return 0;
}

// clang-format off
static const struct opt_row rows[] = {
	CONSUMER_ROWS(struct opts),
	{ "status", 's', OPT_LIST, offsetof(struct opts, statuses), "STATUS",
	  "List only requests with this status: created, accepted, rejected, revoked or deleted." },
};
// clang-format on

const struct command cmd_request_list = {
	.name = "request list",
	.summary = "List the consent requests of an organisation",
	.text = "Prints one line for each request that the organisation receives or has created, newest first: "
		"its id, its status and the time of its last change. "
		"The command reads all events of the organisation, as samtykke-events-follow(1) does.\n\n"
		"No event tells that the time of a request or consent is over: it keeps its last status here. "
		"samtykke-request-show(1) tells the end.",
	.example = "samtykke request list --status created",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
	.run = list_run,
};
