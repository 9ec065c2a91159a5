/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/memory_size.h"

#include <stddef.h>
#include <string.h>

/* A larger size is a mistake; the limit is far below overflow. */
static const double bytes_max = 1e18;

bool memory_size_parse(const char *text, uint64_t *ret)
{
    static const struct {
        const char *unit;
        double bytes;
    } units[] = {{"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}, {"TiB", 1099511627776.0},
                 {"KB", 1e3},   {"MB", 1e6},      {"GB", 1e9},         {"TB", 1e12}};
    double sum = 0, scale = 1;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++)
        sum = sum * 10 + (*p - '0');
    if (p == text)
        return false;
    if (*p == '.')
        for (p++; *p >= '0' && *p <= '9'; p++)
            sum += (*p - '0') * (scale /= 10);
    while (*p == ' ')
        p++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i].unit, p) != 0)
            continue;
        double bytes = sum * units[i].bytes;
        if (!(bytes >= 1 && bytes <= bytes_max))
            return false;
        *ret = (uint64_t)bytes;
        return true;
    }
    return false;
}
