/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The page as files in the binary: web/ built them, compressed, and named them by their content.
 * There is nothing secret in them, so they need no credential. */
#include "orchestrator/server/server_inside.h"

struct page_asset {
    const char *name; /* "index.html" is the page */
    const char *type, *etag;
    const char *bytes; /* gzip */
    uint64_t len;
};
/* The last one has no name. */
extern const struct page_asset page_assets[];

bool page_assets_are_built(void);
/* Answers by the page, for any of its paths, or by the file that the route's "*" names. */
void page_assets_answer(struct server *s, const struct server_request *r);
