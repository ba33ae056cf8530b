#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/split.h"
#include "cli/admin_internal.h"
#include "front/extension.h"
#include "front/importer.h"

#define READ_BYTES ((size_t)64 << 10)
#define REST_LEAST_US 5000 /* longer than a process that waits for the database looks away (store/sqlite.c) */
#define CHUNK_BYTES (8 * IMPORT_ROW_MAX)

struct opts {
	struct admin_opts admin;
	bool dry_run;
	const char *report;
};
struct run {
	const struct command *c;
	const struct opts *o;
	const struct importer *importer;
	const char *store; /* its URI */
	struct consent_service consents;
	FILE *report;
	struct arena text; /* the value that is being read */
	struct arena a;    /* the chunk */
	struct split split;
	struct str rows[IMPORT_CHUNK];
	uint64_t index[IMPORT_CHUNK]; /* of each row in its file, from 1 */
	size_t n;
	size_t bytes;
	const char *file;
	uint64_t at;        /* rows of the file so far */
	uint64_t counts[3]; /* by enum import_state */
};

static const struct importer *importer_find(const char *kind)
{
	for (size_t i = 0; extensions[i]; i++)
		if (extensions[i]->importer && strcmp(extensions[i]->importer->kind, kind) == 0)
			return extensions[i]->importer;
	return NULL;
}

static void refused_write(struct run *k, uint64_t index, const struct import_verdict *v)
{
	struct buf b = BUF(&k->a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	jsw_kz(&w, "file", k->file);
	jsw_ki64(&w, "row", (int64_t)index);
	jsw_kstr(&w, "id", v->id);
	jsw_kz(&w, "code", v->code);
	jsw_kstr(&w, "why", v->why);
	jsw_end_obj(&w);
	buf_c(&b, '\n');
	fwrite(b.p, 1, b.n, k->report);
}

static void progress(const struct run *k, bool last)
{
	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%" PRIu64 " taken, %" PRIu64 " there before, %" PRIu64 " refused%s", k->counts[IMPORT_TAKEN],
		k->counts[IMPORT_STOOD], k->counts[IMPORT_REFUSED], last ? "\n" : "");
}

/* Other processes get the database for as long as this one had it. PostgreSQL gives it to all at once. */
static void rest(const struct run *k, int64_t us)
{
	bool one_writer = strncmp(k->store, "sqlite:", strlen("sqlite:")) == 0;
	us = us < REST_LEAST_US || !one_writer ? REST_LEAST_US : us > CLOCK_SECOND ? CLOCK_SECOND : us;
	(void)nanosleep(&(struct timespec){ us / CLOCK_SECOND, us % CLOCK_SECOND * 1000 }, NULL);
}

static enum rc chunk_take(struct run *k)
{
	struct import_verdict out[IMPORT_CHUNK];
	bool changed;
	int64_t start = clock_mono();
	if (!k->n)
		return RC_OK;
	TRY(registry_refresh(&k->consents.registry, &changed));
	TRY(k->importer->take(&k->consents, &k->a, k->rows, k->n, k->o->dry_run, out));
	for (size_t i = 0; i < k->n; i++) {
		k->counts[out[i].state]++;
		if (out[i].state == IMPORT_REFUSED)
			refused_write(k, k->index[i], &out[i]);
	}
	k->n = k->bytes = 0;
	arena_reset(&k->a);
	progress(k, false);
	if (!k->o->dry_run)
		rest(k, clock_mono() - start);
	return RC_OK;
}

static void large_refuse(struct run *k)
{
	const struct import_verdict v = { .code = "too-large", .why = STR("The row is longer than 1 MiB") };
	k->counts[IMPORT_REFUSED]++;
	refused_write(k, k->at, &v);
}

static enum rc row_add(struct run *k, enum split_got got)
{
	k->at++;
	if (got == SPLIT_LARGE) {
		large_refuse(k);
		return RC_OK;
	}
	k->index[k->n] = k->at;
	k->rows[k->n++] = arena_str(&k->a, buf_str(&k->split.item));
	k->bytes += k->split.item.n;
	return k->n == IMPORT_CHUNK || k->bytes > CHUNK_BYTES ? chunk_take(k) : RC_OK;
}

static enum rc bytes_take(struct run *k, struct str bytes)
{
	while (bytes.n) {
		enum split_got got;
		size_t n = split_feed(&k->split, bytes, &got);
		bytes = str_span(bytes.p + n, bytes.n - n);
		if (got == SPLIT_FAULT)
			return RC_INVALID;
		if (got != SPLIT_MORE)
			TRY(row_add(k, got));
	}
	return RC_OK;
}

/* What was read before a fault is taken all the same. */
static enum rc stream_take(struct run *k, int fd, bool *read_out)
{
	static char bytes[READ_BYTES];
	enum rc rc = RC_OK;
	ssize_t n = 0;
	k->split = (struct split){ .max = IMPORT_ROW_MAX, .members = k->importer->members, .item = BUF(&k->text) };
	k->at = 0;
	while (rc == RC_OK && ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR)))
		rc = n > 0 ? bytes_take(k, str_span(bytes, (size_t)n)) : RC_OK;
	*read_out = n >= 0;
	if (rc == RC_OK && n == 0)
		rc = split_end(&k->split);
	if (rc == RC_OK || rc == RC_INVALID) {
		enum rc last = chunk_take(k);
		rc = last == RC_OK ? rc : last;
	}
	arena_reset(&k->text);
	return rc;
}

static int file_take(struct run *k, const char *file)
{
	bool std = strcmp(file, "-") == 0, read_all;
	int fd = std ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	k->file = file;
	if (fd < 0)
		return cli_fail(k->c->name, "%s cannot be read", file);
	enum rc rc = stream_take(k, fd, &read_all);
	if (!std)
		(void)close(fd);
	if (rc == RC_INVALID)
		return cli_fail(k->c->name, "%s: behind row %" PRIu64 " it is no list of rows, or it ends too early",
				file, k->at);
	if (rc != RC_OK)
		return cli_fail(k->c->name, "%s: the store does not take the rows (%s); import it again for the rest",
				file, rc_name(rc));
	return read_all ? 0 : cli_fail(k->c->name, "%s cannot be read to its end", file);
}

/* Only its owner reads the report: ids of consents are no secrets, and nobody else needs them. */
static int report_open(struct run *k)
{
	k->report = stderr;
	if (!k->o->report)
		return 0;
	int fd = open(k->o->report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
	k->report = fd < 0 ? NULL : fdopen(fd, "w");
	return k->report ? 0 : cli_fail(k->c->name, "%s cannot be written", k->o->report);
}

static int report_close(struct run *k)
{
	bool failed = fflush(k->report) != 0;
	if (k->report != stderr)
		failed |= fclose(k->report) != 0;
	return failed ? cli_fail(k->c->name, "the report cannot be written") : 0;
}

static int files_take(struct run *k, const struct opt_args *args)
{
	int failed = report_open(k);
	if (failed)
		return failed;
	for (size_t i = 1; i < args->n && !failed; i++)
		failed = file_take(k, args->v[i]);
	progress(k, true);
	failed |= report_close(k);
	printf("%s%" PRIu64 " taken, %" PRIu64 " there before, %" PRIu64 " refused\n", k->o->dry_run ? "dry run: " : "",
	       k->counts[IMPORT_TAKEN], k->counts[IMPORT_STOOD], k->counts[IMPORT_REFUSED]);
	return failed || k->counts[IMPORT_REFUSED];
}

static int import_run(const struct command *c, struct arena *a, const void *opts, const struct opt_args *args)
{
	struct run k = { .c = c, .o = opts, .importer = importer_find(args->v[0]) };
	struct admin m;
	if (!k.importer) {
		fprintf(stderr, "samtykke %s: there is no kind %s\nTry: samtykke %s --help\n", c->name, args->v[0],
			c->name);
		return 2;
	}
	int failed = admin_open(c, &k.o->admin, a, false, &m);
	k.consents.store = m.store;
	k.store = m.settings.store;
	if (!failed && registry_init(&k.consents.registry, m.store) != RC_OK)
		failed = cli_fail(c->name, "the registry cannot be read");
	if (!failed) {
		failed = files_take(&k, args);
		registry_finish(&k.consents.registry);
	}
	arena_finish(&k.a);
	arena_finish(&k.text);
	admin_close(&m);
	return failed;
}

// clang-format off
static const struct opt_row rows[] = {
	ADMIN_ROWS(struct opts),
	{ "dry-run", 'n', OPT_FLAG, offsetof(struct opts, dry_run), NULL, "Check every row and write nothing." },
	{ "report", 0, OPT_TEXT, offsetof(struct opts, report), "FILE",
	  "Write the refused rows to this file, not to standard error." },
};
// clang-format on

const struct command cmd_import = {
	.name = "import",
	.args = "KIND FILE…",
	.min_args = 2,
	.max_args = 1000,
	.summary = "Take over consents that another system has kept",
	.text = "KIND names the form of the files. "
		"altinn2 is the export of Altinn 2: consents and consent requests with their events. "
		"FILE is one array in JSON, an object with such an array, or one JSON object a line; - is standard input. "
		"A row is at most 1 MiB.\n\n"
		"Each consent keeps its AuthorizationRequestId. "
		"A row whose id is stored already stays as it is and is counted, "
		"so an import that was interrupted is finished by running it again. "
		"The server may run meanwhile. "
		"Parties must be registered, and the seed must map each service code to a resource. "
		"Times without an offset are those of the setting time_zone.\n\n"
		"Each refused row is one JSON line with the file, the row's number from 1, its id, a code and the reason. "
		"The last line of standard output counts the rows. "
		"The exit status is 0 when all rows were taken or there before, and 1 when one was refused or something failed.",
	.example = "samtykke import altinn2 --dry-run -c /etc/samtykke.conf --report refused.jsonl consents.json",
	.opts = rows,
	.n_opts = LEN(rows),
	.opts_size = sizeof(struct opts),
	.run = import_run,
};
