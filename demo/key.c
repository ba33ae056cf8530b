#include "key.h"

#include <samtykke/samtykke.h>

#include <stdio.h>
#include <stdlib.h>

static char *file_read(const char *name)
{
	FILE *f = fopen(name, "r");
	char *key = NULL;
	size_t size = 0;
	if (!f || getdelim(&key, &size, '\0', f) < 0) {
		free(key);
		key = NULL;
	}
	if (f)
		fclose(f);
	return key;
}

char *key_read(const char *file, const char *sandbox, const char *client_id)
{
	struct samtykke_client_options options = SAMTYKKE_CLIENT_OPTIONS;
	struct samtykke_client *anybody;
	char url[256], *key = NULL;
	if (file)
		return file_read(file);
	options.base_url = sandbox;
	if (samtykke_client_create(&options, &anybody) != SAMTYKKE_OK)
		return NULL;
	snprintf(url, sizeof url, "%s/sandbox/clients/%s", sandbox, client_id);
	if (samtykke_client_fetch(anybody, url, NULL, &key) != SAMTYKKE_OK)
		key = NULL;
	samtykke_client_destroy(anybody);
	return key;
}
