/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/spool_gaps.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static FILE *gaps_open(const char *dir, const char *how)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/" SPOOL_GAPS_FILE, dir);
    return n > 0 && (size_t)n < sizeof path ? fopen(path, how) : NULL;
}

static bool gaps_next(FILE *f, struct spool_gap *ret)
{
    return fscanf(f, "%" SCNu32 " %" SCNu64 " %" SCNu64 " %" SCNu64, &ret->stream, &ret->from,
                  &ret->to, &ret->lines) == 4;
}

int spool_gaps_add(const char *dir, const struct spool_gap *gap, struct err *err)
{
    FILE *f = gaps_open(dir, "ae");
    bool written = f && fprintf(f, "%" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", gap->stream,
                                gap->from, gap->to, gap->lines) > 0;
    if (f && fclose(f) != 0)
        written = false;
    return written ? 0 : err_set(err, ERR_IO, "%s/" SPOOL_GAPS_FILE ": %s", dir, strerror(errno));
}

bool spool_gaps_find(const char *dir, uint32_t stream, uint64_t offset, struct spool_gap *ret)
{
    struct spool_gap gap;
    bool found = false;
    FILE *f = gaps_open(dir, "re");
    while (f && gaps_next(f, &gap))
        if (gap.stream == stream && gap.to > offset && (!found || gap.from < ret->from)) {
            *ret = gap;
            found = true;
        }
    if (f)
        fclose(f);
    return found;
}

uint64_t spool_gaps_lines(const char *dir, uint32_t streams)
{
    struct spool_gap gap;
    uint64_t lines = 0;
    FILE *f = gaps_open(dir, "re");
    while (f && gaps_next(f, &gap))
        lines += gap.stream < streams ? gap.lines : 0;
    if (f)
        fclose(f);
    return lines;
}
