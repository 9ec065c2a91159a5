/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What is known of the code that a sweep runs, as a value that the store keeps (docs/STORE.md):
 * the commit, the difference to it, which files differ, the snapshot. And which files have changed
 * since. */
#include "agent/code/code_gather.h"
#include "base/buf.h"
#include "base/value.h"

struct code_record_from {
    const char *workdir; /* absolute and real */
    const char *dir;     /* of the store: the snapshot is kept there */
    const char *spec;    /* absolute path of the spec: a change of it is told elsewhere */
    bool snapshot;
    const struct value *files; /* a list of texts; NULL: what git names */
    uint64_t limit;            /* of the pack; 0: the usual one */
    /* NULL: the snapshot is kept in `dir`. Else it is handed over here, to be freed by
     * code_gather_done(), after an error too. */
    struct code_snapshot *pack;
};

/* *ret: NULL where there is neither git nor a snapshot. Fails only for the snapshot's sake. */
NODISCARD int code_record(struct arena *a, const struct code_record_from *from, struct value **ret,
                          struct err *err);
enum { CODE_RECORD_NAMES = 3 };
/* How many files differ from what they were when `code` was recorded; the names of the first CODE_RECORD_NAMES are appended
 * to `names`. Also 0 if this is unknown. */
size_t code_record_changes(const struct value *code, const char *workdir, const char *spec,
                           struct buf *names);
