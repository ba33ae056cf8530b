#include "base/clock.h"
#include "cli/consumer_internal.h"

struct opts {
	struct consumer_opts consumer;
	const char *resource;
	const char *reference;
	const char *time;
};

static int use_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	struct samtykke_client *client CLEANUP(consumer_closep) = NULL;
	int64_t time = 0;

	if (!o->resource)
		return cli_fail(c->name, "--resource is missing: the resource that was used");
	if (o->time && clock_parse(str_of(o->time), &time) != RC_OK)
		return cli_fail(c->name, "--time: %s is not a time (2026-12-31T12:00:00+01:00)", o->time);
	if (consumer_uuid(c, args->v[0]) || consumer_client(c, &o->consumer, a, &client))
		return 1;
	enum samtykke_rc rc = samtykke_use_report(client, args->v[0], o->resource, o->reference, time);
	return rc == SAMTYKKE_OK ? 0 : consumer_failed(c, client, rc);
}

// clang-format off
static const struct opt_row rows[] = {
	CONSUMER_ROWS(struct opts),
	{ "resource", 'r', OPT_TEXT, offsetof(struct opts, resource), "ID",
	  "Resource of the consent that was used. The client's organisation must own it." },
	{ "reference", 0, OPT_TEXT, offsetof(struct opts, reference), "TEXT",
	  "Name of this use. Reports with the same name count once." },
	{ "time", 0, OPT_TEXT, offsetof(struct opts, time), "TIME", "Time when the data was fetched. Default: now." },
};
// clang-format on

const struct command cmd_consent_use = {
	.name = "consent use",
	.args = "ID",
	.min_args = 1,
	.max_args = 1,
	.summary = "Report that data was handed out under a consent",
	.text = "For a data source. The person and the consumer see the use. "
		"The first use ends a one-time consent. "
		"The command first fetches a token with the scope altinn:consents.use.",
	.example = "samtykke consent use --resource ttd_inntektsopplysninger --reference 17 \\\n"
		   "    0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
	.run = use_run,
};
