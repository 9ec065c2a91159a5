/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The newest lists of runs that were asked for, so that their further pages need no new search through all runs, and continue the
 * list of the first page. Belongs to the thread that reads. */
#include "orchestrator/wandb/desk_call.h"

enum { API_PAGES_LISTS = 8, API_PAGES_MS = 60000 };

struct api_pages {
    struct api_pages_list {
        char *key; /* NULL: unused */
        int64_t *numbers;
        size_t n;
        int64_t made_ms;
    } lists[API_PAGES_LISTS];
    size_t next;
};

/* What the request asks for, of the page apart. */
const char *api_pages_key(const struct desk_call *c);
/* NULL: there is none that is young enough. */
const struct api_pages_list *api_pages_find(const struct api_pages *p, const char *key,
                                            int64_t now_ms);
void api_pages_keep(struct api_pages *p, const char *key, const int64_t *numbers, size_t n,
                    int64_t now_ms);
void api_pages_done(struct api_pages *p);
