#include "t.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/private.h"

/* Is a file of mode 0444 in `folder` private, asked for as folder/word? */
static bool found(const char *folder, const char *word)
{
	char path[128];
	CHECK(snprintf(path, sizeof path, "%s%s", folder, word) < (int)sizeof path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	bool is_private = private_file(fd, path, PRIVATE_TO_OWNER);
	CHECK(is_private == private_file(fd, path, PRIVATE_TO_GROUP));
	close(fd);
	return is_private;
}

static void test_private__a_credential_is_protected_by_its_folder(void **state)
{
	(void)state;
	char folder[] = "/tmp/private-test-XXXXXX", file[64];
	CHECK(mkdtemp(folder) && snprintf(file, sizeof file, "%s/key", folder) < (int)sizeof file);
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
	CHECK(fd >= 0 && fchmod(fd, 0444) == 0);
	close(fd);
	unsetenv("CREDENTIALS_DIRECTORY");
	CHECK(!found(folder, "/key"));
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	CHECK(found(folder, "/key"));
	CHECK(!found(folder, "/../../etc/hostname"));
	setenv("CREDENTIALS_DIRECTORY", "/tmp/private-test-", 1); /* the start of a name is no folder */
	CHECK(!found(folder, "/key"));
	setenv("CREDENTIALS_DIRECTORY", "/", 1);
	CHECK(!found(folder, "/key"));
	setenv("CREDENTIALS_DIRECTORY", "", 1);
	CHECK(!found(folder, "/key"));
	unsetenv("CREDENTIALS_DIRECTORY");
	unlink(file);
	rmdir(folder);
}

static void test_private__a_closed_descriptor_is_not(void **state)
{
	(void)state;
	CHECK(!private_file(-1, "/tmp/x", PRIVATE_TO_GROUP));
}

T_MAIN(cmocka_unit_test(test_private__a_credential_is_protected_by_its_folder),
       cmocka_unit_test(test_private__a_closed_descriptor_is_not))
