/* The system calls of SQLite and of the store on files, and of libpq on connections. The program's own functions come
 * before libc's. */
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#include "syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static struct fault fault;
static _Atomic int calls; /* since the fault was set */
static _Atomic int failed;
static _Atomic bool set;
static _Atomic bool cut; /* a write was cut short: the next one finds no room */

void fault_set(struct fault f)
{
	fault = f;
	calls = failed = 0;
	cut = false;
	set = f.nth > 0;
}

int fault_failed(void)
{
	return failed;
}

static bool fails_for(bool stays)
{
	if (!set)
		return false;
	int n = ++calls;
	bool now = n == fault.nth || (stays && n > fault.nth);
	failed += now;
	return now;
}

static bool fails(void)
{
	return fault.kind < FAULT_FILE__MAX && fails_for(fault.stays);
}

static bool is_cut(void)
{
	return fault.kind >= FAULT_FILE__MAX && fails_for(fault.stays);
}

static int refuse(bool needs_room)
{
	errno = fault.kind == FAULT_SPACE && needs_room ? ENOSPC : EIO;
	return -1;
}

static ssize_t write_at(int fd, const void *p, size_t n, off64_t at)
{
	return syscall(SYS_pwrite64, fd, p, n, at);
}

EXPORT ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	if (atomic_exchange(&cut, false)) {
		errno = ENOSPC;
		return -1;
	}
	if (!fails())
		return write_at(fd, p, n, at);
	if (fault.kind == FAULT_SHORT) {
		cut = true;
		return write_at(fd, p, n / 2, at);
	}
	if (fault.kind == FAULT_AFTER)
		(void)!write_at(fd, p, n, at);
	return refuse(true);
}

EXPORT ssize_t pread64(int fd, void *p, size_t n, off64_t at)
{
	return fails() ? refuse(false) : syscall(SYS_pread64, fd, p, n, at);
}

EXPORT int fdatasync(int fd)
{
	if (!fails())
		return (int)syscall(SYS_fdatasync, fd);
	if (fault.kind == FAULT_AFTER)
		(void)!syscall(SYS_fdatasync, fd);
	return refuse(true);
}

EXPORT int fsync(int fd)
{
	return fails() ? refuse(true) : (int)syscall(SYS_fsync, fd);
}

EXPORT int ftruncate64(int fd, off64_t n)
{
	return fails() ? refuse(true) : (int)syscall(SYS_ftruncate, fd, n);
}

EXPORT int unlink(const char *path)
{
	return fails() ? refuse(false) : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

EXPORT int open64(const char *path, int flags, ...)
{
	va_list ap;
	va_start(ap, flags);
	int mode = flags & O_CREAT ? va_arg(ap, int) : 0;
	va_end(ap);
	return fails() ? refuse(flags & O_CREAT) : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

EXPORT int stat64(const char *path, struct stat64 *out)
{
	return fails() ? refuse(false) : fstatat64(AT_FDCWD, path, out, 0);
}

EXPORT int fstat64(int fd, struct stat64 *out)
{
	return fails() ? refuse(false) : fstatat64(fd, "", out, AT_EMPTY_PATH);
}

EXPORT int fcntl64(int fd, int command, ...)
{
	va_list ap;
	va_start(ap, command);
	void *arg = va_arg(ap, void *);
	va_end(ap);
	/* A local file system does not refuse to unlock, and SQLite could not go on. A lock that is refused for long is
	 * waited for. */
	bool unlocks = command == F_SETLK && ((const struct flock64 *)arg)->l_type == F_UNLCK;
	return !unlocks && fault.kind < FAULT_FILE__MAX && fails_for(false) ? refuse(false)
									    : (int)syscall(SYS_fcntl, fd, command, arg);
}

EXPORT void *mmap64(void *at, size_t n, int prot, int flags, int fd, off64_t offset)
{
	if (fd >= 0 && fails()) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, at, n, prot, flags, fd, offset);
}

static ssize_t cut_off(int fd)
{
	(void)shutdown(fd, SHUT_RDWR);
	errno = ECONNRESET;
	return -1;
}

EXPORT ssize_t send(int fd, const void *p, size_t n, int flags)
{
	bool now = is_cut();
	if (now && fault.kind == FAULT_CUT)
		return cut_off(fd);
	ssize_t sent = syscall(SYS_sendto, fd, p, n, flags, NULL, 0);
	return now ? cut_off(fd) : sent;
}

EXPORT ssize_t recv(int fd, void *p, size_t n, int flags)
{
	bool now = is_cut();
	if (now && fault.kind == FAULT_CUT)
		return cut_off(fd);
	ssize_t got = syscall(SYS_recvfrom, fd, p, n, flags, NULL, NULL);
	return now ? cut_off(fd) : got;
}
