#include "cli/admin_internal.h"

#include <assert.h>

#include "base/log.h"

static int settings_take(const struct command *c, const struct admin_opts *o, struct arena *a, struct settings *out)
{
	struct str err = STR_NONE;
	if (settings_load(out, a, o->config, o->sets.v, o->sets.n, &err) != RC_OK ||
	    settings_use(out, a, true, &err) != RC_OK)
		return cli_fail(c->name, "%.*s", STR_FMT(err));
	if (!out->store)
		return cli_fail(c->name, "the setting store is missing; "
					 "for example --set store=sqlite:/var/lib/samtykke/samtykke.db");
	return 0;
}

int admin_open(const struct command *c, const struct admin_opts *o, struct arena *a, bool migrate, struct admin *out)
{
	struct str err = STR_NONE;
	*out = (struct admin){ 0 };
	if (settings_take(c, o, a, &out->settings) != 0)
		return 1;
	const struct store_config config = {
		.uri = out->settings.store,
		.mode = o->sandbox ? STORE_SANDBOX : STORE_PRODUCTION,
		.migrate = migrate,
		.readers = 1,
	};
	if (store_open(&config, &out->store, a, &err) != RC_OK)
		return cli_fail(c->name, "%.*s", STR_FMT(err));
	return 0;
}

void admin_close(struct admin *m)
{
	store_close(m->store);
	m->store = NULL;
}

int admin_master(const struct command *c, const struct admin *m, struct arena *a, uint8_t key_out[32])
{
	assert(m->store); /* admin_open has loaded the settings */
	struct str err = STR_NONE;
	enum rc rc = settings_master(&m->settings, a, key_out, &err);

	if (rc == RC_NOT_FOUND)
		return cli_fail(c->name, "the setting key.master_file is missing; make such a file with: "
					 "head -c 32 /dev/urandom >FILE && chmod 600 FILE");
	return rc == RC_OK ? 0 : cli_fail(c->name, "%.*s", STR_FMT(err));
}
