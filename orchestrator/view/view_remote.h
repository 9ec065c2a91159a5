/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A view of a store that another process serves: each query of view.h asks for a document of
 * view_answer.h. */
#include <stdbool.h>
#include "base/buf.h"
#include "orchestrator/view/view.h"

/* Gets the document at a path with its query, such as "sweeps/a3f9/trials?limit=10". */
struct view_transport {
    int (*get)(void *arg, const char *path, struct arena *a, struct value **ret, struct err *err);
    void *arg;
};

/* Asks nothing yet. `shown` is the server's address, for messages. */
struct view *view_remote_open(const struct view_transport *transport, const char *shown);
bool view_remote_is(const struct view *v);
/* The document at a path, which may have a query; *ret is NULL where it is null. v: a remote one. */
NODISCARD int view_remote_get(struct view *v, struct arena *a, const char *path, struct value **ret,
                              struct err *err);
/* Appends a value of a query. */
void view_remote_escape(struct buf *out, const char *text);
