/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Credentials and the record of actions, read beside the writer. Gives no hash. Another process
 * gives the same lists as the documents "tokens" and "audit/LIMIT", to admins alone. */
#include "orchestrator/view/view.h"

/* Every credential, in the order in which they were made: {"id","scope","form","name","by",
 * "created","expires","used","revoked","revoked_by","copied"}; times in seconds since 1970, null:
 * never; copied: it was made before this store was copied, so a join token has no effect. */
NODISCARD int view_tokens(struct view *v, struct arena *a, struct value **ret, struct err *err);
/* The newest actions, the newest last: {"number","time","by","from","what","subject","result",
 * "text"}; limit 0: all. */
NODISCARD int view_actions(struct view *v, struct arena *a, uint64_t limit, struct value **ret,
                           struct err *err);
