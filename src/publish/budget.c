#include "publish/budget.h"

struct count {
	const struct registry *r;
	struct str orgno;
	struct str owner; /* of the access list before */
	bool owns;        /* is that owner code the organisation's? */
	size_t bytes;
};

static void version_count(void *ctx, const struct resource *res)
{
	struct count *c = ctx;
	if (str_eq(res->owner_orgno, c->orgno))
		c->bytes += res->body.n + PUBLISH_VERSION_BYTES;
}

/* Lists come in order of owner. */
static void list_count(void *ctx, const struct access_list *l)
{
	struct count *c = ctx;
	if (!c->owner.p || !str_eq(c->owner, l->owner))
		c->owns = registry_owns(c->r, l->owner, c->orgno);
	c->owner = l->owner;
	if (c->owns)
		c->bytes += l->bytes + PUBLISH_VERSION_BYTES;
}

static void client_count(void *ctx, const struct client *client)
{
	struct count *c = ctx;
	if (str_eq(client->supplier.p ? client->supplier : client->orgno, c->orgno))
		c->bytes += client->body.n;
}

static void scope_count(void *ctx, const struct scope *s)
{
	struct count *c = ctx;
	if (str_eq(s->owner, c->orgno))
		c->bytes += s->body.n;
}

static void delegation_count(void *ctx, const struct delegation *d)
{
	struct count *c = ctx;
	if (str_eq(d->consumer, c->orgno))
		c->bytes += d->bytes;
}

size_t budget_room(const struct registry *r, struct str orgno, enum budget b)
{
	struct count c = { .r = r, .orgno = orgno };
	size_t max = b == BUDGET_PUBLISH ? PUBLISH_MAX_BYTES : SELF_MAX_BYTES;
	if (b == BUDGET_PUBLISH) {
		registry_versions_each(r, version_count, &c);
		registry_access_lists_each(r, list_count, &c);
	} else {
		registry_clients_each(r, client_count, &c);
		registry_scopes_each(r, scope_count, &c);
		registry_delegations_each(r, delegation_count, &c);
	}
	return c.bytes < max ? max - c.bytes : 0;
}
