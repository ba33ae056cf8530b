#include "cli/internal.h"
#include "daemon/daemon.h"

struct opts {
	const char *port;
	const char *data;
	struct opt_list seeds;
	struct opt_list sets;
	const char *config;
	bool expose;
};

static int sandbox_run(struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;

	(void)a, (void)args;
	return daemon_run(&(struct daemon_options){
		.sandbox = true,
		.expose = o->expose,
		.config = o->config,
		.data = o->data,
		.seeds = o->seeds.v,
		.n_seeds = o->seeds.n,
		.sets = o->sets.v,
		.n_sets = o->sets.n,
		.port = o->port,
	});
}

// clang-format off
static const struct opt_row rows[] = {
	{ "port", 'p', OPT_TEXT, offsetof(struct opts, port), "N", "Port to listen on; 0 takes any free one. Default: 8080." },
	{ "data", 'd', OPT_TEXT, offsetof(struct opts, data), "DIR", "Where the database lies. Default: a temporary directory, removed at exit." },
	{ "seed", 's', OPT_LIST, offsetof(struct opts, seeds), "FILE", "A seed document in place of the built-in world." },
	{ "set", 0, OPT_LIST, offsetof(struct opts, sets), "KEY=VALUE", "Any setting of samtykke.conf(5)." },
	{ "config", 'c', OPT_TEXT, offsetof(struct opts, config), "FILE", "Settings file." },
	{ "expose", 0, OPT_FLAG, offsetof(struct opts, expose), NULL, "Listen beyond loopback (all addresses, or the setting listen)." },
};
// clang-format on

const struct command cmd_sandbox = {
	.name = "sandbox",
	.summary = "Run everything on loopback with synthetic people, organisations and clients",
	.text = "Starts the whole platform with a world of synthetic people, organisations, resources and clients, a "
		"test login and a settable clock. Open the address that it prints, with /sandbox after it, to see "
		"who and what there is.\n\nWhen connections are accepted, one JSON line is printed on standard "
		"output: event (\"ready\"), url and data (the directory). Logs go to standard error. SIGINT or "
		"SIGTERM ends it; SIGHUP is as in samtykke-serve(1).\n\nThe sandbox signs with a published test key "
		"and refuses a store of samtykke serve, as serve refuses its.",
	.example = "samtykke sandbox --port 0 --set log.level=debug",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
	.run = sandbox_run,
};
