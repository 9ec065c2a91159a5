/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/cell.h"

#include <math.h>

#include "base/json.h"

const char *cell_number(struct arena *a, double f, int digits)
{
    if (!isfinite(f))
        return isnan(f) ? "NaN" : f > 0 ? "Infinity" : "-Infinity";
    /* 16384.5 in four digits is 16384 rather than 1.638e+04, which is longer and says less. */
    if (fabs(f) >= pow(10, digits) && fabs(f) < 1e7)
        return arena_printf(a, "%.0f", f);
    return arena_printf(a, "%.*g", digits, f);
}

const char *cell_rounded(struct arena *a, const struct value *v, int digits)
{
    if (!v || v->kind == VALUE_NULL)
        return "";
    if (v->kind == VALUE_FLOAT)
        return cell_number(a, v->f, digits);
    if (v->kind == VALUE_STR)
        return v->s.ptr;
    return json_text(a, v, JSON_COMPACT);
}

const char *cell_value(struct arena *a, const struct value *v)
{
    return cell_rounded(a, v, CELL_DIGITS);
}
