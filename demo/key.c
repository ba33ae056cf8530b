#include "key.h"

#include <samtykke/samtykke.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char *file_read(const char *name)
{
	FILE *f = fopen(name, "r");
	struct stat st;
	char *key = NULL;
	size_t size = 0;
	bool is_private = f && fstat(fileno(f), &st) == 0 && !(st.st_mode & S_IRWXO);
	if (f && !is_private)
		fprintf(stderr, "%s can be read by others than its owner and group (chmod 600 %s)\n", name, name);
	if (!is_private || getdelim(&key, &size, '\0', f) < 0) {
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
