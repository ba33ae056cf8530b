/* An extension: a front that can be left out. One row in src/meson.build, `extensions`, names its folder; the program
 * asks each extension for what it adds. */
#pragma once
#include "base/conf.h"
#include "http/http.h"
#include "publish/seed_part.h"

struct importer;
struct issuer;
struct keyring;
struct pace;
struct site;

/* What the daemon hands to an extension. Each is borrowed and outlives the server. */
struct extension_services {
	struct issuer *issuer;
	struct keyring *keys;
	struct pace *pace;       /* of changes of the registry */
	const struct site *site; /* page/site.h: consents, address, operator; to copy */
	const void *settings;    /* the extension's own struct, filled in */
};
struct extension {
	const char *name;
	/* Settings: rows of a struct of `settings_size` bytes. */
	const struct conf_row *settings;
	size_t n_settings;
	size_t settings_size;
	/* Sections of the seed, their part of each snapshot of the registry (NULL: none), and a document for the
	 * sandbox's built-in world (NULL: none). */
	const struct seed_section *sections;
	size_t n_sections;
	const struct registry_part *registry;
	struct str (*sandbox_seed)(void);
	/* Appends a section to the sandbox's page; origin: of addresses in it. NULL: none. The handlers' context is the
	 * page's, of which struct site is the first member. */
	void (*sandbox_section)(struct http_req *req, struct str origin, struct buf *b);
	const struct importer *importer; /* front/importer.h; NULL: none */
	/* Routes; NULL: none. The handlers' context has `context_size` bytes, zeroed before `open`. */
	const struct http_table *routes;
	const struct http_table *sandbox_routes; /* not under serve */
	size_t context_size;
	/* Fills the context in. It is called when the port is known, perhaps again with another port. An rc other than
	 * RC_OK ends the start; *err_out is one line. */
	enum rc (*open)(void *context, const struct extension_services *services, struct arena *a, struct str *err_out);
};
/* The program's extensions, ended by NULL: made by src/daemon/meson.build. */
#define EXTENSIONS_MAX 4
extern const struct extension *const extensions[];
