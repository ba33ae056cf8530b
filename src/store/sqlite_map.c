#include "store/sqlite_map.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Mapped pages are the system's cache and can be taken back at any time, but count as the process's memory. Past
 * RESIDENT_MAX all of them are given back; those in use come again, at a fault for each, which costs more than a read:
 * the bound has to be well above a working set. */
#define RESIDENT_MAX ((size_t)1 << 30)
#define LOOK_EVERY 1024              /* pages that a connection takes between two looks at that */
#define SPACE_MIN ((size_t)64 << 30) /* addresses, not memory: the file may grow into them */

struct sqlite_map {
	struct sqlite_map *next;
	dev_t dev;
	ino_t ino;
	int fd, users;
	char *at;
	size_t space;
	_Atomic int64_t size; /* the file's, when it was last asked for: it may have grown */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sqlite_map *maps; /* one for each file that is open */

/* ---- the mapping ---- */

static struct sqlite_map *map_new(int fd, const struct stat *st)
{
	struct sqlite_map *m = calloc(1, sizeof *m);
	if (!m)
		return NULL;
	*m = (struct sqlite_map){ .next = maps, .dev = st->st_dev, .ino = st->st_ino, .fd = fd };
	m->size = st->st_size;
	m->space = SPACE_MIN > 4 * (size_t)st->st_size ? SPACE_MIN : 4 * (size_t)st->st_size;
	m->at = mmap(NULL, m->space, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (m->at == MAP_FAILED)
		m->at = NULL;
	maps = m;
	return m;
}

static struct sqlite_map *map_find(const struct stat *st)
{
	struct sqlite_map *m = maps;
	while (m && (m->dev != st->st_dev || m->ino != st->st_ino))
		m = m->next;
	return m;
}

/* A descriptor once opened here may not be closed before the last connection has gone. */
static struct sqlite_map *map_of(const char *path)
{
	struct stat st;
	if (!path || !*path || stat(path, &st) != 0)
		return NULL;
	struct sqlite_map *m = map_find(&st);
	if (m)
		return m;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && fstat(fd, &st) == 0 ? map_new(fd, &st) : NULL;
}

static void map_end(struct sqlite_map *m)
{
	struct sqlite_map **at = &maps;
	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	if (m->at)
		munmap(m->at, m->space);
	close(m->fd);
	free(m);
}

/* ---- what SQLite calls ---- */

static bool within(struct sqlite_map *m, int64_t end)
{
	struct stat st;
	if (end <= m->size)
		return true;
	if (fstat(m->fd, &st) != 0)
		return false;
	m->size = st.st_size;
	return end <= m->size;
}

static size_t resident(void)
{
	char text[128];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	char *at = text;
	(void)strtoul(at, &at, 10); /* all addresses, all resident pages, those of files */
	(void)strtoul(at, &at, 10);
	return strtoul(at, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

static void look(struct sqlite_map *m)
{
	if (resident() > RESIDENT_MAX)
		(void)madvise(m->at, m->space, MADV_DONTNEED);
}

static int fetch(sqlite3_file *f, sqlite3_int64 at, int n, void **out)
{
	struct sqlite_mapped *mapped = (struct sqlite_mapped *)(uintptr_t)f->pMethods;
	struct sqlite_map *m = mapped->map;
	if (++mapped->fetched % LOOK_EVERY == 0)
		look(m);
	bool there = (size_t)(at + n) <= m->space && within(m, at + n);
	*out = there ? m->at + at : NULL;
	return SQLITE_OK;
}

static int unfetch(sqlite3_file *f, sqlite3_int64 at, void *page)
{
	(void)f, (void)at, (void)page;
	return SQLITE_OK;
}

static void methods_set(struct sqlite_mapped *m, sqlite3 *h)
{
	sqlite3_file *f = NULL;
	if (sqlite3_file_control(h, "main", SQLITE_FCNTL_FILE_POINTER, &f) != SQLITE_OK || !f || !f->pMethods ||
	    f->pMethods->iVersion < 3)
		return;
	m->methods = *f->pMethods;
	m->methods.xFetch = fetch;
	m->methods.xUnfetch = unfetch;
	f->pMethods = &m->methods;
	/* Any size above zero makes SQLite ask for pages. */
	(void)sqlite3_exec(h, "PRAGMA mmap_size = 65536", NULL, NULL, NULL);
}

void sqlite_map_join(struct sqlite_mapped *m, sqlite3 *h, bool reads)
{
	pthread_mutex_lock(&lock);
	m->map = map_of(sqlite3_db_filename(h, "main"));
	if (m->map)
		m->map->users++;
	pthread_mutex_unlock(&lock);
	if (m->map && m->map->at && reads)
		methods_set(m, h);
}

void sqlite_map_leave(struct sqlite_mapped *m)
{
	if (!m->map)
		return;
	pthread_mutex_lock(&lock);
	if (--m->map->users == 0)
		map_end(m->map);
	pthread_mutex_unlock(&lock);
	m->map = NULL;
}
