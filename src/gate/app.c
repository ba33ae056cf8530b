#include "base/log.h"
#include "gate/gate.h"

int64_t app_version(void *ctx)
{
	struct app *app = ctx;

	return registry_snapshot_version(&app->consents.registry);
}

bool app_refresh(void *ctx, int64_t noted)
{
	struct app *app = ctx;
	struct registry_box *box = &app->consents.registry;
	int64_t seen;
	bool changed;

	if (registry_stored_version(box, &seen) != RC_OK)
		return false;
	if (seen != registry_snapshot_version(box)) {
		if (keyring_refresh(app->keys) != RC_OK)
			log_error("keys.refresh_failed");
		if (registry_refresh(box, &changed) != RC_OK)
			return false;
	}
	return registry_snapshot_version(box) != noted;
}
