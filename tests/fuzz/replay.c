/* main of a fuzz target without a fuzzer: replay DIRECTORY… runs every file of each through it, in the order of their
 * names, and prints one TAP line a directory. The name in the line is the program's. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX (1 << 20)

static int visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* The input in a block of exactly its size, so that a sanitizer sees any step beyond. */
static int run_file(const char *path)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	if (!f || fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > INPUT_MAX) {
		if (f)
			fclose(f);
		return 0;
	}
	size_t size = (size_t)st.st_size;
	uint8_t *data = malloc(size ? size : 1);
	if (!data)
		abort();
	size_t got = fread(data, 1, size, f);
	fclose(f);
	LLVMFuzzerTestOneInput(data, got);
	free(data);
	return 1;
}

/* How many inputs, or -1. */
static int run_directory(const char *dir)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, visible, alphasort), inputs = 0;
	for (int i = 0; i < n; i++) {
		char path[4096];
		int len = snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name);
		if (len > 0 && (size_t)len < sizeof path)
			inputs += run_file(path);
		free(entries[i]);
	}
	if (n < 0)
		return -1;
	free(entries);
	return inputs;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
	int failed = 0;
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		int inputs = run_directory(argv[i]);
		failed += inputs <= 0;
		printf("%sok %d - %s: %d inputs\n", inputs > 0 ? "" : "not ", i, name, inputs > 0 ? inputs : 0);
		fflush(stdout);
	}
	return argc < 2 || failed;
}
