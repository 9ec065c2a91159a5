/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/elapsed.h"

#include <math.h>
#include <stdio.h>

void elapsed_format(char out[ELAPSED_BYTES], double seconds)
{
    if (!(seconds >= 0) || seconds > 1e12) {
        snprintf(out, ELAPSED_BYTES, "-");
        return;
    }
    /* Rounded first, so that 59.7 is 1m00s and never 60s. */
    if (seconds < 9.95) {
        snprintf(out, ELAPSED_BYTES, "%.1fs", seconds);
        return;
    }
    long long s = llround(seconds);
    if (s < 60)
        snprintf(out, ELAPSED_BYTES, "%llds", s);
    else if (s < 3600)
        snprintf(out, ELAPSED_BYTES, "%lldm%02llds", s / 60, s % 60);
    else if (s < 86400)
        snprintf(out, ELAPSED_BYTES, "%lldh%02lldm", s / 3600, s % 3600 / 60);
    else
        snprintf(out, ELAPSED_BYTES, "%lldd%02lldh", s / 86400, s % 86400 / 3600);
}

void elapsed_ago(char out[ELAPSED_BYTES], double seconds)
{
    long long minutes = seconds >= 0 && seconds < 1e12 ? (long long)seconds / 60 : 0;
    if (minutes == 0)
        snprintf(out, ELAPSED_BYTES, "just now");
    else if (minutes < 2 * 60)
        snprintf(out, ELAPSED_BYTES, "%lld min ago", minutes);
    else if (minutes < 2 * 60 * 24)
        snprintf(out, ELAPSED_BYTES, "%lld h ago", minutes / 60);
    else
        snprintf(out, ELAPSED_BYTES, "%lld days ago", minutes / 60 / 24);
}
