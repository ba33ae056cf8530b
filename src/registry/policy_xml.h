/* A resource's policy as its owner would have written it in XACML 3.0. */
#pragma once
#include "base/buf.h"
#include "model/model.h"

/* The file that was published, byte for byte; else one that xacml_compile makes the same policy of. */
MUST_USE enum rc policy_xml(struct buf *out, const struct resource *r);
