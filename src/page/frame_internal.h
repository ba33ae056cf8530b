/* Parts of the frame that settings of the operator fill. HTML; it lives in the page's arena. */
#pragma once
#include "page/page.h"

struct str brand_html(const struct page *p);  /* before the service's name: the logo, or the project's mark */
struct str footer_html(const struct page *p); /* who runs the service, its links, the languages */
