/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/until.h"

#include <time.h>

#include "language/moment.h"

static struct tm until_fields(const struct moment *m, int64_t now_ms)
{
    time_t now = (time_t)(now_ms / 1000);
    struct tm at = {0};
    localtime_r(&now, &at);
    if (m->has_date) {
        at.tm_year = m->year - 1900;
        at.tm_mon = m->month - 1;
        at.tm_mday = m->day;
    }
    at.tm_hour = m->hour;
    at.tm_min = m->minute;
    at.tm_sec = m->second;
    at.tm_isdst = -1;
    return at;
}

int64_t until_ms(const struct spec *spec, int64_t now_ms)
{
    struct moment m;
    if (!spec->budget.until || !moment_parse(spec->budget.until, &m))
        return 0;
    if (m.has_zone)
        return moment_ms(&m);
    struct tm at = until_fields(&m, now_ms), next = at;
    int64_t ms = (int64_t)mktime(&at) * 1000;
    next.tm_mday++;
    return m.has_date || ms > now_ms ? ms : (int64_t)mktime(&next) * 1000;
}
