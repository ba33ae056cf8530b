/* Takes the values of a long JSON text apart as its bytes come, so that memory follows the longest value. The text is
 * one array, an object with an array in it, or values one after another (a value a line). A value is handed over as it
 * stands; whoever takes it parses it (base/js.h). */
#pragma once
#include "base/arena.h"
#include "base/buf.h"

enum split_got {
	SPLIT_MORE,  /* all bytes are taken, and no value has ended */
	SPLIT_ITEM,  /* split.item is a value */
	SPLIT_LARGE, /* a value was longer than split.max; item has its beginning, and the rest was passed over */
	SPLIT_FAULT, /* the text is none of these from here on */
};
struct split {
	/* set by the caller, with item = BUF(arena) */
	size_t max;                 /* bytes of a value */
	const char *const *members; /* names of a value's members, ended by NULL: a first object that has none of them
				     * before its first array is the object around the array */
	struct buf item;
	/* its own */
	struct {
		bool in_list;    /* between the brackets of the array */
		bool around;     /* the array stands in an object */
		bool over;       /* the array has ended */
		bool begun;      /* a first value has begun */
		bool quoted;     /* in a text */
		bool escaped;    /* behind a backslash */
		bool large;      /* the value is too long */
		bool known;      /* one of `members` was seen in the first object */
		bool done;       /* `item` was handed over */
		bool comma;      /* a comma must come before the next value of the array */
		size_t depth;    /* of brackets in the value */
		size_t text;     /* where the last text of the first object begins in `item` */
		size_t text_end; /* and where it ends */
	} at;
};
/* Takes bytes up to the end of the next value and returns how many. *got_out says what has come. */
size_t split_feed(struct split *s, struct str bytes, enum split_got *got_out);
/* The text has ended. RC_INVALID: in the middle of a value or of the array. */
MUST_USE enum rc split_end(const struct split *s);
