/* Makes the wanted form of each entry. */
#include <assert.h>
#include <inttypes.h>

#include "publish/seed_internal.h"
#include "jose/trust.h"

/* Called before n->body is made. */
static const struct js *stored_tree(struct seed_doc *d, struct seed_node *n)
{
	if (!n->stored.n)
		return NULL;
	if (!n->before) {
		n->body = n->stored;
		n->tree = NULL;
		n->before = seed_tree(d, n);
		n->tree = NULL;
	}
	return n->before;
}

/* changed: the entry is another than the stored one. */
static struct str body_of(struct seed_doc *d, struct seed_node *n, const struct js *stored, unsigned skip, bool changed)
{
	const struct seed_section *s = &seed_sections[n->section];
	struct buf b = BUF(d->a);
	struct jsw w = JSW(&b);
	jsw_obj(&w);
	if (s->hash)
		jsw_kstr(&w, s->hash, str_span(n->key.p + strlen(s->key_prefix), n->key.n - strlen(s->key_prefix)));
	const struct seed_source from = {
		.doc = n->doc,
		.stored = stored,
		.before = stored_tree(d, n),
		.now = d->now,
		.changed = changed,
		.skip = skip,
	};
	seed_write_entry(&w, s->rows, &from);
	if (seed_absent(n->doc))
		jsw_kz(&w, "state", "absent");
	jsw_end_obj(&w);
	return buf_str(&b);
}

/* An entry that changes nothing keeps all its times. */
static struct str body_write(struct seed_doc *d, struct seed_node *n, const struct js *stored, unsigned skip)
{
	struct str body = body_of(d, n, stored, skip, false);
	return str_eq(body, n->stored) ? body : body_of(d, n, stored, skip, true);
}

/* ---- the plan ---- */

/* Does one of the client's public keys belong to its private key? */
static bool has_public_half(const struct js *client)
{
	const struct js *modulus = js_get(js_get(client, "privateJwk"), "n");
	JS_EACH(key, js_get(js_get(client, "jwks"), "keys")) {
		const struct js *n = js_get(key, "n");
		if (js_is(modulus, JS_STRING) && js_is(n, JS_STRING) && str_eq(n->s, modulus->s))
			return true;
	}
	return false;
}

/* = RFC 7517 4.7: "The PKIX certificate containing the key value MUST be the first certificate" (jwk_parse
 * checks it). Whether the chain leads to a trusted root is checked by self-service and at each grant, where the roots
 * are known. */
static const char *certificate_fault(struct seed_doc *d, const struct js *x5c, struct str orgno)
{
	struct str der[JOSE_X5C_MAX];
	struct org_cert cert;
	const char *why = "is no list of certificates";
	size_t n;
	if (jose_x5c_read(d->a, x5c, der, &n) != RC_OK || org_cert_read(d->a, der[0], &cert, &why) != RC_OK)
		return why;
	bool same_org = str_eq(cert.orgno, orgno);
	jwk_unref(cert.key);
	return same_org ? NULL : "is the certificate of another organisation";
}

static void certificates_check(struct seed_doc *d, struct seed_node *n, const struct seed_path *at)
{
	const struct js *client = seed_tree(d, n);
	struct seed_path jwks = { .up = at, .name = STR("jwks") }, keys = { .up = &jwks, .name = STR("keys") };
	struct str orgno = STR_NONE;
	size_t i = 0;
	if (js_member_str(client, "orgno", &orgno) != RC_OK)
		return;
	JS_EACH(key, js_get(js_get(client, "jwks"), "keys")) {
		struct seed_path one = { .up = &keys, .index = i++ };
		const struct js *x5c = js_get(key, "x5c");
		const char *why = x5c ? certificate_fault(d, x5c, orgno) : NULL;
		if (why)
			seed_fault(d, &(struct seed_path){ .up = &one, .name = STR("x5c") }, "%s", why);
	}
}

/* When a new jwks lacks the public half of the stored private key, the private key is removed, too. */
static void client_plan(struct seed_doc *d, struct seed_node *n, const struct js *stored, const struct seed_path *at)
{
	const struct js *client = seed_tree(d, n);
	const struct js *named = js_get(n->doc, "privateJwk");
	if (js_get(n->doc, "jwks") || js_get(n->doc, "orgno"))
		certificates_check(d, n, at);
	if (!js_get(client, "privateJwk") || has_public_half(client))
		return;
	if (named && named->type != JS_NULL) {
		seed_fault(d, &(struct seed_path){ .up = at, .name = STR("privateJwk") }, "is of no key in jwks");
		return;
	}
	n->body = body_write(d, n, stored, SEED_SECRET);
	n->tree = NULL;
}

/* The stored content in the canonical form of today. An earlier version spelled codes as they were written. */
static struct str stored_again(struct seed_doc *d, const struct seed_node *n)
{
	struct seed_node was = *n;
	was.body = n->stored;
	was.tree = NULL;
	was.doc = seed_tree(d, &was);
	return str_eq(n->stored, n->body) || !was.doc ? n->stored : body_write(d, &was, NULL, 0);
}

static void present_plan(struct seed_doc *d, struct seed_node *n)
{
	const struct seed_section *s = &seed_sections[n->section];
	struct seed_path up = { .name = str_of(s->parent) };
	struct seed_path list = { .up = s->parent ? &up : NULL, .name = str_of(s->list) };
	struct seed_path at = { .up = &list, .index = n->index };
	const struct js *stored = NULL;
	assert(n->doc);
	if (!d->o.whole)
		stored = stored_tree(d, n);
	n->body = body_write(d, n, stored, 0);
	n->tree = NULL;
	if (n->section == SECTION_CLIENT)
		client_plan(d, n, stored, &at);
	size_t max = s->max_bytes ? s->max_bytes : SEED_BYTES_ENTRY;
	if (n->body.n > max && !str_eq(n->stored, n->body))
		seed_fault(d, &at, "has more than %zu bytes", max);
	if (!s->fixed || !n->stored.n || str_eq(stored_again(d, n), n->body))
		return;
	d->report->other_content = true;
	seed_fault(d, &(struct seed_path){ .up = &at, .name = str_of(s->version) },
		   "%" PRId64 " exists with other content", n->version);
}

static void absent_plan(struct seed_doc *d, struct seed_node *n)
{
	const struct seed_section *s = &seed_sections[n->section];
	if (s->deactivates && (n->stored.n || seed_full(s, n->doc))) {
		present_plan(d, n);
		return;
	}
	d->removed |= 1u << n->section;
	if (!s->version || n->version) {
		n->body = STR_NONE;
		return;
	}
	for (struct seed_node *v = seed_node_find(d, n->section, n->key); v; v = v->sibling)
		v->body = STR_NONE;
}

void seed_plan(struct seed_doc *d)
{
	for (struct seed_node *n = d->first; n; n = n->next)
		if (n->doc && seed_absent(n->doc))
			absent_plan(d, n);
	for (struct seed_node *n = d->first; n; n = n->next)
		if (n->doc && !seed_absent(n->doc))
			present_plan(d, n);
}
