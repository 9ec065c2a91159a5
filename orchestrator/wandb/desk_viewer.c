/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_viewer.h"

#include "protocol/wandb/wandb_answer.h"

int desk_viewer(struct desk_call *c, struct value **ret, struct err *err)
{
    (void)err;
    *ret = wandb_answer_viewer(c->arena, DESK_ENTITY);
    return 0;
}

int desk_viewer_features(struct desk_call *c, struct value **ret, struct err *err)
{
    (void)err;
    *ret = wandb_answer_features(c->arena);
    return 0;
}
