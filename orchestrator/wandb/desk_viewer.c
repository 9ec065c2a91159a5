/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_viewer.h"

#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "protocol/wandb/wandb_answer.h"

static int answer_constant(struct desk_call *c, const char *text, struct value **ret)
{
    check(json_parse(c->arena, text, strlen(text), ret, NULL) == 0);
    return 0;
}

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

int desk_viewer_server(struct desk_call *c, struct value **ret, struct err *err)
{
    (void)err;
    return answer_constant(c,
                           "{\"data\":{\"serverInfo\":{\"cliVersionInfo\":{\"max_cli_version\":"
                           "\"99.0.0\",\"min_cli_version\":\"0.0.1\"},"
                           "\"latestLocalVersionInfo\":null,\"features\":[]}}}",
                           ret);
}

int desk_viewer_probe(struct desk_call *c, struct value **ret, struct err *err)
{
    (void)err;
    return answer_constant(
        c,
        "{\"data\":{\"QueryType\":{\"fields\":[]},\"MutationType\":"
        "{\"fields\":[{\"name\":\"createRunFiles\"}]},\"ServerInfoType\":{\"fields\":[]}}}",
        ret);
}

int desk_viewer_organization(struct desk_call *c, struct value **ret, struct err *err)
{
    (void)err;
    return answer_constant(c, "{\"data\":{\"entity\":{\"organization\":null}}}", ret);
}
