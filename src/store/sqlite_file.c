#include "store/sqlite_file.h"

#include <assert.h>
#include <endian.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/sqlite_map.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sqlite_file *files;

/* ---- looking ---- */

/* The head of a database file (https://sqlite.org/fileformat2.html#the_database_header). */
struct head {
	char magic[16];
	uint16_t page_size; /* 1 = 65536 */
	uint8_t other[10];
	uint32_t pages;
	uint8_t rest[68];
};
_Static_assert(sizeof(struct head) == 100 && offsetof(struct head, pages) == 28, "the layout is the file format's");

/* A file that became shorter is whole when it has all pages that its own head counts: VACUUM shortens it so. */
static bool is_cut(int fd, int64_t size)
{
	struct head h;
	if (pread(fd, &h, sizeof h, 0) != (ssize_t)sizeof h || memcmp(h.magic, "SQLite format 3", sizeof h.magic) != 0)
		return true;
	int64_t page_size = be16toh(h.page_size) == 1 ? 65536 : be16toh(h.page_size);
	return be32toh(h.pages) * page_size > size;
}

static ino_t log_inode(const struct sqlite_file *f)
{
	struct stat st;
	char name[4096];
	int n = snprintf(name, sizeof name, "%s-wal", f->path);
	return n > 0 && (size_t)n < sizeof name && stat(name, &st) == 0 ? st.st_ino : 0;
}

static const char *fault_find(struct sqlite_file *f)
{
	struct stat st;
	if (stat(f->path, &st) != 0)
		return "the database file is not at its path any more";
	if (st.st_dev != f->dev || st.st_ino != f->ino)
		return "another file is at the database's path";
	if (st.st_size < f->size && is_cut(f->fd, st.st_size))
		return "the database file was cut short";
	f->size = st.st_size;
	if (f->log && log_inode(f) != f->log)
		return "the database's log (-wal) was removed or replaced";
	return NULL;
}

/* The caller holds the lock: a look that began earlier must not undo what a later one found. */
static void look(struct sqlite_file *f)
{
	const char *was = f->fault, *is = fault_find(f);
	f->fault = is;
	f->next_look = clock_mono() + SQLITE_FILE_LOOK_US;
	if (is && is != was)
		log_error("store.lost", KV("part", "file"), KV("why", is));
	if (was && !is)
		log_warn("store.back", KV("part", "file"));
}

const char *sqlite_file_fault(struct sqlite_file *f, bool now)
{
	if (!f)
		return NULL;
	if (now || clock_mono() >= f->next_look) {
		pthread_mutex_lock(&lock);
		if (now || clock_mono() >= f->next_look)
			look(f);
		pthread_mutex_unlock(&lock);
	}
	return f->fault;
}

/* The caller holds the lock. */
static struct sqlite_file *file_given(const char *given)
{
	struct sqlite_file *f = files;
	while (f && strcmp(f->given, given) != 0)
		f = f->next;
	return f;
}

const char *sqlite_file_fault_at(const char *given)
{
	pthread_mutex_lock(&lock);
	struct sqlite_file *f = file_given(given);
	if (f)
		look(f);
	const char *fault = f ? f->fault : NULL;
	pthread_mutex_unlock(&lock);
	return fault;
}

bool sqlite_file_is_open(const char *given)
{
	pthread_mutex_lock(&lock);
	bool open = file_given(given) != NULL;
	pthread_mutex_unlock(&lock);
	return open;
}

void sqlite_file_committed(struct sqlite_file *f)
{
	if (!f)
		return;
	f->unfinished = false;
	if (f->log)
		return;
	pthread_mutex_lock(&lock);
	f->log = log_inode(f);
	pthread_mutex_unlock(&lock);
}

/* ---- joining ---- */

static void file_free(struct sqlite_file *f)
{
	sqlite_map_close(f);
	if (f->fd >= 0)
		close(f->fd);
	free(f->given);
	free(f->path);
	free(f);
}

static enum rc file_new(const char *given, const char *path, struct sqlite_file **out)
{
	struct stat st;
	struct sqlite_file *f = calloc(1, sizeof *f);
	if (!f)
		return RC_BUSY;
	f->given = strdup(given);
	f->path = strdup(path);
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (!f->given || !f->path || f->fd < 0 || fstat(f->fd, &st) != 0) {
		file_free(f);
		return RC_BUSY;
	}
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->size = st.st_size;
	sqlite_map_open(f);
	*out = f;
	return RC_OK;
}

static struct sqlite_file *file_find(const struct stat *st)
{
	struct sqlite_file *f = files;
	while (f && (f->dev != st->st_dev || f->ino != st->st_ino))
		f = f->next;
	return f;
}

static enum rc join_locked(const char *given, const char *path, struct sqlite_file **out)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return RC_BUSY;
	struct sqlite_file *f = file_find(&st), *same_path = file_given(given);
	if (same_path && same_path != f)
		return RC_BUSY;
	if (!f) {
		TRY(file_new(given, path, &f));
		f->next = files;
		files = f;
	}
	f->users++;
	*out = f;
	return RC_OK;
}

enum rc sqlite_file_join(const char *given, const char *path, struct sqlite_file **out)
{
	*out = NULL;
	if (!path || !*path)
		return RC_OK;
	pthread_mutex_lock(&lock);
	enum rc rc = join_locked(given, path, out);
	pthread_mutex_unlock(&lock);
	return rc;
}

/* By name: to close a descriptor of the database drops its locks. */
void sqlite_file_protect(const struct sqlite_file *f)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	for (size_t i = 0; f && i < LEN(ends); i++) {
		struct stat st;
		char name[4096];
		int n = snprintf(name, sizeof name, "%s%s", f->path, ends[i]);
		if (n <= 0 || (size_t)n >= sizeof name || lstat(name, &st) != 0 || !S_ISREG(st.st_mode) ||
		    st.st_uid != geteuid() || !(st.st_mode & S_IRWXO))
			continue;
		if (chmod(name, st.st_mode & 0770) == 0)
			log_warn("store.file_closed", KV("file", str_of(name)));
	}
}

void sqlite_file_leave(struct sqlite_file *f)
{
	if (!f)
		return;
	pthread_mutex_lock(&lock);
	assert(f->users > 0);
	if (--f->users == 0) {
		struct sqlite_file **at = &files;
		while (*at != f)
			at = &(*at)->next;
		*at = f->next;
		file_free(f);
	}
	pthread_mutex_unlock(&lock);
}
