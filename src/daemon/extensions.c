#include "daemon/extensions.h"

#include "front/extension.h"
#include "registry/registry.h"

void extensions_add(void)
{
	for (size_t i = 0; extensions[i]; i++) {
		seed_extend(extensions[i]->sections, extensions[i]->n_sections);
		if (extensions[i]->registry)
			registry_extend(extensions[i]->registry);
	}
}
