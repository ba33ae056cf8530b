#include <time.h>

#include "base/clock.h"
#include "cli/consumer_internal.h"

#define WAIT_EVERY_MS 1000

struct opts {
	struct consumer_opts consumer;
	const char *from;
	const char *to;
	const char *id;
	const char *redirect;
	const char *valid_to;
	const char *resource;
	const char *action;
	struct opt_list metadata;
	struct opt_list messages;
	bool show;
	bool url_only;
	int64_t timeout_s;
};

/* Takes a time, or a duration from now on. */
static int valid_to(const struct command *c, struct samtykke_client *client, const char *text, int64_t *out)
{
	int64_t duration;
	if (clock_duration(str_of(text), &duration) == RC_OK) {
		*out = samtykke_client_now(client) + duration;
		return 0;
	}
	if (clock_parse(str_of(text), out) == RC_OK)
		return 0;
	return cli_fail(c->name, "--valid-to: %s is neither a time (2026-12-31T12:00:00+01:00) nor a duration (P7D)",
			text);
}

static int required(const struct command *c, const struct opts *o)
{
	if (!o->from)
		return cli_fail(c->name, "--from is missing: the person or organisation whose consent is requested");
	if (!o->resource)
		return cli_fail(c->name, "--resource is missing: the resource that the consent is for");
	if (!o->redirect)
		return cli_fail(c->name, "--redirect is missing: the address for the browser after the answer");
	return 0;
}

static int create_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct samtykke_client *client CLEANUP(consumer_closep) = NULL;
	struct samtykke_answer *answer CLEANUP(consumer_answer_closep) = NULL;
	struct samtykke_right right = { .resource = o->resource, .action = o->action };
	struct samtykke_request r = SAMTYKKE_REQUEST;
	const char **metadata, **message;

	(void)args;
	if (required(c, o) || (o->id && consumer_uuid(c, o->id)) ||
	    consumer_pairs(c, "metadata", &o->metadata, a, &metadata) ||
	    consumer_pairs(c, "message", &o->messages, a, &message) || consumer_client(c, &o->consumer, a, &client) ||
	    valid_to(c, client, o->valid_to ? o->valid_to : "P7D", &r.valid_to))
		return 1;
	right.metadata = o->metadata.n ? metadata : NULL;
	r.id = o->id;
	r.from = o->from;
	r.to = o->to;
	r.rights = &right;
	r.n_rights = 1;
	r.message = o->messages.n ? message : NULL;
	r.redirect_url = o->redirect;
	r.show_in_portal = o->show;
	enum samtykke_rc rc = samtykke_request_create(client, &r, &answer);
	if (rc != SAMTYKKE_OK)
		return consumer_failed(c, client, rc);
	puts(o->url_only ? samtykke_answer_view_uri(answer) : samtykke_answer_json(answer));
	return 0;
}

static int show_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct samtykke_client *client CLEANUP(consumer_closep) = NULL;
	struct samtykke_answer *answer CLEANUP(consumer_answer_closep) = NULL;

	if (consumer_uuid(c, args->v[0]) || consumer_client(c, &o->consumer, a, &client))
		return 1;
	enum samtykke_rc rc = samtykke_request_get(client, args->v[0], &answer);
	if (rc != SAMTYKKE_OK)
		return consumer_failed(c, client, rc);
	puts(samtykke_answer_json(answer));
	return 0;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static int wait_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct samtykke_client *client CLEANUP(consumer_closep) = NULL;
	int64_t until = clock_mono() + (o->timeout_s > 0 ? o->timeout_s : 300) * CLOCK_SECOND;

	if (consumer_uuid(c, args->v[0]) || consumer_client(c, &o->consumer, a, &client))
		return 1;
	for (;; pause_ms(WAIT_EVERY_MS)) {
		struct samtykke_answer *answer CLEANUP(consumer_answer_closep) = NULL;
		enum samtykke_rc rc = samtykke_request_get(client, args->v[0], &answer);
		if (rc != SAMTYKKE_OK && rc != SAMTYKKE_UNAVAILABLE)
			return consumer_failed(c, client, rc);
		const char *status = rc == SAMTYKKE_OK ? samtykke_answer_status(answer) : NULL;
		if (status && strcmp(status, "Created") != 0) {
			puts(status);
			return strcmp(status, "Accepted") == 0 ? 0 : 1;
		}
		if (clock_mono() >= until)
			return cli_fail(c->name, "the request was not answered in time");
	}
}

// clang-format off
static const struct opt_row create_rows[] = {
	CONSUMER_ROWS(struct opts),
	{ "from", 'f', OPT_TEXT, offsetof(struct opts, from), "NUMBER",
	  "Person (11 digits) or organisation (9 digits) whose consent is requested." },
	{ "resource", 'r', OPT_TEXT, offsetof(struct opts, resource), "ID",
	  "Resource that the consent is for, as the data source has published it." },
	{ "action", 0, OPT_TEXT, offsetof(struct opts, action), "NAME", "Action on the resource. Default: consent." },
	{ "metadata", 'm', OPT_LIST, offsetof(struct opts, metadata), "KEY=VALUE",
	  "Metadata that the resource requires, such as inntektsaar=2025." },
	{ "redirect", 0, OPT_TEXT, offsetof(struct opts, redirect), "URL",
	  "Address for the person's browser after the answer." },
	{ "valid-to", 0, OPT_TEXT, offsetof(struct opts, valid_to), "TIME",
	  "End of the consent: a time with offset, or a duration. Default: P7D." },
	{ "message", 0, OPT_LIST, offsetof(struct opts, messages), "LANG=TEXT",
	  "Message to the person: nb=…, nn=…, en=…." },
	{ "id", 0, OPT_TEXT, offsetof(struct opts, id), "UUID", "Id of the request. Default: a new one." },
	{ "to", 0, OPT_TEXT, offsetof(struct opts, to), "ORGNO",
	  "Organisation that receives the consent. Default: the organisation of the token." },
	{ "show", 0, OPT_FLAG, offsetof(struct opts, show), NULL, "Also list the request in the person's portal." },
	{ "print-url", 0, OPT_FLAG, offsetof(struct opts, url_only), NULL, "Print only the address of the page." },
};
static const struct opt_row show_rows[] = { CONSUMER_ROWS(struct opts) };
static const struct opt_row wait_rows[] = {
	CONSUMER_ROWS(struct opts),
	{ "timeout", 't', OPT_INT, offsetof(struct opts, timeout_s), "SECONDS",
	  "Give up after this time. Default: 300." },
};
// clang-format on

#define EXAMPLE_KEY "export SAMTYKKE_CLIENT_ID=… SAMTYKKE_CLIENT_KEY=bank.jwk\n"

const struct command cmd_request_create = {
	.name = "request create",
	.summary = "Ask a person or an organisation for consent",
	.text = "Creates a consent request as the data consumer and prints the server's answer. "
		"viewUri in the answer is the address of the page on which the person answers. "
		"The command first fetches a token with the scope altinn:consentrequests.write.",
	.example = EXAMPLE_KEY "samtykke request create --from 01025161013 --resource ttd_inntektsopplysninger \\\n"
			       "    --metadata inntektsaar=2025 --redirect https://bank.example/done",
	.opts = create_rows,
	.n_opts = LEN(create_rows),
	.opts_size = sizeof(struct opts),
	.run = create_run,
};
const struct command cmd_request_show = {
	.name = "request show",
	.args = "ID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Show a consent request with its status and events",
	.text = "Prints the request as the server returns it.",
	.opts = show_rows,
	.n_opts = LEN(show_rows),
	.opts_size = sizeof(struct opts),
	.run = show_run,
};
const struct command cmd_request_wait = {
	.name = "request wait",
	.args = "ID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Wait until a consent request is answered",
	.text = "Asks once a second, and prints the status when it is no longer Created. "
		"Exit status 0 means Accepted; 1 means another answer, or no answer in time.",
	.opts = wait_rows,
	.n_opts = LEN(wait_rows),
	.opts_size = sizeof(struct opts),
	.run = wait_run,
};
