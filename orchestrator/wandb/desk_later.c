/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_later.h"

#include "protocol/wandb/wandb_answer.h"

void desk_later_answer(struct desk_later *l, const struct value *document)
{
    l->host->answer(l, 200, document);
}

void desk_later_refuse(struct desk_later *l, int status, const char *text)
{
    l->host->answer(l, status, wandb_answer_error(l->arena, text));
}

void desk_later_do(struct desk_host *host, const struct desk_work *work)
{
    host->work(host, work);
}
