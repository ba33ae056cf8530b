/* The parts of commands that work on a store directly: settings, the store, the master key. */
#pragma once
#include "cli/internal.h"
#include "daemon/settings.h"
#include "store/store.h"

/* First member, named admin, of the options of each such command. */
struct admin_opts {
	const char *config;
	struct opt_list sets;
	bool sandbox;
};
// clang-format off
#define ADMIN_ROWS(T) \
	{ "config", 'c', OPT_TEXT, offsetof(T, admin.config), "FILE", \
	  "Settings file. Its setting store names the database." }, \
	{ "set", 0, OPT_LIST, offsetof(T, admin.sets), "KEY=VALUE", "Any setting of samtykke.conf(5)." }, \
	{ "sandbox", 0, OPT_FLAG, offsetof(T, admin.sandbox), NULL, \
	  "The store belongs to a sandbox, not to samtykke serve." }
// clang-format on

struct admin {
	struct settings settings; /* text lives as long as the arena */
	struct store *store;
};
/* Loads the settings, sets the log up and opens the store; `migrate` allows it to create the store or to bring its
 * schema to this version. Returns 0, or 1 after one line on stderr. Call admin_close in both cases. */
int admin_open(const struct command *c, const struct admin_opts *o, struct arena *a, bool migrate, struct admin *out);
void admin_close(struct admin *m);
/* Reads the master key from the file that key.master_file names. The caller wipes it. Returns 0, or 1 after one line on
 * stderr. */
int admin_master(const struct command *c, const struct admin *m, struct arena *a, uint8_t key_out[32]);
