/* Settings. A table of rows fills a struct from four sources: defaults, a file (ini), the environment, and KEY=VALUE
 * arguments. Call them in this order: each overwrites the values of the one before. A test compares samtykke.conf(5)
 * with the table. */
#pragma once
#include "base/arena.h"

enum conf_type { CONF_TEXT, CONF_INT, CONF_BOOL, CONF_SECRET, CONF__MAX };

struct conf_row {
	const char *key; /* "events.page_size"; in the environment SAMTYKKE_EVENTS_PAGE_SIZE */
	/* The member's type follows from it. TEXT and SECRET: const char *; INT: int64_t; BOOL: bool, written as
	 * on/off, true/false, yes/no or 1/0. */
	enum conf_type type;
	size_t offset;      /* of the member in the settings struct */
	const char *preset; /* the default, as text; NULL = none */
	/* CONF_INT: both are allowed values */
	int64_t min;
	int64_t max;
	const char *help; /* one line */
};
#define CONF_ROW(T, field, key, type, preset, min, max, help)                                                          \
	{                                                                                                              \
		key, type, offsetof(T, field), preset, min, max, help                                                  \
	}

/* `settings` points at the struct; its texts live in `a`, defaults in the table. RC_INVALID: a key that has no row, or
 * a value that its row refuses; *err_out gets one line in `a` ("samtykke.conf:3: no such setting: prot"). Values that
 * were set before the fault stay; the refused one leaves its member as it was. */
MUST_USE enum rc conf_defaults(const struct conf_row *rows, size_t n, void *settings);
/* In the file, `key = value` below [section] sets section.key, and keys above the first section have no prefix. # and ;
 * begin a comment. RC_NOT_FOUND: there is no such file. RC_FAIL: it cannot be read. RC_DENIED: it holds a secret (a
 * CONF_SECRET, or an address with a password), and others than its owner and group can read it. All write *err_out. */
MUST_USE enum rc conf_file(const struct conf_row *rows, size_t n, void *settings, struct arena *a, const char *path,
			   struct str *err_out);
/* Looks up the names of the table and no others. */
MUST_USE enum rc conf_env(const struct conf_row *rows, size_t n, void *settings, struct arena *a, struct str *err_out);
MUST_USE enum rc conf_set(const struct conf_row *rows, size_t n, void *settings, struct arena *a, struct str key_value,
			  struct str *err_out);
