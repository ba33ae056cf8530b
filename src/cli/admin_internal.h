/* What the commands that work on a store directly share: settings, the store itself, the master key. */
#pragma once
#include "cli/internal.h"
#include "daemon/settings.h"
#include "store/store.h"

struct admin_opts { /* first member of each such command's options */
	const char *config;
	struct opt_list sets;
	bool sandbox;
};
#define ADMIN_ROWS(T)                                                                                                  \
	{ "config", 'c',                                                                                               \
	  OPT_TEXT, offsetof(T, admin.config),                                                                         \
	  "FILE",   "Settings file; the setting store names the database." },                                          \
		{ "set", 0, OPT_LIST, offsetof(T, admin.sets), "KEY=VALUE", "Any setting of samtykke.conf(5)." },      \
	{                                                                                                              \
		"sandbox", 0, OPT_FLAG, offsetof(T, admin.sandbox), NULL,                                              \
			"The store belongs to a sandbox, not to samtykke serve."                                       \
	}

struct admin {
	struct settings settings;
	struct store *store;
};
/* 0, or 1 after saying why on stderr. */
int admin_settings(const char *name, const struct admin_opts *o, struct arena *a, struct admin *out);
int admin_open(const char *name, const struct admin_opts *o, struct arena *a, bool migrate, struct admin *out);
void admin_close(struct admin *m);
int admin_master(const char *name, const struct admin *m, struct arena *a, uint8_t key_out[32]);
