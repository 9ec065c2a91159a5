/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A page of the files of a run or of an artifact, in the order of their names. */
#include "orchestrator/runs/runs_file.h"
#include "orchestrator/wandb/desk_call.h"

struct file_listing {
    enum runs_file_kind of;
    int64_t n;                 /* the row of the run or artifact */
    const struct value *names; /* only these; NULL, no list or an empty one: all */
    const char *pattern;       /* as LIKE of MySQL; NULL: all */
    const char *after;         /* the name after which the page begins; NULL: at the first */
    int64_t limit;             /* of one page; 0: as many as an answer may have */
};

enum { FILE_LISTING_PAGE = 50 }; /* files, where a client does not say */

/* ret_count: of all files, also those that are not asked for. */
NODISCARD int file_listing_page(struct desk_call *c, const struct file_listing *wanted,
                                struct value **ret, int64_t *ret_count, struct err *err);
