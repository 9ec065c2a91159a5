/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/picture/category.h"

#include <string.h>

#include "base/number/python.h"

const char *category_name(struct arena *a, const struct factor *f, size_t i)
{
    if (i >= f->levels)
        return "other";
    struct buf text;
    buf_init(&text, SIZE_MAX);
    python_str(&text, f->p->distinct->list.items[i]);
    const char *copy = arena_strndup(a, buf_str(&text), text.len);
    buf_done(&text);
    return *copy ? copy : "(empty)";
}

double category_y(const struct factor *f, double i, double to, double from)
{
    return to + (from - to) * (i + 0.5) / (double)factor_places(f);
}
