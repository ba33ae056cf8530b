#include "registry/xacml.h"

#include <assert.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/map.h"
#include "registry/policy.h"
#include "registry/policy_subject.h"

#define NAMESPACE "urn:oasis:names:tc:xacml:3.0:core:schema:wd-17"
#define XS "http://www.w3.org/2001/XMLSchema#"
#define QUOTED_MAX 100 /* bytes of a name or value of the file in a fault */
#define FAULT_MAX 400  /* bytes of a fault */

struct work {
	struct arena *a;       /* of the caller, for the fault */
	struct arena *scratch; /* for everything else */
	struct str resource;
	struct str *err;
	struct policy_rule rules[XACML_MAX_RULES * XACML_MAX_ACTIONS];
	size_t n_rules;
	size_t n_terms;
	int64_t min_level;
};

/* ---- faults ---- */

/* A copy of at most `max` bytes, without control characters. */
static struct str quoted(struct arena *a, struct str s, size_t max)
{
	struct str t = arena_str(a, str_span(s.p, s.n < max ? s.n : max));
	char *p = (char *)t.p;
	while (t.n && s.n > t.n && ((unsigned char)s.p[t.n] & 0xc0) == 0x80)
		t.n--; /* a character that would be cut is left out */
	for (size_t i = 0; i < t.n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = '?';
	return t;
}

static const char *quoted_z(struct work *w, const void *z)
{
	return arena_cstr(w->scratch, quoted(w->scratch, str_of(z ? z : ""), QUOTED_MAX));
}

static enum rc refuse_at(struct work *w, long line, const char *text)
{
	*w->err = quoted(w->a, arena_fmt(w->scratch, "line %ld: %s", line, text), FAULT_MAX);
	return RC_INVALID;
}

static enum rc refuse(struct work *w, const xmlNode *at, const char *fmt, ...) PRINTF(3, 4);
static enum rc refuse(struct work *w, const xmlNode *at, const char *fmt, ...)
{
	char text[FAULT_MAX];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return refuse_at(w, xmlGetLineNo(at), text);
}

/* ---- reading XML ---- */

struct guard { /* limits that hold while the parser builds its tree */
	size_t elements;
	const char *why;
	int line;
};

static void stop(xmlParserCtxtPtr c, const char *why)
{
	struct guard *g = c->_private;
	if (g->why)
		return;
	g->why = why;
	g->line = xmlSAX2GetLineNumber(c);
	xmlStopParser(c);
}

static void doctype_seen(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	(void)name, (void)external, (void)system;
	stop(ctx, "a document type is not supported");
}

static void element_seen(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_ns,
			 const xmlChar **ns, int n_attrs, int n_defaulted, const xmlChar **attrs)
{
	xmlParserCtxtPtr c = ctx;
	struct guard *g = c->_private;
	if (++g->elements > XACML_MAX_ELEMENTS)
		stop(c, "too many elements");
	else if (c->nodeNr >= XACML_MAX_DEPTH)
		stop(c, "elements stand too deep inside each other");
	else
		xmlSAX2StartElementNs(ctx, name, prefix, uri, n_ns, ns, n_attrs, n_defaulted, attrs);
}

/* The place behind `end`, searched from s.p[at] on; s.n: it is not there. */
static size_t skip_past(struct str s, size_t at, const char *end)
{
	ptrdiff_t found = at < s.n ? str_find(str_span(s.p + at, s.n - at), str_of(end)) : -1;
	return found < 0 ? s.n : at + (size_t)found + strlen(end);
}

/* Counts the attributes of the tag at s.p[at]; each has one '=' outside quotes. Returns the place behind the tag. */
static size_t attributes_count(struct str s, size_t at, size_t *n_out)
{
	char quote = '\0';
	*n_out = 0;
	for (; at < s.n; at++) {
		char c = s.p[at];
		if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '>')
			return at + 1;
		else
			*n_out += c == '=';
	}
	return at;
}

/* The parser compares each attribute of a tag with all others before it calls us, so attributes are counted before it
 * reads the file. What this count takes for a tag may be none: then the file is not well-formed. */
static enum rc tags_check(struct work *w, struct str xml)
{
	long line = 1;
	size_t at = 0, seen = 0, n = 0;
	while (at < xml.n) {
		const char *lt = memchr(xml.p + at, '<', xml.n - at);
		if (!lt)
			break;
		at = (size_t)(lt - xml.p);
		for (; seen < at; seen++)
			line += xml.p[seen] == '\n';
		struct str rest = str_span(lt, xml.n - at);
		if (str_starts(rest, STR("<!--")))
			at = skip_past(xml, at + 4, "-->");
		else if (str_starts(rest, STR("<![CDATA[")))
			at = skip_past(xml, at, "]]>");
		else if (str_starts(rest, STR("<?")))
			at = skip_past(xml, at, "?>");
		else
			at = attributes_count(xml, at, &n);
		if (n > XACML_MAX_ATTRIBUTES)
			return refuse_at(w, line, "too many attributes");
	}
	return RC_OK;
}

static void library_init(void)
{
	xmlInitParser();
}

static void parser_freep(xmlParserCtxtPtr *c)
{
	xmlFreeParserCtxt(*c);
}

static void doc_freep(xmlDocPtr *doc)
{
	xmlFreeDoc(*doc);
}

static enum rc xml_fault(struct work *w, xmlParserCtxtPtr c, const struct guard *g)
{
	if (g->why)
		return refuse_at(w, g->line, g->why);
	const xmlError *e = xmlCtxtGetLastError(c);
	struct str message = str_trim(str_of(e ? e->message : NULL));
	return refuse_at(w, e ? e->line : 1,
			 arena_cstr(w->scratch, arena_fmt(w->scratch, "no well-formed XML: %.*s", STR_FMT(message))));
}

static enum rc xml_read(struct work *w, struct str xml, xmlDocPtr *out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	/* IGNORE_ENC: the text is UTF-8, as tags_check reads it, whatever its declaration says. */
	const int options =
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES | XML_PARSE_IGNORE_ENC;
	struct guard g = { 0 };
	if (xml.n > XACML_MAX_BYTES)
		return refuse_at(w, 1, "the file is too large");
	if (xml.n && memchr(xml.p, '\0', xml.n)) /* another encoding */
		return refuse_at(w, 1, "no well-formed XML: it is not UTF-8");
	TRY(tags_check(w, xml));
	pthread_once(&once, library_init);
	CLEANUP(parser_freep) xmlParserCtxtPtr c = xmlNewParserCtxt();
	if (!c)
		return RC_FAIL;
	c->_private = &g;
	c->sax->internalSubset = doctype_seen;
	c->sax->startElementNs = element_seen;
	CLEANUP(doc_freep) xmlDocPtr doc = xmlCtxtReadMemory(c, xml.p, (int)xml.n, NULL, "UTF-8", options);
	if (g.why || !doc || !c->wellFormed || !c->nsWellFormed || !xmlDocGetRootElement(doc))
		return xml_fault(w, c, &g);
	*out = doc;
	doc = NULL;
	return RC_OK;
}

/* ---- shapes: which elements there are, what each may hold ---- */

enum element {
	EL_POLICY,
	EL_DESCRIPTION,
	EL_TARGET,
	EL_RULE,
	EL_ANY_OF,
	EL_ALL_OF,
	EL_MATCH,
	EL_VALUE,
	EL_DESIGNATOR,
	EL_OBLIGATIONS,
	EL_OBLIGATION,
	EL_ASSIGNMENT,
	EL__MAX
};
#define HOLDS(el) (1u << (el))

static const struct shape {
	const char *name;
	unsigned children;                  /* HOLDS() of each */
	enum { PLAIN, FILLED, TEXT } holds; /* FILLED: at least one child; TEXT: text only */
	const char *attributes[4];
} shapes[EL__MAX] = {
	// clang-format off
	[EL_POLICY]      = { "Policy", HOLDS(EL_DESCRIPTION) | HOLDS(EL_TARGET) | HOLDS(EL_RULE) | HOLDS(EL_OBLIGATIONS), FILLED,
			     { "PolicyId", "Version", "RuleCombiningAlgId" } },
	[EL_DESCRIPTION] = { "Description", 0, TEXT, { NULL } },
	[EL_TARGET]      = { "Target", HOLDS(EL_ANY_OF), PLAIN, { NULL } },
	[EL_RULE]        = { "Rule", HOLDS(EL_DESCRIPTION) | HOLDS(EL_TARGET), FILLED, { "RuleId", "Effect" } },
	[EL_ANY_OF]      = { "AnyOf", HOLDS(EL_ALL_OF), FILLED, { NULL } },
	[EL_ALL_OF]      = { "AllOf", HOLDS(EL_MATCH), FILLED, { NULL } },
	[EL_MATCH]       = { "Match", HOLDS(EL_VALUE) | HOLDS(EL_DESIGNATOR), FILLED, { "MatchId" } },
	[EL_VALUE]       = { "AttributeValue", 0, TEXT, { "DataType" } },
	[EL_DESIGNATOR]  = { "AttributeDesignator", 0, PLAIN, { "AttributeId", "Category", "DataType", "MustBePresent" } },
	[EL_OBLIGATIONS] = { "ObligationExpressions", HOLDS(EL_OBLIGATION), PLAIN, { NULL } },
	[EL_OBLIGATION]  = { "ObligationExpression", HOLDS(EL_ASSIGNMENT), FILLED, { "ObligationId", "FulfillOn" } },
	[EL_ASSIGNMENT]  = { "AttributeAssignmentExpression", HOLDS(EL_VALUE), FILLED, { "AttributeId", "Category" } },
	// clang-format on
};

static enum element element_of(const xmlNode *n)
{
	if (n->type != XML_ELEMENT_NODE || !n->ns || !xmlStrEqual(n->ns->href, (const xmlChar *)NAMESPACE))
		return EL__MAX;
	for (int i = 0; i < EL__MAX; i++)
		if (xmlStrEqual(n->name, (const xmlChar *)shapes[i].name))
			return (enum element)i;
	return EL__MAX;
}

/* The first child of this kind, or the next one after `last`. NULL: no more. */
static const xmlNode *child_next(const xmlNode *parent, const xmlNode *last, enum element el)
{
	const xmlNode *n = last ? last->next : parent->children;
	while (n && element_of(n) != el)
		n = n->next;
	return n;
}

#define EACH_CHILD(n, parent, el)                                                                                      \
	for (const xmlNode *n = child_next((parent), NULL, (el)); n; n = child_next((parent), n, (el)))

static enum rc attributes_check(struct work *w, const xmlNode *n, const struct shape *s)
{
	for (const xmlAttr *attr = n->properties; attr; attr = attr->next) {
		bool known = attr->ns != NULL; /* such as xsi:schemaLocation, which does not change the policy */
		for (size_t i = 0; i < LEN(s->attributes) && s->attributes[i]; i++)
			known = known || xmlStrEqual(attr->name, (const xmlChar *)s->attributes[i]);
		if (!known)
			return refuse(w, n, "%s of <%s> is not supported", quoted_z(w, attr->name), s->name);
	}
	return RC_OK;
}

static enum rc node_check(struct work *w, const xmlNode *n, unsigned allowed);

static enum rc children_check(struct work *w, const xmlNode *n, const struct shape *s)
{
	bool any = false;
	for (const xmlNode *child = n->children; child; child = child->next) {
		bool text = child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE;
		bool aside = child->type == XML_COMMENT_NODE || child->type == XML_PI_NODE;
		if (s->holds == TEXT ? text : aside || (text && xmlIsBlankNode(child)))
			continue;
		TRY(node_check(w, child, s->children));
		any = true;
	}
	return !any && s->holds == FILLED ? refuse(w, n, "<%s> is empty", s->name) : RC_OK;
}

static enum rc node_check(struct work *w, const xmlNode *n, unsigned allowed)
{
	enum element el = element_of(n);
	if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
		return refuse(w, n, "<%s> holds text", quoted_z(w, n->parent->name));
	if (n->type != XML_ELEMENT_NODE)
		return refuse(w, n, "<%s> holds more than text", quoted_z(w, n->parent->name));
	if (el == EL__MAX || !(allowed & HOLDS(el)))
		return refuse(w, n, "<%s> is not supported here", quoted_z(w, n->name));
	TRY(attributes_check(w, n, &shapes[el]));
	return children_check(w, n, &shapes[el]);
}

/* ---- values ---- */

/* RC_INVALID: there is none, or it is empty or too long. */
static enum rc attribute(struct work *w, const xmlNode *n, const char *name, struct str *out)
{
	xmlChar *value = xmlGetNoNsProp(n, (const xmlChar *)name);
	struct str s = value ? arena_str(w->scratch, str_of((const char *)value)) : STR_NONE;
	xmlFree(value);
	if (!s.n || s.n > XACML_MAX_VALUE)
		return refuse(w, n, "%s of <%s> is %s", name, quoted_z(w, n->name), s.n ? "too long" : "missing");
	*out = s;
	return RC_OK;
}

static enum rc attribute_is(struct work *w, const xmlNode *n, const char *name, const char *want)
{
	struct str s;
	TRY(attribute(w, n, name, &s));
	return str_is(s, want) ? RC_OK : refuse(w, n, "%s must be %s", name, want);
}

static enum rc value_text(struct work *w, const xmlNode *n, const char *type, struct str *out)
{
	struct buf b = BUF(w->scratch);
	TRY(attribute_is(w, n, "DataType", type));
	for (const xmlNode *t = n->children; t; t = t->next)
		buf_add(&b, str_of((const char *)t->content));
	if (!b.n || b.n > XACML_MAX_VALUE)
		return refuse(w, n, "<AttributeValue> is %s", b.n ? "too long" : "empty");
	*out = buf_str(&b);
	return RC_OK;
}

static enum rc only_child(struct work *w, const xmlNode *n, enum element el, const xmlNode **out)
{
	const xmlNode *child = child_next(n, NULL, el);
	if (!child || child_next(n, child, el))
		return refuse(w, n, "<%s> needs one <%s>", quoted_z(w, n->name), shapes[el].name);
	*out = child;
	return RC_OK;
}

/* ---- targets, multiplied out ---- */

struct term { /* conditions that must hold together */
	struct str action;
	struct str subjects[XACML_MAX_SUBJECTS + 1];
	size_t n_subjects;
	bool never; /* it names another resource, or two actions at once */
};
struct terms { /* alternatives: one must hold */
	struct term *t;
	size_t n;
};

struct match {
	const xmlNode *node;
	struct str attribute;
	struct str value;
	bool any_case;
};

static enum rc subject_add(struct work *w, const struct match *m, struct str subject, struct term *t)
{
	if (str_in(subject, t->subjects, t->n_subjects))
		return RC_OK;
	if (t->n_subjects == XACML_MAX_SUBJECTS)
		return refuse(w, m->node, "more than %d subjects must hold at once", XACML_MAX_SUBJECTS);
	t->subjects[t->n_subjects++] = subject;
	return RC_OK;
}

static enum rc subject_match(struct work *w, const struct match *m, struct term *t)
{
	struct str subject;
	const char *why = policy_subject_make(w->scratch, m->attribute, m->value, m->any_case, &subject);
	if (why)
		return refuse(w, m->node, "subject %s: %s", quoted_z(w, m->attribute.p), why);
	return subject_add(w, m, subject, t);
}

static enum rc resource_match(struct work *w, const struct match *m, struct term *t)
{
	if (!str_is(m->attribute, "urn:altinn:resource"))
		return refuse(w, m->node, "resource attribute %s is not supported", quoted_z(w, m->attribute.p));
	bool same = m->any_case ? str_ieq(m->value, w->resource) : str_eq(m->value, w->resource);
	t->never = t->never || !same;
	return RC_OK;
}

static void action_add(struct str action, struct term *t)
{
	t->never = t->never || (t->action.n && !str_ieq(t->action, action));
	t->action = action;
}

static enum rc action_match(struct work *w, const struct match *m, struct term *t)
{
	if (!str_is(m->attribute, "urn:oasis:names:tc:xacml:1.0:action:action-id"))
		return refuse(w, m->node, "action attribute %s is not supported", quoted_z(w, m->attribute.p));
	if (!str_only(m->value, "._:-"))
		return refuse(w, m->node, "an action must be letters, digits and . _ : -");
	action_add(m->value, t);
	return RC_OK;
}

static const struct category {
	const char *name;
	enum rc (*match)(struct work *w, const struct match *m, struct term *t);
} categories[] = {
	{ "urn:oasis:names:tc:xacml:1.0:subject-category:access-subject", subject_match },
	{ "urn:oasis:names:tc:xacml:3.0:attribute-category:resource", resource_match },
	{ "urn:oasis:names:tc:xacml:3.0:attribute-category:action", action_match },
};

static const struct function {
	const char *name;
	bool any_case;
} functions[] = {
	{ "urn:oasis:names:tc:xacml:1.0:function:string-equal", false },
	{ "urn:oasis:names:tc:xacml:3.0:function:string-equal", false },
	{ "urn:oasis:names:tc:xacml:1.0:function:string-equal-ignore-case", true },
	{ "urn:oasis:names:tc:xacml:3.0:function:string-equal-ignore-case", true },
};

static enum rc function_read(struct work *w, const xmlNode *n, bool *any_case_out)
{
	struct str id;
	TRY(attribute(w, n, "MatchId", &id));
	for (size_t i = 0; i < LEN(functions); i++) {
		if (!str_is(id, functions[i].name))
			continue;
		*any_case_out = functions[i].any_case;
		return RC_OK;
	}
	return refuse(w, n, "MatchId %s is not supported", quoted_z(w, id.p));
}

static enum rc match_read(struct work *w, const xmlNode *n, struct term *t)
{
	struct match m = { .node = n };
	const xmlNode *value = NULL, *designator = NULL;
	struct str category;
	TRY(function_read(w, n, &m.any_case));
	TRY(only_child(w, n, EL_VALUE, &value));
	TRY(only_child(w, n, EL_DESIGNATOR, &designator));
	TRY(value_text(w, value, XS "string", &m.value));
	TRY(attribute_is(w, designator, "DataType", XS "string"));
	TRY(attribute(w, designator, "AttributeId", &m.attribute));
	TRY(attribute(w, designator, "Category", &category));
	for (size_t i = 0; i < LEN(categories); i++)
		if (str_is(category, categories[i].name))
			return categories[i].match(w, &m, t);
	return refuse(w, designator, "Category %s is not supported", quoted_z(w, category.p));
}

static enum rc any_of_read(struct work *w, const xmlNode *any_of, struct terms *out)
{
	size_t n = 0;
	EACH_CHILD(all_of, any_of, EL_ALL_OF)
	n++;
	*out = (struct terms){ arena_array(w->scratch, struct term, n), 0 };
	EACH_CHILD(all_of, any_of, EL_ALL_OF)
	{
		struct term *t = &out->t[out->n];
		*t = (struct term){ 0 };
		EACH_CHILD(match, all_of, EL_MATCH)
		TRY(match_read(w, match, t));
		out->n += !t->never;
	}
	return RC_OK;
}

static enum rc term_join(struct work *w, const xmlNode *at, const struct term *more, struct term *t)
{
	const struct match m = { .node = at };
	if (more->action.n)
		action_add(more->action, t);
	for (size_t i = 0; i < more->n_subjects; i++)
		TRY(subject_add(w, &m, more->subjects[i], t));
	return RC_OK;
}

static enum rc product(struct work *w, const xmlNode *at, const struct terms *more, struct terms *all)
{
	if (more->n && all->n > XACML_MAX_ALTERNATIVES / more->n)
		return refuse(w, at, "more than %d alternatives when multiplied out", XACML_MAX_ALTERNATIVES);
	w->n_terms += all->n * more->n;
	if (w->n_terms > XACML_MAX_TERMS)
		return refuse(w, at, "more than %d alternatives in all when multiplied out", XACML_MAX_TERMS);
	struct terms out = { arena_array(w->scratch, struct term, all->n * more->n), 0 };
	for (size_t i = 0; i < all->n; i++)
		for (size_t j = 0; j < more->n; j++) {
			struct term *t = &out.t[out.n];
			*t = all->t[i];
			TRY(term_join(w, at, &more->t[j], t));
			out.n += !t->never;
		}
	assert(out.n <= all->n * more->n);
	*all = out;
	return RC_OK;
}

static enum rc target_read(struct work *w, const xmlNode *target, struct terms *out)
{
	struct terms all = { arena_array(w->scratch, struct term, 1), 1 };
	EACH_CHILD(any_of, target, EL_ANY_OF)
	{
		struct terms more;
		TRY(any_of_read(w, any_of, &more));
		TRY(product(w, any_of, &more, &all));
	}
	*out = all;
	return RC_OK;
}

/* ---- rules ---- */

struct group { /* actions that the same alternatives allow */
	struct str actions[XACML_MAX_ACTIONS];
	size_t n_actions;
	struct str **subjects;
	size_t n_subjects;
	struct map seen; /* the alternatives as text */
};

static bool same_alternative(const struct str *x, const struct str *y)
{
	while (x->p && y->p && str_eq(*x, *y))
		x++, y++;
	return !x->p && !y->p;
}

static bool same_alternatives(const struct group *x, const struct group *y)
{
	bool same = x->n_subjects == y->n_subjects;
	for (size_t i = 0; same && i < x->n_subjects; i++)
		same = same_alternative(x->subjects[i], y->subjects[i]);
	return same;
}

static void alternative_add(struct work *w, struct group *g, struct str *subjects)
{
	struct buf text = BUF(w->scratch);
	for (const struct str *s = subjects; s->p; s++) {
		buf_add(&text, *s);
		buf_c(&text, '\n'); /* which no subject holds */
	}
	if (map_get(&g->seen, buf_str(&text)))
		return;
	map_put(&g->seen, w->scratch, buf_str(&text), g);
	g->subjects[g->n_subjects++] = subjects;
}

/* NULL: too many actions. */
static struct group *group_of(struct work *w, struct group *groups, size_t *n, const struct terms *all,
			      struct str action)
{
	for (size_t i = 0; i < *n; i++)
		if (str_ieq(groups[i].actions[0], action))
			return &groups[i];
	if (*n == XACML_MAX_ACTIONS)
		return NULL;
	struct group *g = &groups[(*n)++];
	*g = (struct group){ .actions = { action }, .n_actions = 1 };
	g->subjects = arena_array(w->scratch, struct str *, all->n);
	return g;
}

/* Merges groups with the same alternatives, since each group becomes a rule. Returns how many remain. */
static size_t groups_merge(struct group *groups, size_t n)
{
	size_t merged = 0;
	for (size_t i = 0; i < n; i++) {
		size_t same = 0;
		while (same < merged && !same_alternatives(&groups[same], &groups[i]))
			same++;
		if (same < merged)
			groups[same].actions[groups[same].n_actions++] = groups[i].actions[0];
		else
			groups[merged++] = groups[i];
	}
	return merged;
}

static enum rc rule_add(struct work *w, const xmlNode *rule, const struct terms *all)
{
	struct group *groups = arena_array(w->scratch, struct group, XACML_MAX_ACTIONS);
	size_t n = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct term *t = &all->t[i];
		if (!t->action.n || !t->n_subjects)
			return refuse(w, rule, "<Rule> holds for every %s", t->action.n ? "subject" : "action");
		struct group *g = group_of(w, groups, &n, all, t->action);
		if (!g)
			return refuse(w, rule, "<Rule> has more than %d actions", XACML_MAX_ACTIONS);
		alternative_add(w, g, t->subjects);
	}
	n = groups_merge(groups, n);
	assert(w->n_rules + n <= LEN(w->rules));
	for (size_t i = 0; i < n; i++) {
		struct group *g = &groups[i];
		w->rules[w->n_rules++] = (struct policy_rule){ g->actions, g->n_actions, g->subjects, g->n_subjects };
	}
	return RC_OK;
}

static enum rc rules_read(struct work *w, const xmlNode *policy)
{
	size_t n = 0;
	EACH_CHILD(rule, policy, EL_RULE)
	{
		const xmlNode *target = NULL;
		struct terms all;
		if (++n > XACML_MAX_RULES)
			return refuse(w, rule, "<Policy> has more than %d rules", XACML_MAX_RULES);
		TRY(attribute_is(w, rule, "Effect", "Permit"));
		TRY(only_child(w, rule, EL_TARGET, &target));
		TRY(target_read(w, target, &all));
		TRY(rule_add(w, rule, &all));
	}
	return RC_OK;
}

/* ---- obligations ---- */

/* The other categories are levels of systems that log in for an organisation. They give no consents. */
static const struct level {
	const char *category;
	bool of_persons;
} levels[] = {
	{ "urn:altinn:minimum-authenticationlevel", true },
	{ "urn:altinn:minimum-authenticationlevel-org", false },
	{ "urn:altinn:minimum-authenticationlevel-systemuser", false },
};

static enum rc level_read(struct work *w, const xmlNode *assignment)
{
	const xmlNode *value = NULL;
	struct str category, text;
	uint64_t n;
	size_t i = 0;
	TRY(attribute(w, assignment, "Category", &category));
	while (i < LEN(levels) && !str_is(category, levels[i].category))
		i++;
	if (i == LEN(levels))
		return refuse(w, assignment, "Category %s is not supported", quoted_z(w, category.p));
	TRY(only_child(w, assignment, EL_VALUE, &value));
	TRY(value_text(w, value, XS "integer", &text));
	if (str_u64(str_trim(text), &n) != RC_OK || n > POLICY_MAX_LEVEL)
		return refuse(w, value, "an authentication level must be 0 to %d", POLICY_MAX_LEVEL);
	if (levels[i].of_persons && (int64_t)n > w->min_level)
		w->min_level = (int64_t)n;
	return RC_OK;
}

static enum rc obligations_read(struct work *w, const xmlNode *policy)
{
	EACH_CHILD(list, policy, EL_OBLIGATIONS)
	EACH_CHILD(obligation, list, EL_OBLIGATION)
	{
		const xmlNode *assignment = NULL;
		struct str id; /* any: the category says what is obliged */
		TRY(attribute(w, obligation, "ObligationId", &id));
		TRY(attribute_is(w, obligation, "FulfillOn", "Permit"));
		TRY(only_child(w, obligation, EL_ASSIGNMENT, &assignment));
		TRY(level_read(w, assignment));
	}
	return RC_OK;
}

/* ---- the policy ---- */

/* Since every rule is Permit, all of these algorithms allow an action as soon as one rule holds. */
static const char *const algorithms[] = {
	"urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides",
	"urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:ordered-deny-overrides",
	"urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:permit-overrides",
	"urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:ordered-permit-overrides",
	"urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:deny-overrides",
	"urn:oasis:names:tc:xacml:1.1:rule-combining-algorithm:ordered-deny-overrides",
	"urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:permit-overrides",
	"urn:oasis:names:tc:xacml:1.1:rule-combining-algorithm:ordered-permit-overrides",
};

static enum rc algorithm_check(struct work *w, const xmlNode *policy)
{
	struct str id;
	TRY(attribute(w, policy, "RuleCombiningAlgId", &id));
	for (size_t i = 0; i < LEN(algorithms); i++)
		if (str_is(id, algorithms[i]))
			return RC_OK;
	return refuse(w, policy, "RuleCombiningAlgId %s is not supported", quoted_z(w, id.p));
}

/* The target of a policy is empty or names the resource only. */
static enum rc policy_target_check(struct work *w, const xmlNode *policy)
{
	const xmlNode *target = NULL;
	struct terms all;
	TRY(only_child(w, policy, EL_TARGET, &target));
	TRY(target_read(w, target, &all));
	for (size_t i = 0; i < all.n; i++)
		if (all.t[i].action.n || all.t[i].n_subjects)
			return refuse(w, target, "<Target> of <Policy> may name the resource only");
	return all.n ? RC_OK : refuse(w, target, "<Target> is not for resource %s", quoted_z(w, w->resource.p));
}

static enum rc policy_compile(struct work *w, const xmlNode *root)
{
	TRY(node_check(w, root, HOLDS(EL_POLICY)));
	TRY(algorithm_check(w, root));
	TRY(policy_target_check(w, root));
	TRY(rules_read(w, root));
	TRY(obligations_read(w, root));
	return w->n_rules ? RC_OK : refuse(w, root, "no rule is for resource %s", quoted_z(w, w->resource.p));
}

static struct policy_rule rule_copy(struct arena *a, const struct policy_rule *rule)
{
	struct policy_rule copy = *rule;
	copy.actions = arena_array(a, struct str, rule->n_actions + 1);
	copy.subjects = arena_array(a, struct str *, rule->n_subjects);
	for (size_t i = 0; i < rule->n_actions; i++)
		copy.actions[i] = arena_str(a, rule->actions[i]);
	for (size_t i = 0; i < rule->n_subjects; i++) {
		size_t n = 0;
		while (rule->subjects[i][n].p)
			n++;
		copy.subjects[i] = arena_array(a, struct str, n + 1);
		for (size_t j = 0; j < n; j++)
			copy.subjects[i][j] = arena_str(a, rule->subjects[i][j]);
	}
	return copy;
}

enum rc xacml_compile(struct arena *a, struct str xml, struct str resource, struct policy *out, struct str *err_out)
{
	CLEANUP(arena_finish) struct arena scratch = { 0 };
	CLEANUP(doc_freep) xmlDocPtr doc = NULL;
	struct work *w = arena_new(&scratch, struct work);
	w->a = a;
	w->scratch = &scratch;
	w->resource = arena_str(&scratch, resource);
	w->err = err_out;
	TRY(xml_read(w, xml, &doc));
	TRY(policy_compile(w, xmlDocGetRootElement(doc)));
	struct policy p = { .min_level = w->min_level, .n_rules = w->n_rules };
	p.rules = arena_array(a, struct policy_rule, w->n_rules);
	for (size_t i = 0; i < w->n_rules; i++)
		p.rules[i] = rule_copy(a, &w->rules[i]);
	*out = p;
	return RC_OK;
}
