/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom replay: whether a sweep's decisions follow from what the store holds. */
#include <inttypes.h>

#include "base/diag/display.h"
#include "cli/cmd.h"
#include "cli/look/looking.h"
#include "cli/invocation.h"
#include "orchestrator/store/check/store_replay.h"

static void replay_print(struct looking *l, const struct replay *r)
{
    buf_addf(&l->out, "%s: %" PRIu64 " proposal%s and %" PRIu64 " stop%s compared: %s\n", r->sweep,
             r->proposals, r->proposals == 1 ? "" : "s", r->stops, r->stops == 1 ? "" : "s",
             r->differs ? "one differs" : "all are the same");
    if (!r->differs)
        return;
    buf_addf(&l->out, "trial %s-%" PRIu64 ": ", r->sweep, r->trial);
    display_clean(&l->out, buf_peek(&r->difference), r->difference.len);
    buf_addc(&l->out, '\n');
}

static void replay_print_json(struct looking *l, const struct replay *r)
{
    struct arena *a = &l->arena;
    struct value *v = value_dict(a), *difference = value_null(a);
    if (r->differs) {
        difference = value_dict(a);
        value_put(a, difference, "trial",
                  value_str(a, arena_printf(a, "%s-%" PRIu64, r->sweep, r->trial)));
        value_put(a, difference, "text", value_str(a, buf_peek(&r->difference)));
    }
    value_put(a, v, "ok", value_bool(a, !r->differs));
    value_put(a, v, "sweep", value_str(a, r->sweep));
    value_put(a, v, "proposals", value_int(a, (int64_t)r->proposals));
    value_put(a, v, "stops", value_int(a, (int64_t)r->stops));
    value_put(a, v, "difference", difference);
    looking_json(l, v);
}

static int replay_show(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    struct replay r;
    int rc = view_find_sweep(l->view, invocation_arg(inv, 0), id, err);
    if (rc)
        return rc;
    replay_init(&r, id);
    if ((rc = store_replay(l->view, &r, err)) == 0) {
        l->none = r.differs;
        if (l->json)
            replay_print_json(l, &r);
        else
            replay_print(l, &r);
    }
    replay_done(&r);
    return rc;
}

int cmd_replay(struct invocation *inv)
{
    return looking_run(inv, replay_show);
}
