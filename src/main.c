#include <sys/stat.h>

#include "cli/cli.h"

int main(int argc, char **argv)
{
	(void)umask(077); /* databases, caches and all other files that it makes hold people's numbers or credentials */
	return cli_main(argc, argv);
}
