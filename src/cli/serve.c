#include "cli/internal.h"
#include "daemon/daemon.h"

struct opts {
	const char *config;
	struct opt_list sets;
};

static int serve_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;
	(void)c, (void)a, (void)args;
	return daemon_run(&(struct daemon_options){ .config = o->config, .sets = o->sets.v, .n_sets = o->sets.n });
}

// clang-format off
static const struct opt_row rows[] = {
	{ "config", 'c', OPT_TEXT, offsetof(struct opts, config), "FILE", "Settings file." },
	{ "set", 0, OPT_LIST, offsetof(struct opts, sets), "KEY=VALUE", "Any setting of samtykke.conf(5)." },
};
// clang-format on

const struct command cmd_serve = {
	.name = "serve",
	.summary = "Run the platform in production",
	.text = "Serves consent requests, pages and tokens from the store that the settings name. "
		"The test login and the test endpoints of the sandbox do not exist here.\n\n"
		"The command needs a migrated store (samtykke store migrate), a signing key (samtykke key new) "
		"and the key that decrypts it (setting key.master_file). "
		"It refuses a store that a sandbox has made.\n\n"
		"When the server accepts connections, it prints one line of JSON on standard output: "
		"event (\"ready\") and url. "
		"The log then warns of what pages and requests still lack: a login, the operator's contact, "
		"templates, parties. "
		"SIGINT or SIGTERM stops the server after the requests that are running. "
		"SIGHUP makes it read the certificate files (cert.roots, cert.intermediates, cert.crls) "
		"and the signing keys again at once; otherwise it does so within a minute. "
		"It reads settings and TLS files only when it starts. "
		"If standard input is a terminal, SIGHUP stops the server.",
	.example = "samtykke serve -c /etc/samtykke.conf",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
	.run = serve_run,
};
