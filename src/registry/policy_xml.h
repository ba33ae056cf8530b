/* Writes a resource's policy as XACML 3.0. */
#pragma once
#include "base/buf.h"
#include "model/model.h"

/* The XACML file of the resource byte for byte, when it was published as a file. Else a file of which xacml_compile
 * makes the same policy. RC_NOT_FOUND: the resource has no policy. */
MUST_USE enum rc policy_xml(struct buf *out, const struct resource *r);
