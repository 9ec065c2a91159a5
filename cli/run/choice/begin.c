/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/choice/begin.h"

#include <inttypes.h>
#include <sys/random.h>
#include <time.h>

#include "base/check.h"
#include "cli/earlier/prior_find.h"
#include "cli/invocation.h"
#include "cli/place.h"
#include "cli/print/terminal.h"
#include "cli/run/choice/spec_change.h"
#include "cli/run/until.h"

enum { SWEEP_ID_CHARS = 8 };

static void begin_id(char id[16])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    unsigned char bytes[SWEEP_ID_CHARS];
    check(getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
    for (int i = 0; i < SWEEP_ID_CHARS; i++)
        id[i] = letters[bytes[i] % 32];
    id[SWEEP_ID_CHARS] = '\0';
}

int begin_sweep(const struct begin *b, const struct invocation *inv, struct view *view,
                struct arena *a, char id[16], struct fact *ret, struct err *err)
{
    const struct spec *spec = b->spec;
    uint64_t seed = spec->seed, total = 0;
    int64_t now_ms = (int64_t)time(NULL) * 1000;
    struct value *prior = NULL;
    if (!spec->has_seed) {
        seed = 0;
        check(getrandom(&seed, 4, 0) == 4);
    }
    int rc = invocation_number(inv, "seed", 0, UINT64_MAX, &seed, err);
    if (rc == 0)
        rc = spec_change_total(spec, seed, &total, err);
    if (rc == 0)
        rc = prior_find(view, spec, a, &prior, err);
    if (rc != 0)
        return rc;
    do
        begin_id(id);
    while (view_was_removed(view, id));
    *ret = (struct fact){.kind = FACT_SWEEP_CREATED,
                         .sweep = id,
                         .name = spec->name,
                         .path = b->at->path,
                         .place = b->at->place[0] ? b->at->place : NULL,
                         .workdir = b->workdir,
                         .content = spec->content,
                         .prior = prior,
                         .seed = seed,
                         .total = total,
                         .until_ms = until_ms(spec, now_ms)};
    if (ret->until_ms && ret->until_ms <= now_ms)
        return err_set(err, ERR_USAGE, "%s: budget.until: %s has passed: write a later time",
                       b->named, spec->budget.until);
    return 0;
}

void begin_say(FILE *out, const struct begin *b, const struct fact *create, uint64_t slots)
{
    terminal_print(out, "Sweep %s of %s begins: %s, ", create->sweep, b->named,
                   spec_method_name(b->spec->method));
    if (create->total == UINT64_MAX)
        fputs("more trials than can be counted", out);
    else if (create->total > 0)
        fprintf(out, "%" PRIu64 " trial%s", create->total, create->total == 1 ? "" : "s");
    else
        fputs("no limit on trials", out);
    if (slots > 0)
        fprintf(out, ", %" PRIu64 " at a time", place_at_once(b->spec, slots));
    if (spec_is_random(b->spec))
        fprintf(out, ", seed %" PRIu64, create->seed);
    fputs(".\n", out);
}
