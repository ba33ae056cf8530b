/* The two servers: `samtykke serve` and `samtykke sandbox`. */
#pragma once
#include "daemon/settings.h"

struct daemon_options {
	bool sandbox;
	bool expose;              /* sandbox: listen on other addresses than loopback */
	const char *config;       /* settings file; NULL: none */
	const char *data;         /* sandbox: directory; NULL: a temporary one, removed at exit */
	const char *const *seeds; /* sandbox: seed files instead of the built-in world */
	size_t n_seeds;
	const char *const *sets; /* KEY=VALUE */
	size_t n_sets;
	const char *port; /* replaces the setting port; NULL: does not */
};
/* Runs a server until SIGINT or SIGTERM. When it accepts connections, it prints one line of JSON on stdout:
 * {"event":"ready","url":…,"data":…} (data: sandbox only). Returns the exit status: 0 done, 1 failed after one line on
 * stderr. Only one server a process. */
int daemon_run(const struct daemon_options *o);
