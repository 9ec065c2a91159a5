/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a spec that is mended: every edit lies in the text or is left alone, the text has no
 * more errors for it and is YAML as before, mending it again changes nothing, and what is said of
 * it can be printed. */
#include <string.h>

#include "base/check.h"
#include "base/diag_print.h"
#include "base/fix.h"
#include "base/yaml.h"
#include "language/spec.h"
#include "language/spec_fix.h"
#include "tests/fuzz/fuzz.h"

static bool parses(const char *text, size_t len)
{
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a, NULL);
    bool ok = yaml_look(&a, text, len, &d) != NULL;
    arena_done(&a);
    return ok;
}

static size_t judge(const char *text, size_t len)
{
    struct arena a;
    struct diags d;
    struct buf said;
    arena_init(&a);
    buf_init(&said, 64 << 20);
    diags_init(&d, &a, "fuzz.yaml");
    struct spec *s = spec_look(text, len, NULL, &d);
    struct source source = source_of(text, len);
    for (size_t i = 0; i < d.n; i++)
        for (size_t k = 0; k < d.items[i].edits_n; k++) {
            size_t from, to;
            if (fix_find(&source, &d.items[i].edits[k], &from, &to))
                check(from < to && to <= len);
        }
    diag_print(&said, &d, DIAG_NOTE, &(struct diag_style){text, len, 80, false});
    check(!memchr(said.data, '\x1b', said.len));
    spec_free(s);
    buf_done(&said);
    arena_done(&a);
    return d.errors;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct buf once, twice;
    buf_init(&once, SIZE_MAX);
    buf_init(&twice, SIZE_MAX);
    size_t mended = spec_fix(&once, text, size, NULL);
    check(mended > 0 || (once.len == size && memcmp(once.data, text, size) == 0));
    if (parses(text, size)) {
        check(parses(once.data, once.len));
        check(judge(once.data, once.len) <= judge(text, size));
    }
    check(spec_fix(&twice, once.data, once.len, NULL) == 0 && twice.len == once.len);
    buf_done(&once);
    buf_done(&twice);
    return 0;
}
