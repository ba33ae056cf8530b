#include <assert.h>

#include "registry/snapshot_internal.h"

const struct registry_part *registry_parts[REGISTRY_PARTS_MAX];
size_t registry_n_parts;

void registry_extend(const struct registry_part *part)
{
	assert(registry_n_parts < REGISTRY_PARTS_MAX);
	registry_parts[registry_n_parts++] = part;
}
