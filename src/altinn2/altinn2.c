#include "altinn2/client_cert.h"
#include "altinn2/internal.h"
#include "base/embed.h"

static enum rc open_front(void *context, const struct extension_services *services, struct arena *a,
			  struct str *err_out)
{
	(void)a, (void)err_out;
	struct altinn2 *front = context;
	*front = (struct altinn2){ .site = *services->site, .services = *services };
	return RC_OK;
}

extern const struct embed altinn2_embedded[];

static struct str sandbox_seed(void)
{
	return altinn2_embedded[0].data;
}

const struct extension altinn2_extension = {
	.name = "altinn2",
	.settings = altinn2_settings,
	.n_settings = ALTINN2_SETTINGS,
	.settings_size = sizeof(struct altinn2_settings),
	.sections = altinn2_sections,
	.n_sections = ALTINN2_SECTIONS,
	.registry = &altinn2_part,
	.sandbox_seed = sandbox_seed,
	.sandbox_section = altinn2_sandbox_section,
	.importer = &altinn2_importer,
	.routes = &altinn2_routes,
	.sandbox_routes = &altinn2_sandbox_routes,
	.context_size = sizeof(struct altinn2),
	.open = open_front,
};
