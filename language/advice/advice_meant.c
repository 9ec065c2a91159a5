/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/advice_meant.h"

#include <string.h>
#include <strings.h>

static const char *text_of(const struct value *v)
{
    return v->kind == VALUE_STR ? v->s.ptr : "";
}

/* Reads one or two digits and returns how many. */
static int read_two(const char *p, int *ret)
{
    int n = 0;
    for (*ret = 0; n < 2 && p[n] >= '0' && p[n] <= '9'; n++)
        *ret = *ret * 10 + (p[n] - '0');
    return n;
}

const char *advice_meant_moment(struct arena *a, const struct value *v)
{
    int hour, minute = 0;
    const char *p = text_of(v);
    if (v->kind == VALUE_INT && v->i >= 60 && v->i < 1440) /* YAML reads it in base 60 */
        return arena_printf(a, "'%02d:%02d'", (int)v->i / 60, (int)v->i % 60);
    int digits = read_two(p, &hour);
    p += digits;
    if (digits > 0 && *p == ':' && read_two(p + 1, &minute) == 2)
        p += 3;
    p += strspn(p, " ");
    bool pm = strcasecmp(p, "pm") == 0, half = pm || strcasecmp(p, "am") == 0;
    if (digits == 0 || (*p && !half) || minute > 59 || hour > (half ? 12 : 23) || (half && !hour))
        return NULL;
    if (half)
        hour = hour % 12 + (pm ? 12 : 0);
    return arena_printf(a, "'%02d:%02d'", hour, minute);
}

/* 1:30:00, which people write for an hour and a half. */
static const char *clock_span(struct arena *a, const char *p)
{
    static const char units[] = "hms";
    const char *span = "";
    for (int i = 0; i < 3; i++) {
        int part, digits = read_two(p, &part);
        p += digits;
        if (digits == 0 || *p != (i < 2 ? ':' : '\0'))
            return NULL;
        p += *p == ':';
        if (part > 0)
            span = arena_printf(a, "%s%d%c", span, part, units[i]);
    }
    return *span ? span : NULL;
}

const char *advice_meant_span(struct arena *a, const struct value *v)
{
    static const char *const words[] = {"d",       "day",   "days", "h",    "hr",     "hrs",
                                        "hour",    "hours", "m",    "min",  "mins",   "minute",
                                        "minutes", "s",     "sec",  "secs", "second", "seconds"};
    const char *p = text_of(v);
    size_t digits = strspn(p, "0123456789");
    const char *unit = p + digits + strspn(p + digits, " ");
    if (digits == 0 || digits > 6)
        return NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i], unit) == 0 && strspn(p, "0") < digits)
            return arena_printf(a, "%.*s%c", (int)digits, p, *words[i]);
    return clock_span(a, p);
}

/* `8G` and `8 gb` do not say whether the unit is a power of 1024 or of 1000. */
const char *advice_meant_memory(struct arena *a, const struct value *v)
{
    static const char letters[] = "KMGT";
    const char *p = text_of(v);
    size_t digits = strspn(p, "0123456789.");
    const char *unit = p + digits + strspn(p + digits, " ");
    const char *letter = *unit ? strchr(letters, *unit & ~0x20) : NULL;
    if (digits == 0 || digits > 12 || !letter || !*letter)
        return NULL;
    return arena_printf(a, "%.*s%ciB", (int)digits, p, *letter);
}
