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

static int sandbox_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	(void)c, (void)a, (void)args;
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
	{ "port", 'p', OPT_TEXT, offsetof(struct opts, port), "N",
	  "Port to listen on; 0 takes a free one. Default: 8080." },
	{ "data", 'd', OPT_TEXT, offsetof(struct opts, data), "DIR",
	  "Directory of the database. Default: a temporary directory, removed at exit." },
	{ "seed", 's', OPT_LIST, offsetof(struct opts, seeds), "FILE",
	  "Use this seed document instead of the built-in world." },
	{ "set", 0, OPT_LIST, offsetof(struct opts, sets), "KEY=VALUE", "Any setting of samtykke.conf(5)." },
	{ "config", 'c', OPT_TEXT, offsetof(struct opts, config), "FILE", "Settings file." },
	{ "expose", 0, OPT_FLAG, offsetof(struct opts, expose), NULL,
	  "Listen on other addresses than loopback: all of them, or the setting listen. "
	  "Without the setting public_url, addresses and cookies then fit the host that each browser asks for, "
	  "if that is an IP address, a name without a dot or a name below .local. The issuer stays the same." },
};
// clang-format on

const struct command cmd_sandbox = {
	.name = "sandbox",
	.summary = "Run everything on loopback with synthetic people, organisations and clients",
	.text = "Starts the whole platform with a world of synthetic people, organisations, resources and clients, "
		"a test login and a clock that can be set. "
		"The page /sandbox at the address that the command prints lists this world.\n\n"
		"When the server accepts connections, it prints one line of JSON on standard output: "
		"event (\"ready\"), url and data (the directory). "
		"Logs go to standard error. "
		"SIGINT or SIGTERM stops the server; SIGHUP works as in samtykke-serve(1).\n\n"
		"The sandbox signs with test keys that are public. "
		"It refuses a store of samtykke serve, and samtykke serve refuses a store of the sandbox.",
	.example = "samtykke sandbox --port 0 --set log.level=debug",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
	.run = sandbox_run,
};
