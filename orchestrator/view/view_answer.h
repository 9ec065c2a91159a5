/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The documents that a controller serves about a store (docs/openapi.yaml), each the result of one
 * query of view.h as JSON. view_remote.h asks for them. Knows no HTTP.
 *   tokens, audit/N              credentials, and the newest N actions
 *   sweeps                       the list
 *   sweeps?limit=N&skip=N&q=TEXT&state=S&sort=C&desc=1   a page of it: {"of","sweeps"}
 *   find?what=W&as=sweep|trial|any      {"sweep":ID,"trial":N or null}
 *   find?path=P&place=Q          {"sweep":ID}
 *   sweeps/ID                    one sweep
 *   sweeps/ID/trials?state=&filter=&sort=&desc=1&skip=N&limit=N
 *   sweeps/ID/columns?cols=A,B&trials=N,N&most=N&filter=    view_arrays.h, filter/filter.h
 *   sweeps/ID/curves?metric=M&x=X&trials=N,N&from=X&to=X&points=N&xscale=log&smooth=W&agg=band&marks=N,N
 *                                                    view_curves.h
 *   sweeps/ID/rungs                                  view_rungs.h
 *   sweeps/ID/best, names, losses, size, unmeasured
 *   sweeps/ID/pace               pace/view_pace.h
 *   sweeps/ID/timeline?from=&to=&px=N&skip=N&limit=N     pace/view_timeline.h
 *   fleet                        pace/view_fleet.h
 *   sweeps/ID/proposals?skip=N&limit=N  [[seq], [number, cursor, params, state, objective, …], …]
 *   sweeps/ID/explain?before=N&kind=K,K&q=TEXT&trial=N&limit=N   explain/explain_log.h
 *   sweeps/ID/yaml               {"yaml":TEXT}: the spec
 *   trials/ID-N                  one trial
 *   trials/ID-N/explain          [[label, sentence], …]: as besom explain prints them
 *   trials/ID-N/points?attempt=N&skip=N&limit=N
 * nan=bare has NaN and the infinities printed as Python does, which JSON lacks. */
#include "base/buf.h"
#include "orchestrator/view/view.h"

enum {
    VIEW_ANSWER_ROWS = 1000, /* of a list, where no limit is given */
    VIEW_ANSWER_ROWS_MAX = 10000
};

/* Appends the document. query: a dict of strings, or NULL. ERR_NOT_FOUND: there is no such path, or
 * not what it names; ERR_USAGE: a malformed query; ERR_LIMIT: it does not fit into `out`. */
NODISCARD int view_answer(struct view *v, const char *path, const struct value *query,
                          struct buf *out, struct err *err);
