/* Settings: a table of rows fills a struct from defaults, a file (ini), the environment and KEY=VALUE arguments,
 * each stronger than the one before. samtykke.conf(5) is checked against the table. */
#pragma once
#include "base/arena.h"

enum conf_type { CONF_TEXT, CONF_INT, CONF_BOOL, CONF_SECRET, CONF__MAX };

struct conf_row {
	const char *key; /* "events.page_size"; environment SAMTYKKE_EVENTS_PAGE_SIZE */
	enum conf_type
		type;       /* TEXT, SECRET: const char *; INT: int64_t; BOOL: bool (on/off, true/false, yes/no, 1/0) */
	size_t offset;      /* in the settings struct */
	const char *preset; /* default, as text; NULL = none */
	/* CONF_INT */
	int64_t min;
	int64_t max;
	const char *help; /* one line */
};
#define CONF_ROW(T, field, key, type, preset, min, max, help)                                                          \
	{                                                                                                              \
		key, type, offsetof(T, field), preset, min, max, help                                                  \
	}

/* Each takes effect at once; text is copied into `a`. RC_INVALID writes one line to err_out (in `a`):
 * "samtykke.conf:3: no such setting: prot" */
/* conf_file writes err_out too when there is no such file (RC_NOT_FOUND) or it cannot be read (RC_FAIL). conf_env
 * looks up the table's names and nothing else. A number or switch that is refused leaves the field as it was. */
MUST_USE enum rc conf_defaults(const struct conf_row *rows, size_t n, void *settings);
MUST_USE enum rc conf_file(const struct conf_row *rows, size_t n, void *settings, struct arena *a, const char *path,
			   struct str *err_out);
MUST_USE enum rc conf_env(const struct conf_row *rows, size_t n, void *settings, struct arena *a, struct str *err_out);
MUST_USE enum rc conf_set(const struct conf_row *rows, size_t n, void *settings, struct arena *a, struct str key_value,
			  struct str *err_out);
/* In a file, [section] with key = value is section.key; keys before any section stand as they are; # and ; comment. */
