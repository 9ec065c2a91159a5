/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/look/losses.h"

#include <inttypes.h>

void losses_print(struct buf *out, const struct value *of)
{
    static const struct {
        const char *key, *one, *many;
    } kinds[] = {
        {"bad_lines", "bad line", "bad lines"},
        {"long_lines", "line over 64 KiB", "lines over 64 KiB"},
        {"dropped_values", "value past 10,000 names", "values past 10,000 names"},
        {"stdout_dropped", "byte of stdout past 64 MiB", "bytes of stdout past 64 MiB"},
        {"rewrites", "overwriting of $BESOM_METRICS", "overwritings of $BESOM_METRICS"},
    };
    const char *comma = "";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int64_t n = value_get_int(of, kinds[i].key, 0);
        if (n <= 0)
            continue;
        buf_addf(out, "%s%" PRId64 " %s", comma, n, n == 1 ? kinds[i].one : kinds[i].many);
        comma = ", ";
    }
}
