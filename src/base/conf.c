#include "base/conf.h"

#include <assert.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/private.h"

#define ENV_PREFIX "SAMTYKKE_"
#define ENV_NAME_MAX 128
#define LINE_MAX_BYTES 8192

static const struct conf_row *row_find(const struct conf_row *rows, size_t n, struct str key)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(key, rows[i].key))
			return &rows[i];
	return NULL;
}

static enum rc parse_int(struct str text, int64_t *out)
{
	bool minus = str_starts(text, STR("-"));
	uint64_t v;
	TRY(str_u64(str_span(text.p + minus, text.n - minus), &v));
	if (v > INT64_MAX)
		return RC_INVALID;
	*out = minus ? -(int64_t)v : (int64_t)v;
	return RC_OK;
}

static enum rc parse_bool(struct str text, bool *out)
{
	static const char *const words[][2] = {
		{ "off", "on" },
		{ "false", "true" },
		{ "no", "yes" },
		{ "0", "1" },
	};
	for (size_t i = 0; i < LEN(words); i++)
		for (size_t v = 0; v < 2; v++)
			if (str_ieq(text, str_of(words[i][v]))) {
				*out = v;
				return RC_OK;
			}
	return RC_INVALID;
}

/* text.p must be a C string that lives as long as the settings. */
static enum rc row_set(const struct conf_row *row, void *settings, struct str text)
{
	char *field = (char *)settings + row->offset;
	int64_t number;
	bool flag;
	switch (row->type) {
	case CONF_INT:
		TRY(parse_int(text, &number));
		if (number < row->min || number > row->max)
			return RC_INVALID;
		memcpy(field, &number, sizeof number);
		return RC_OK;
	case CONF_BOOL:
		TRY(parse_bool(text, &flag));
		memcpy(field, &flag, sizeof flag);
		return RC_OK;
	case CONF_TEXT:
	case CONF_SECRET:
		memcpy(field, &text.p, sizeof text.p);
		return RC_OK;
	case CONF__MAX:
		break;
	}
	return RC_FAIL;
}

static enum rc row_take(const struct conf_row *row, void *settings, struct arena *a, struct str text,
			struct str *why_out)
{
	if (row_set(row, settings, str_of(arena_cstr(a, text))) == RC_OK)
		return RC_OK;
	if (row->type == CONF_INT)
		*why_out = arena_fmt(a, "%s must be a whole number between %lld and %lld, not \"%.*s\"", row->key,
				     (long long)row->min, (long long)row->max, STR_FMT(text));
	else
		*why_out = arena_fmt(a, "%s must be on or off, not \"%.*s\"", row->key, STR_FMT(text));
	return RC_INVALID;
}

enum rc conf_defaults(const struct conf_row *rows, size_t n, void *settings)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].preset)
			TRY(row_set(&rows[i], settings, str_of(rows[i].preset)));
	return RC_OK;
}

struct file_load {
	const struct conf_row *rows;
	size_t n;
	void *settings;
	struct arena *a;
	const char *path;
	FILE *file;
	int line;
	struct str *err_out;
	enum rc rc;
	const char *secret; /* a key whose value is secret; NULL: there is none */
};

/* scheme://user:password@host or …?password=… */
static bool has_password(struct str value)
{
	ptrdiff_t at = str_find(value, STR("://"));
	if (at < 0)
		return false;
	struct str rest = str_span(value.p + at + 3, value.n - (size_t)at - 3), user, name;
	if (str_find(rest, STR("password=")) >= 0)
		return true;
	return str_cut(rest, '@', &user, &rest) && str_cut(user, ':', &name, &user) && user.n > 0;
}

static bool is_secret(const struct conf_row *row, struct str value)
{
	return value.n && (row->type == CONF_SECRET || (row->type == CONF_TEXT && has_password(value)));
}

static enum rc load_fail(struct file_load *l, struct str why)
{
	*l->err_out = arena_fmt(l->a, "%s:%d: %.*s", l->path, l->line, STR_FMT(why));
	l->rc = RC_INVALID;
	return RC_INVALID;
}

/* Counts the lines, because inih does not tell the number. Removes indentation, which inih would take for a
 * continuation. */
static char *line_read(char *to, int size, void *stream)
{
	struct file_load *l = stream;
	explicit_bzero(to, (size_t)size); /* the line before may hold a secret; the parser frees this memory as it is */
	if (!fgets(to, size, l->file))
		return NULL;
	l->line++;
	size_t n = strlen(to);
	if (n == 0 || (to[n - 1] != '\n' && !feof(l->file))) {
		load_fail(l, n ? STR("line too long") : STR("not a text file"));
		return NULL;
	}
	size_t indent = strspn(to, " \t");
	memmove(to, to + indent, n - indent + 1);
	return to;
}

static int line_take(void *user, const char *section, const char *name, const char *value)
{
	struct file_load *l = user;
	struct str key = section[0] ? arena_fmt(l->a, "%s.%s", section, name) : arena_str(l->a, str_of(name));
	const struct conf_row *row = row_find(l->rows, l->n, key);
	struct str why;
	if (!row)
		return load_fail(l, arena_fmt(l->a, "no such setting: %.*s", STR_FMT(key))) == RC_OK;
	if (row_take(row, l->settings, l->a, str_of(value), &why) != RC_OK)
		return load_fail(l, why) == RC_OK;
	if (is_secret(row, str_of(value)))
		l->secret = row->key;
	return 1;
}

static void file_close(FILE **f)
{
	if (*f)
		fclose(*f);
}

enum rc conf_file(const struct conf_row *rows, size_t n, void *settings, struct arena *a, const char *path,
		  struct str *err_out)
{
	FILE *file CLEANUP(file_close) = fopen(path, "re");
	if (!file) {
		int why = errno;
		*err_out = arena_fmt(a, "%s: %s", path, strerror(why));
		return why == ENOENT ? RC_NOT_FOUND : RC_FAIL;
	}
	(void)setvbuf(file, NULL, _IONBF, 0); /* no secret stays behind in a buffer of the C library */
	struct file_load l = { rows, n, settings, a, path, file, 0, err_out, RC_OK, NULL };
	ini_use_stack = false;
	ini_stop_on_first_error = true;
	ini_initial_alloc = ini_max_line = LINE_MAX_BYTES;
	int bad_line = ini_parse_stream(line_read, &l, line_take, &l);
	if (l.rc != RC_OK)
		return l.rc;
	if (bad_line) {
		l.line = bad_line;
		return load_fail(&l, STR("neither [section] nor key = value"));
	}
	if (ferror(file)) {
		*err_out = arena_fmt(a, "%s: cannot be read", path);
		return RC_FAIL;
	}
	if (!l.secret || private_file(fileno(file), path, PRIVATE_TO_GROUP))
		return RC_OK;
	*err_out = arena_fmt(a, "%s: it holds %s and can be read by others than its owner and group (chmod 640 %s)",
			     path, l.secret, path);
	return RC_DENIED;
}

/* events.page_size → SAMTYKKE_EVENTS_PAGE_SIZE */
static void env_name(const char *key, char out[ENV_NAME_MAX])
{
	size_t n = (size_t)snprintf(out, ENV_NAME_MAX, ENV_PREFIX "%s", key);
	assert(n < ENV_NAME_MAX);
	for (size_t i = sizeof ENV_PREFIX - 1; i < n && out[i]; i++) {
		if (out[i] >= 'a' && out[i] <= 'z')
			out[i] = (char)(out[i] - 'a' + 'A');
		else if (out[i] == '.')
			out[i] = '_';
	}
}

enum rc conf_env(const struct conf_row *rows, size_t n, void *settings, struct arena *a, struct str *err_out)
{
	for (size_t i = 0; i < n; i++) {
		char name[ENV_NAME_MAX];
		env_name(rows[i].key, name);
		const char *value = getenv(name);
		struct str why;
		if (!value || row_take(&rows[i], settings, a, str_of(value), &why) == RC_OK)
			continue;
		*err_out = arena_fmt(a, "environment: %s: %.*s", name, STR_FMT(why));
		return RC_INVALID;
	}
	return RC_OK;
}

static enum rc set_one(const struct conf_row *rows, size_t n, void *settings, struct arena *a, struct str key_value,
		       struct str *why_out)
{
	struct str key, value;
	if (!str_cut(key_value, '=', &key, &value)) {
		*why_out = STR("not KEY=VALUE");
		return RC_INVALID;
	}
	key = str_trim(key);
	const struct conf_row *row = row_find(rows, n, key);
	if (!row) {
		*why_out = arena_fmt(a, "no such setting: %.*s", STR_FMT(key));
		return RC_INVALID;
	}
	return row_take(row, settings, a, str_trim(value), why_out);
}

enum rc conf_set(const struct conf_row *rows, size_t n, void *settings, struct arena *a, struct str key_value,
		 struct str *err_out)
{
	struct str why;
	if (set_one(rows, n, settings, a, key_value, &why) == RC_OK)
		return RC_OK;
	*err_out = arena_fmt(a, "--set: %.*s", STR_FMT(why));
	return RC_INVALID;
}
