/* The two servers: `samtykke serve` and `samtykke sandbox`. */
#pragma once
#include "daemon/settings.h"

struct daemon_options {
	bool sandbox;
	bool expose;              /* sandbox: listen beyond loopback */
	const char *config;       /* file; NULL: none */
	const char *data;         /* sandbox: directory; NULL: a temporary one, removed at exit */
	const char *const *seeds; /* sandbox: files in place of the built-in world */
	size_t n_seeds;
	const char *const *sets; /* KEY=VALUE */
	size_t n_sets;
	const char *port; /* overrides the setting; NULL: none */
};
/* Runs until SIGINT or SIGTERM. 0 done, 1 failed (one line on stderr says why). Prints one JSON line on stdout when
 * connections are accepted: {"event":"ready","url":…,"data":…}. */
int daemon_run(const struct daemon_options *o);
