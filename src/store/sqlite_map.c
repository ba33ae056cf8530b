#include "store/sqlite_map.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CACHE_LINE = 64, PREFETCH = 16 * CACHE_LINE };

struct sqlite_map {
	struct sqlite_map *next;
	dev_t dev;
	ino_t ino;
	int fd;
	int users; /* connections */
	char *at;
	size_t space;         /* addresses of the mapping: the file may grow into them */
	_Atomic int64_t size; /* of the file at the last look: it may have grown */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sqlite_map *maps; /* one for each file that is open */
static size_t space;            /* of later mappings */

/* ---- the mapping ---- */

static struct sqlite_map *map_new(int fd, const struct stat *st)
{
	struct sqlite_map *m = calloc(1, sizeof *m);
	if (!m)
		return NULL;
	*m = (struct sqlite_map){ .next = maps, .dev = st->st_dev, .ino = st->st_ino, .fd = fd };
	m->size = st->st_size;
	m->space = space;
	m->at = mmap(NULL, m->space, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (m->at == MAP_FAILED)
		m->at = NULL;
	/* TLB misses are most of the cost of a row in a large file. A system without huge pages refuses: no harm. */
	if (m->at)
		(void)madvise(m->at, m->space, MADV_HUGEPAGE);
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

/* The descriptor that this opens must stay open until the last connection is closed (sqlite_map.h). */
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

/* ---- methods that SQLite calls ---- */

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

/* Loads the page's header and the offsets of its cells: a search reads them one cache miss after the other. */
static void page_prefetch(const char *page, int n)
{
	for (int i = 0; i < n && i < PREFETCH; i += CACHE_LINE)
		__builtin_prefetch(page + i);
}

static int fetch(sqlite3_file *f, sqlite3_int64 at, int n, void **out)
{
	struct sqlite_mapped *mapped = (struct sqlite_mapped *)(uintptr_t)f->pMethods;
	struct sqlite_map *m = mapped->map;
	bool there = (size_t)(at + n) <= m->space && within(m, at + n);
	*out = there ? m->at + at : NULL;
	if (there)
		page_prefetch(*out, n);
	mapped->fetched += there;
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

void sqlite_map_space(size_t bytes)
{
	pthread_mutex_lock(&lock);
	space = bytes;
	pthread_mutex_unlock(&lock);
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
	assert(m->map->users > 0);
	if (--m->map->users == 0)
		map_end(m->map);
	pthread_mutex_unlock(&lock);
	m->map = NULL;
}
