/* Tables of columns and members: one table serves the statement that inserts a row and those that read it. */
#pragma once
#include "model/model.h"
#include "store/db.h"

enum col_kind { COL_I64, COL_BOOL, COL_ENUM, COL_TEXT, COL_BLOB, COL_UUID, COL_URN };
struct col {
	enum col_kind kind;
	size_t offset;
};
/* A member of a type that is not here does not compile. Absent texts, absent URNs and nil UUIDs are NULL. */
#define COL(T, f)                                                                                                      \
	{                                                                                                              \
		_Generic(((T *)0)->f, int64_t                                                                          \
			 : COL_I64, bool                                                                               \
			 : COL_BOOL, unsigned                                                                          \
			 : COL_ENUM, struct str                                                                        \
			 : COL_TEXT, struct uuid                                                                       \
			 : COL_UUID, struct urn                                                                        \
			 : COL_URN),                                                                                   \
			offsetof(T, f)                                                                                 \
	}
#define COL_BYTES(T, f)                                                                                                \
	{                                                                                                              \
		COL_BLOB, offsetof(T, f)                                                                               \
	}

/* The letters of a signature (sql.h) by the values that they stand for. */
enum { PARAMETER_i, PARAMETER_t, PARAMETER_T = PARAMETER_t, PARAMETER_b, PARAMETER_B = PARAMETER_b };
#define COL_PARAMETER(T, f)                                                                                            \
	_Generic(((T *)0)->f, struct str                                                                               \
		 : PARAMETER_t, struct urn                                                                             \
		 : PARAMETER_t, struct uuid                                                                            \
		 : PARAMETER_b, default                                                                                \
		 : PARAMETER_i)
/* A member of a type that does not fit its parameter does not compile. */
#define COL_PARAMETER_CHECK(T, f, parameter) static_assert(COL_PARAMETER(T, f) == PARAMETER_##parameter, #f);

/* Fills args[0 … n-1]. The values borrow from `row`; URNs are written into `a`. */
void cols_args(struct arena *a, const struct col *cols, size_t n, const void *row, struct db_val *args);
/* Sets the members from n values; texts are copied into `a`. RC_FAIL: a value that the store cannot have written. */
MUST_USE enum rc cols_read(struct arena *a, const struct col *cols, size_t n, const struct db_val *vals, void *row);
/* NULL reads as nil. RC_FAIL: not 16 bytes. */
MUST_USE enum rc val_uuid(const struct db_val *v, struct uuid *out);
