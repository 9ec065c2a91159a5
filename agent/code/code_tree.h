/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which code a folder of this host holds, found by git on a thread of its own: the agent tells it of
 * its --workdir, and of the folder of each sweep without a snapshot. */
#include <stddef.h>
#include "base/err.h"

struct uv_loop_s;
struct code_tree;

enum { CODE_TREE_TEXT_BYTES = 96 };

/* Called from the loop; code: "COMMIT", or "COMMIT+HASH" where tracked files differ from the commit,
 * with a hash of the difference. Not called for a folder that is in no repository. */
typedef void (*code_tree_fn)(void *arg, const char *sweep, const char *code);

NODISCARD int code_tree_new(struct uv_loop_s *loop, code_tree_fn found, void *arg,
                            struct code_tree **ret, struct err *err);
/* sweep: repeated in the answer. Ignored while too many wait. */
void code_tree_look(struct code_tree *t, const char *sweep, const char *folder);
void code_tree_close(struct code_tree *t); /* the loop must run on; then code_tree_free */
void code_tree_free(struct code_tree *t);  /* takes NULL */
