#include "daemon/files.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

static void close_file(FILE **f)
{
	if (*f && *f != stdin)
		(void)fclose(*f);
}

enum rc file_read(struct arena *a, const char *path, size_t max, struct str *out)
{
	char part[16384];
	struct buf b = BUF(a);
	FILE *f CLEANUP(close_file) = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");

	if (!f)
		return errno == ENOENT ? RC_NOT_FOUND : RC_FAIL;
	(void)setvbuf(f, NULL, _IONBF, 0); /* no copy of a key stays behind in a buffer of the C library */
	for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;) {
		bool fits = n <= max - b.n;
		if (fits)
			buf_raw(&b, part, n);
		explicit_bzero(part, n);
		if (!fits)
			return RC_TOO_LARGE;
	}
	if (ferror(f))
		return RC_FAIL;
	*out = b.n ? buf_str(&b) : STR(""); /* an empty file is not absent */
	return RC_OK;
}

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* Reads at most n bytes. Returns their number, or -1. */
static ssize_t read_all(int fd, char *buffer, size_t n)
{
	size_t filled = 0;
	while (filled < n) {
		ssize_t got = read(fd, buffer + filled, n - filled);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		filled += (size_t)got;
	}
	return (ssize_t)filled;
}

enum rc file_read_secret(struct arena *a, const struct secret_file *f, struct str *out, struct str *err_out)
{
	assert(f->max < SIZE_MAX);
	int fd CLEANUP(close_fd) = open(f->path, O_RDONLY | O_CLOEXEC);
	*err_out = arena_fmt(a, "%s: cannot read %s", f->setting, f->path);
	if (fd < 0)
		return RC_INVALID;
	if (!private_file(fd, f->path, f->to)) {
		*err_out = arena_fmt(a, "%s: %s can be read by others than its owner%s (chmod 600 %s)", f->setting,
				     f->path, f->to == PRIVATE_TO_GROUP ? " and group" : "", f->path);
		return RC_DENIED;
	}
	char *text = arena_alloc(a, f->max + 1);
	ssize_t n = read_all(fd, text, f->max + 1);
	if (n < 0)
		return RC_INVALID;
	if ((size_t)n > f->max) {
		explicit_bzero(text, (size_t)n);
		*err_out = arena_fmt(a, "%s: %s is longer than %zu bytes", f->setting, f->path, f->max);
		return RC_TOO_LARGE;
	}
	*out = str_span(text, (size_t)n);
	return RC_OK;
}

bool file_is_private(const char *path, enum private_to to)
{
	int fd CLEANUP(close_fd) = open(path, O_RDONLY | O_CLOEXEC);
	return strcmp(path, "-") == 0 || (fd >= 0 && private_file(fd, path, to));
}

int64_t files_stamp(const char *const *names, size_t n)
{
	struct stat st;
	int64_t sum = 0;
	for (size_t i = 0; i < n; i++) {
		if (!names[i] || stat(names[i], &st) != 0)
			continue;
		sum += st.st_mtim.tv_sec * CLOCK_SECOND + st.st_mtim.tv_nsec / 1000 + (int64_t)st.st_ino;
	}
	return sum;
}
