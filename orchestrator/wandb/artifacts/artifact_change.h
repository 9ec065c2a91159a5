/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Changes of artifacts that are there: aliases, tags, texts, deletion, and that a run uses one. */
#include "orchestrator/runs/runs_artifact.h"
#include "orchestrator/wandb/desk_call.h"

NODISCARD int artifact_change_update(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_change_add_aliases(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_change_drop_aliases(struct desk_call *c, struct value **ret,
                                           struct err *err);
NODISCARD int artifact_change_delete(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_change_use(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_change_collection(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_change_delete_collection(struct desk_call *c, struct value **ret,
                                                struct err *err);

/* Gives a committed version these aliases, and "latest" if it is the newest. */
NODISCARD int artifact_change_give(struct desk_call *c, const struct runs_artifact *v,
                                   const struct value *aliases, struct err *err);
/* Appends to `to` what each dict of the list has under that key, if it is a text that `to` lacks. */
struct value *artifact_change_names(struct desk_call *c, const struct value *list, const char *key,
                                    struct value *to);
