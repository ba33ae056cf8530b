#include "cli/internal.h"
#include "daemon/daemon.h"

struct opts {
	const char *config;
	struct opt_list sets;
};

static int serve_run(struct arena *a, const void *opts, const struct opt_args *args)
{
	const struct opts *o = opts;

	(void)a, (void)args;
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
	.text = "Serves consent requests, pages and tokens from the store that the settings name. There is no test "
		"login and no test endpoint: those routes do not exist here.\n\nIt needs a migrated store (samtykke "
		"store migrate), a signing key (samtykke key new) and the key that decrypts it (setting "
		"key.master_file). A store that was made by the sandbox is refused.\n\nWhen connections are accepted,"
		" one JSON line is printed on standard output: event (\"ready\") and url. SIGINT or SIGTERM ends it "
		"after the requests that are running. SIGHUP has the certificate files (cert.roots, "
		"cert.intermediates, cert.crls) and the signing keys read again at once rather than within a minute; "
		"settings and TLS files are read at the start only. In a terminal, SIGHUP ends it.",
	.example = "samtykke serve -c /etc/samtykke.conf",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
	.run = serve_run,
};
