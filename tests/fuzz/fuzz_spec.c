/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as a sweep file: it is refused with a reason, or it is a spec that reads back the same
 * from what the store keeps, and whose strategy proposes points that are JSON. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "strategies/strategy.h"
#include "tests/fuzz/fuzz.h"

enum { PROPOSALS = 3 };

static void check_content(struct arena *a, const struct spec *spec)
{
    struct diags d;
    struct value *content = NULL;
    const char *text = spec_content_text(a, spec);
    diags_init(&d, a, "store");
    check(json_parse(a, text, strlen(text), &content, NULL) == 0);
    struct spec *again = spec_read_content(content, &d);
    check(again != NULL && again->method == spec->method);
    check(again->space.n == spec->space.n);
    check(strcmp(spec_content_text(a, again), text) == 0);
    spec_free(again);
}

static void check_proposals(struct arena *a, const struct spec *spec)
{
    struct strategy *s = NULL;
    struct proposal proposal;
    struct err err;
    if (strategy_new(spec, 1, &s, &err) != 0)
        return;
    for (int i = 0; i < PROPOSALS && strategy_propose(s, a, &proposal, &err) == 0; i++) {
        struct value *v = NULL;
        const char *text = json_text(a, proposal.params, JSON_COMPACT);
        check(json_parse(a, text, strlen(text), &v, NULL) == 0);
    }
    strategy_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a, "fuzz.yaml");
    struct spec *spec = spec_read((const char *)data, size, &d);
    check((spec == NULL) == (d.errors > 0));
    if (spec) {
        check_content(&a, spec);
        check_proposals(&a, spec);
        spec_free(spec);
    }
    arena_done(&a);
    return 0;
}
