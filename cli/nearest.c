/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/nearest.h"

#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t nearest_distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    if (la > NEAREST_WORD_MAX || lb > NEAREST_WORD_MAX)
        return SIZE_MAX;
    size_t rows[3][NEAREST_WORD_MAX + 1];
    size_t *two_up = rows[0], *up = rows[1], *row = rows[2];
    for (size_t j = 0; j <= lb; j++)
        up[j] = j;
    for (size_t i = 1; i <= la; i++) {
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            row[j] = least(up[j - 1] + (a[i - 1] != b[j - 1]), least(up[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], two_up[j - 2] + 1);
        }
        size_t *spare = two_up;
        two_up = up;
        up = row;
        row = spare;
    }
    return up[lb];
}

int nearest_enough(const char *a, const char *b, size_t distance)
{
    /* A prefix is what somebody types who knows the word but not to its end. */
    if (strlen(a) >= 2 && strncmp(a, b, strlen(a)) == 0)
        return 1;
    return distance <= 1 + strlen(a) / 4 && distance < strlen(a);
}
