/* bench_load PORT CONNECTIONS SERVER_PID WARMUP FILE: sends the file's requests over keep-alive connections, one in
 * flight each, and tells how many were answered 2xx and what CPU the server process spent on those after the warm-up.
 * One JSON object. SERVER_PID may name several processes, with commas between: their CPU is added up. bench_load PORT
 * CONNECTIONS SERVER_PID WARMUP FILE RATE: the same at RATE requests a second, whatever the server manages: a request
 * that finds no connection free waits for one, and its latency counts from when it was due. bench_load PORT CONNECTIONS
 * SERVER_PID idle: opens the connections, one GET /health/live each, tells the server's resident memory before and
 * after. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MAX_PROCESSES 64
#define ANSWER_S 30 /* a server that answers nothing for so long has failed */

struct connection {
	int fd;
	size_t sent, got;
	const char *request;
	size_t n_request;
	char *answer;
	size_t room;
	double started;
};

static char *requests, *at, *end;
static long done, good, first_bad, begun;
static double rate, t_first; /* 0: each connection sends as soon as it has an answer */
static double *latencies;
static clockid_t server_clocks[MAX_PROCESSES];
static int n_server_clocks;

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what)
{
	fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void server_clocks_open(const char *pids)
{
	for (char *at_pid = (char *)(uintptr_t)pids; *at_pid; at_pid += *at_pid == ',') {
		pid_t pid = (pid_t)strtol(at_pid, &at_pid, 10);
		if (n_server_clocks == MAX_PROCESSES ||
		    clock_getcpuclockid(pid, &server_clocks[n_server_clocks++]) != 0)
			fail("the server's CPU clock");
	}
}

static double server_seconds(void)
{
	double sum = 0;

	for (int i = 0; i < n_server_clocks; i++)
		sum += seconds(server_clocks[i]);
	return sum;
}

static void load(const char *path)
{
	FILE *f = fopen(path, "re");

	if (!f || fseek(f, 0, SEEK_END) != 0)
		fail(path);
	size_t n = (size_t)ftell(f);
	rewind(f);
	requests = malloc(n + 1);
	if (!requests || fread(requests, 1, n, f) != n)
		fail(path);
	fclose(f);
	requests[n] = 0;
	at = requests;
	end = requests + n;
}

static bool next_request(struct connection *c)
{
	if (at >= end)
		return false;
	c->n_request = strtoul(at, &at, 10);
	c->request = ++at;
	at += c->n_request;
	c->sent = c->got = 0;
	c->started = rate > 0 ? t_first + (double)begun / rate : seconds(CLOCK_MONOTONIC);
	begun++;
	return true;
}

static void connect_to(struct connection *c, int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct timeval patience = { .tv_sec = ANSWER_S };
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&in, sizeof in) != 0)
		fail("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

static void send_all(struct connection *c)
{
	while (c->sent < c->n_request) {
		ssize_t n = send(c->fd, c->request + c->sent, c->n_request - c->sent, MSG_NOSIGNAL);
		if (n <= 0)
			fail("send");
		c->sent += (size_t)n;
	}
}

/* Whole answer there? Its status, else 0. */
static int answer_status(struct connection *c)
{
	c->answer[c->got] = 0;
	char *body = strstr(c->answer, "\r\n\r\n"), *length = strcasestr(c->answer, "\r\nContent-Length:");
	if (!body)
		return 0;
	size_t want = (size_t)(body + 4 - c->answer) + (length && length < body ? strtoul(length + 17, NULL, 10) : 0);
	return c->got >= want ? atoi(c->answer + 9) : 0;
}

static int receive(struct connection *c)
{
	if (c->room - c->got < 4096) {
		c->room = c->room ? c->room * 2 : 65536;
		c->answer = realloc(c->answer, c->room);
		if (!c->answer)
			fail("memory");
	}
	ssize_t n = recv(c->fd, c->answer + c->got, c->room - 1 - c->got, 0);

	if (n < 0)
		fail("no answer");
	if (n == 0)
		fail("the server closed a connection");
	c->got += (size_t)n;
	return answer_status(c);
}

static void note(struct connection *c, int status)
{
	latencies[done++] = seconds(CLOCK_MONOTONIC) - c->started;
	if (status >= 200 && status < 300)
		good++;
	else if (!first_bad) {
		first_bad = status;
		fprintf(stderr, "bench_load: status %d: %s\n", status, c->answer);
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static long rss_kb(int pid)
{
	char path[64], line[256];
	long kb = 0;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

static void idle(int port, int n, int pid)
{
	static const char get[] = "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
	struct connection *c = calloc(1, sizeof *c);
	int *fds = calloc((size_t)n, sizeof *fds);
	long before = rss_kb(pid);

	for (int i = 0; i < n; i++) {
		connect_to(c, port);
		fds[i] = c->fd;
		c->request = get;
		c->n_request = sizeof get - 1;
		c->sent = c->got = 0;
		send_all(c);
		while (!receive(c))
			;
	}
	long after = rss_kb(pid);
	printf("{\"rss_mb\":%.1f,\"before_kb\":%ld,\"after_kb\":%ld}\n", (double)after / 1024, before, after);
	for (int i = 0; i < n; i++)
		close(fds[i]);
	free(fds);
	free(c->answer);
	free(c);
}

struct run {
	int epoll, timer, n;
	long warmup;
	double cpu0, t0;
	struct connection *cs, **idle;
	int n_idle, busy;
};

static void watch(struct run *r, int fd, void *what)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = what };
	epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &ev);
}

/* Sends what is due: with a rate, no more requests than should have begun by now. */
static void send_due(struct run *r)
{
	while (r->n_idle > 0 && at < end) {
		if (rate > 0 && t_first + (double)begun / rate > seconds(CLOCK_MONOTONIC))
			return;
		struct connection *c = r->idle[--r->n_idle];
		if (!next_request(c))
			return;
		r->busy++;
		send_all(c);
	}
}

static void timer_set(const struct run *r)
{
	if (rate <= 0 || at >= end || r->n_idle == 0)
		return;
	double due = t_first + (double)begun / rate;
	struct itimerspec t = { .it_value = { .tv_sec = (time_t)due,
					      .tv_nsec = (long)((due - (double)(time_t)due) * 1e9) } };
	timerfd_settime(r->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static void answered(struct run *r, struct connection *c)
{
	int status = receive(c);
	if (!status)
		return;
	note(c, status);
	if (done == r->warmup) {
		r->cpu0 = server_seconds();
		r->t0 = seconds(CLOCK_MONOTONIC);
	}
	r->busy--;
	r->idle[r->n_idle++] = c;
}

static void rounds(struct run *r)
{
	struct epoll_event evs[256];
	uint64_t ticks;

	while (r->busy > 0 || at < end) {
		timer_set(r);
		int k = epoll_wait(r->epoll, evs, 256, ANSWER_S * 1000);
		if (k <= 0)
			fail("no answer");
		for (int i = 0; i < k; i++) {
			if (evs[i].data.ptr)
				answered(r, evs[i].data.ptr);
			else if (read(r->timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN)
				fail("timer");
		}
		send_due(r);
	}
}

static void run(int port, int n, long warmup)
{
	struct run r = { .epoll = epoll_create1(EPOLL_CLOEXEC),
			 .timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
			 .n = n,
			 .warmup = warmup,
			 .cs = calloc((size_t)n, sizeof *r.cs),
			 .idle = calloc((size_t)n, sizeof(void *)) };

	latencies = calloc((size_t)(end - requests) / 20 + 1, sizeof *latencies);
	for (int i = 0; i < n; i++) {
		connect_to(&r.cs[i], port);
		watch(&r, r.cs[i].fd, &r.cs[i]);
		r.idle[r.n_idle++] = &r.cs[i];
	}
	watch(&r, r.timer, NULL);
	t_first = seconds(CLOCK_MONOTONIC);
	send_due(&r);
	rounds(&r);
	double spent = server_seconds() - r.cpu0, took = seconds(CLOCK_MONOTONIC) - r.t0;
	long counted = done - warmup;
	double sum = 0;
	for (long i = warmup; i < done; i++)
		sum += latencies[i];
	qsort(latencies + warmup, (size_t)counted, sizeof *latencies, by_value);
	printf("{\"requests\":%ld,\"good\":%ld,\"cpu_us\":%.3f,\"per_second\":%.1f,\"mean_ms\":%.3f,"
	       "\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
	       done, good, spent * 1e6 / (double)counted, (double)counted / took, sum * 1e3 / (double)counted,
	       latencies[warmup + counted / 2] * 1e3, latencies[warmup + counted * 99 / 100] * 1e3);
	for (int i = 0; i < n; i++)
		free(r.cs[i].answer);
	free(r.cs);
	free(r.idle);
}

int main(int argc, char **argv)
{
	struct rlimit files;

	if (argc < 5)
		return 2;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	int port = atoi(argv[1]), n = atoi(argv[2]);
	if (strcmp(argv[4], "idle") == 0) {
		idle(port, n, atoi(argv[3]));
		return 0;
	}
	if (argc != 6 && argc != 7)
		return 2;
	rate = argc == 7 ? atof(argv[6]) : 0;
	load(argv[5]);
	server_clocks_open(argv[3]);
	run(port, n, atol(argv[4]));
	return good == done ? 0 : 1;
}
