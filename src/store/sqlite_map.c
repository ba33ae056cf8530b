#include "store/sqlite_map.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { CACHE_LINE = 64, PREFETCH = 16 * CACHE_LINE };

static _Atomic size_t space; /* of later mappings */
/* The file whose mapping this thread reads, for the handler. */
static _Thread_local struct sqlite_file *reading;
static struct sigaction earlier;

/* ---- the mapping ---- */

/* Runs in a thread that reads a page, in the middle of SQLite: it can only give it something to read. */
static void tear(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	struct sqlite_file *f = reading;
	const char *at = info->si_addr;
	int error = errno;
	if (f && at >= f->at && at < f->at + f->space) {
		f->torn = true;
		f->next_look = 0;
		if (mmap(f->at, f->space, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) ==
		    f->at) {
			errno = error;
			return;
		}
	}
	(void)sigaction(SIGBUS, &earlier, NULL); /* the read happens again, and ends as without this handler */
}

static void tear_install(void)
{
	struct sigaction act = { .sa_sigaction = tear, .sa_flags = SA_SIGINFO }, was;
	(void)sigaction(SIGBUS, &act, &was);
	if (was.sa_sigaction != tear)
		earlier = was;
}

void sqlite_map_open(struct sqlite_file *f)
{
	if (!space)
		return;
	f->space = space;
	void *at = mmap(NULL, f->space, PROT_READ, MAP_SHARED | MAP_NORESERVE, f->fd, 0);
	if (at == MAP_FAILED)
		return;
	tear_install();
	/* TLB misses are most of the cost of a row in a large file. A system without huge pages refuses: no harm. */
	(void)madvise(at, f->space, MADV_HUGEPAGE);
	f->at = at;
}

void sqlite_map_close(struct sqlite_file *f)
{
	if (f->at)
		munmap(f->at, f->space);
}

/* ---- methods that SQLite calls ---- */

static bool within(struct sqlite_file *f, int64_t end)
{
	struct stat st;
	if (end <= f->size)
		return true;
	if (fstat(f->fd, &st) != 0 || end > st.st_size)
		return false;
	f->size = st.st_size;
	return true;
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
	struct sqlite_file *file = mapped->file;
	bool there = (size_t)(at + n) <= file->space && within(file, at + n);
	*out = there ? file->at + at : NULL;
	reading = file;
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
	space = bytes;
}

void sqlite_map_use(struct sqlite_mapped *m, struct sqlite_file *f, sqlite3 *h)
{
	if (!f || !f->at || f->torn)
		return;
	m->file = f;
	methods_set(m, h);
}

struct sqlite_file *sqlite_map_reading(struct sqlite_file *f)
{
	struct sqlite_file *before = reading;
	reading = f;
	return before;
}

bool sqlite_map_torn(const struct sqlite_mapped *m)
{
	return m->file && m->file->torn;
}
