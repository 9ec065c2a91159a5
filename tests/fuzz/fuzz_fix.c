/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a spec that is mended: every edit lies in the text or is left alone, the text has no
 * more errors for it and is YAML as before, mending it again changes nothing, no edit is shown that
 * is not made then, and what is said of it can be printed. */
#include <string.h>

#include "base/check.h"
#include "base/diag/diag_print.h"
#include "base/diag/fix.h"
#include "base/yaml/yaml.h"
#include "language/spec_read.h"
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

/* Returns the number of errors; *ret_edits: of the diagnostics that would be mended. */
static size_t judge(const char *text, size_t len, size_t *ret_edits)
{
    struct arena a;
    struct diags d;
    struct buf said;
    arena_init(&a);
    buf_init(&said, SIZE_MAX);
    diags_init(&d, &a, "fuzz.yaml");
    struct spec *s = spec_look(text, len, NULL, &d);
    spec_fix_keep(&d, text, len, NULL);
    struct source source = source_of(text, len);
    for (size_t i = 0; i < d.n; i++)
        for (size_t k = 0; k < d.items[i].edits_n; k++) {
            size_t from, to;
            if (fix_find(&source, &d.items[i].edits[k], &from, &to))
                check(from < to && to <= len);
        }
    diag_print(&said, &d, DIAG_NOTE, &(struct diag_style){text, len, 80, false});
    check(!memchr(buf_str(&said), '\x1b', said.len));
    *ret_edits = 0;
    for (size_t i = 0; i < d.n; i++)
        *ret_edits += d.items[i].edits_n > 0;
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
    check(mended > 0 || (once.len == size && memcmp(buf_str(&once), text, size) == 0));
    if (parses(text, size)) {
        check(parses(buf_str(&once), once.len));
        size_t edits, edits_left;
        check(judge(buf_str(&once), once.len, &edits_left) <= judge(text, size, &edits));
        check((mended > 0) == (edits > 0) && edits_left == 0);
    }
    check(spec_fix(&twice, buf_str(&once), once.len, NULL) == 0 && twice.len == once.len);
    buf_done(&once);
    buf_done(&twice);
    return 0;
}
