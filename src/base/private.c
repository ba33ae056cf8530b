#include "base/private.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Bits that must not be set. */
static const mode_t others[PRIVATE_TO__MAX] = { [PRIVATE_TO_OWNER] = 077, [PRIVATE_TO_GROUP] = 007 };

static bool is_credential(const char *path)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	size_t n = folder ? strlen(folder) : 0;
	return n > 1 && strncmp(path, folder, n) == 0 && path[n] == '/' && !strstr(path + n, "/../");
}

bool private_file(int fd, const char *path, enum private_to to)
{
	struct stat st;
	assert((unsigned)to < PRIVATE_TO__MAX);
	return is_credential(path) || (fstat(fd, &st) == 0 && !(st.st_mode & others[to]));
}
