#include "store/rows.h"

static struct db_val arg_of(struct arena *a, const struct col *c, const void *field)
{
	switch (c->kind) {
	case COL_I64:
		return db_int(*(const int64_t *)field);
	case COL_BOOL:
		return db_int(*(const bool *)field);
	case COL_ENUM:
		return db_int(*(const unsigned *)field);
	case COL_TEXT:
		return db_text(*(const struct str *)field);
	case COL_BLOB:
		return db_blob(*(const struct str *)field);
	case COL_UUID:
		return db_uuid(field);
	case COL_URN: {
		const struct urn *u = field;
		return u->value.p ? db_text(urn_str(a, *u)) : DB_VAL_NULL;
	}
	}
	return DB_VAL_NULL;
}

void cols_args(struct arena *a, const struct col *cols, size_t n, const void *row, struct db_val *args)
{
	for (size_t i = 0; i < n; i++)
		args[i] = arg_of(a, &cols[i], (const char *)row + cols[i].offset);
}

enum rc val_uuid(const struct db_val *v, struct uuid *out)
{
	*out = (struct uuid){ { 0 } };
	if (v->type == DB_NULL)
		return RC_OK;
	if (v->type != DB_BLOB || v->s.n != sizeof out->b)
		return RC_FAIL;
	memcpy(out->b, v->s.p, sizeof out->b);
	return RC_OK;
}

static enum rc field_read(struct arena *a, const struct col *c, const struct db_val *v, void *field)
{
	struct str s = v->type == DB_NULL ? STR_NONE : v->s;
	switch (c->kind) {
	case COL_I64:
		*(int64_t *)field = v->i;
		return RC_OK;
	case COL_BOOL:
		*(bool *)field = v->i != 0;
		return RC_OK;
	case COL_ENUM:
		*(unsigned *)field = (unsigned)v->i;
		return RC_OK;
	case COL_TEXT:
	case COL_BLOB:
		*(struct str *)field = s.p ? arena_str(a, s) : STR_NONE;
		return RC_OK;
	case COL_UUID:
		return val_uuid(v, field);
	case COL_URN:
		if (!s.p)
			return RC_OK;
		return urn_parse(a, arena_str(a, s), field) == RC_OK ? RC_OK : RC_FAIL;
	}
	return RC_FAIL;
}

enum rc cols_read(struct arena *a, const struct col *cols, size_t n, const struct db_val *vals, void *row)
{
	for (size_t i = 0; i < n; i++)
		TRY(field_read(a, &cols[i], &vals[i], (char *)row + cols[i].offset));
	return RC_OK;
}
