/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/base/gen.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

double gen_float(struct rng *r)
{
    uint64_t bits = rng_u64(r);
    double f;
    switch (rng_below(r, 5)) {
    case 0:
        memcpy(&f, &bits, sizeof f);
        return isfinite(f) ? f : 0.5;
    case 1:
        return (double)rng_below(r, 100000) / pow(10, (double)rng_below(r, 12));
    case 2:
        f = ldexp(1, (int)rng_below(r, 2098) - 1074);
        return rng_below(r, 2) ? f : nextafter(f, rng_below(r, 2) ? INFINITY : 0);
    case 3:
        return (double)(int64_t)bits / (double)(1 + rng_below(r, 3));
    default:
        return rng_unit(r);
    }
}

static uint32_t gen_character(struct rng *r)
{
    static const uint32_t odd[] = {'\'',   '"',    '\\',   '\t',   '\n',   '\r',   1,
                                   0x7F,   0x85,   0xA0,   0xAD,   0x200B, 0x2028, 0x3000,
                                   0xFEFF, 0xFFFD, 0xE000, 0xFFFE, '/',    0x1F600};
    uint32_t c;
    switch (rng_below(r, 8)) {
    case 0:
        return odd[rng_below(r, sizeof odd / sizeof *odd)];
    case 1:
        return (uint32_t)(1 + rng_below(r, 0x5FF));
    case 2:
        c = (uint32_t)(1 + rng_below(r, 0xFFFF));
        return c >= 0xD800 && c < 0xE000 ? 0x4E2D : c;
    case 3:
        return (uint32_t)(0x10000 + rng_below(r, 0x100000));
    default:
        return (uint32_t)(' ' + rng_below(r, 95));
    }
}

static struct value *gen_str(struct rng *r, struct arena *a)
{
    char s[20 * UTF8_BYTES_MAX];
    size_t n = 0;
    for (uint64_t left = rng_below(r, 12); left > 0; left--)
        n += utf8_encode(s + n, gen_character(r));
    return value_strn(a, s, n);
}

struct value *gen_value(struct rng *r, struct arena *a, int depth)
{
    struct value *v;
    switch (rng_below(r, depth > 0 ? 10 : 7)) {
    case 0:
        return rng_below(r, 2) ? value_null(a) : value_bool(a, rng_below(r, 2));
    case 1:
        return value_int(a, (int64_t)rng_u64(r) >> rng_below(r, 64));
    case 2:
        return value_float(a, rng_below(r, 2) ? gen_float(r) : -gen_float(r));
    case 3:
        return value_float(a, (double)rng_below(r, 2000) / 100);
    case 4:
        v = value_float(a, rng_below(r, 2) ? INFINITY : -INFINITY);
        return rng_below(r, 2) ? v : value_float(a, NAN);
    case 5:
    case 6:
        return gen_str(r, a);
    case 7:
        v = value_list(a);
        for (uint64_t n = rng_below(r, 6); n > 0; n--)
            value_push(a, v, gen_value(r, a, depth - 1));
        return v;
    default:
        v = value_dict(a);
        for (uint64_t n = rng_below(r, rng_below(r, 8) ? 5 : 30); n > 0; n--)
            value_put(a, v, gen_str(r, a)->s.ptr, gen_value(r, a, depth - 1));
        return v;
    }
}

bool gen_finite(const struct value *v)
{
    if (v->kind == VALUE_FLOAT)
        return isfinite(v->f);
    if (v->kind == VALUE_LIST)
        for (size_t i = 0; i < v->list.n; i++)
            if (!gen_finite(v->list.items[i]))
                return false;
    if (v->kind == VALUE_DICT)
        for (size_t i = 0; i < v->dict.n; i++)
            if (!gen_finite(v->dict.entries[i].value))
                return false;
    return true;
}
