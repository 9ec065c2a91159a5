/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Writes imported trials into a store, as facts of a sweep that has ended. All of them are one
 * transaction, written in pieces, so that memory does not grow with their number. */
#include "orchestrator/store/store.h"
#include "sweep/earlier/earlier.h"

struct import_record {
    struct store *store;
    struct books books;
    int64_t now_ms;
    char sweep[16];
    uint64_t trials;
    size_t bytes; /* of the trials since the last piece */
};

/* Opens the store and adds the sweep; fact: its name, path, workdir, content and total. */
NODISCARD int import_record_begin(struct import_record *r, const char *dir, struct fact created,
                                  struct err *err);
/* nested: its params are as the script gets them. scratch: for the call. */
NODISCARD int import_record_trial(struct import_record *r, struct arena *scratch,
                                  const struct earlier_row *row, bool nested, struct err *err);
NODISCARD int import_record_commit(struct import_record *r, struct err *err);
/* Without a commit, nothing stays. Also after a failed begin. */
void import_record_close(struct import_record *r);
