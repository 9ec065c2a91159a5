/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/nearest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag/display.h"

enum { NEAREST_BYTES_MAX = 48 };

static char lower_case(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static size_t least_of_three(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Edits from a to b: insert, delete, replace, or swap two neighbours. Returns some number above
 * `most` if more are needed: cells further than `most` from the diagonal (Ukkonen 1985) are
 * skipped. */
static size_t count_edits(const char *a, size_t an, const char *b, size_t bn, size_t most)
{
    if ((an > bn ? an - bn : bn - an) > most)
        return most + 1;
    size_t rows[3][NEAREST_BYTES_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= bn; j++)
        last[j] = before[j] = j;
    for (size_t i = 1; i <= an; i++) {
        size_t low = i > most ? i - most : 1, high = i + most < bn ? i + most : bn, least = i;
        now[low - 1] = low == 1 ? i : most + 1;
        if (high < bn)
            now[high + 1] = most + 1;
        for (size_t j = low; j <= high; j++) {
            size_t cost = lower_case(a[i - 1]) != lower_case(b[j - 1]);
            now[j] = least_of_three(last[j] + 1, now[j - 1] + 1, last[j - 1] + cost);
            if (i > 1 && j > 1 && lower_case(a[i - 1]) == lower_case(b[j - 2]) &&
                lower_case(a[i - 2]) == lower_case(b[j - 1]) && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
            least = least < now[j] ? least : now[j];
        }
        /* A swap looks back over one row, and adds one to it. */
        if (least > most + 1)
            return most + 1;
        size_t *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[bn];
}

struct found {
    const char *name;
    size_t away;
    bool alone; /* no other is as near */
};

static struct found nearest_find(const char *name, const void *names, size_t n, size_t stride)
{
    size_t len = strlen(name);
    struct found found = {0};
    if (len > NEAREST_BYTES_MAX)
        return found;
    for (size_t i = 0; i < n; i++) {
        const char *other;
        memcpy(&other, (const char *)names + i * stride, sizeof other);
        size_t other_len = strlen(other);
        if (other_len > NEAREST_BYTES_MAX)
            continue;
        /* A beginning of the other name: people may know a word but not its end. */
        bool begins = len >= 2 && strncmp(name, other, len) == 0;
        size_t allowed = (len > other_len ? len : other_len) / 3;
        if (found.name && found.away < allowed)
            allowed = found.away;
        size_t away = begins ? 1 : count_edits(name, len, other, other_len, allowed);
        if (!begins && away > allowed)
            continue;
        if (found.name && away == found.away)
            found.alone = false;
        if (!found.name || away < found.away)
            found = (struct found){other, away, true};
    }
    return found;
}

const char *nearest_name(const char *name, const void *names, size_t n, size_t stride)
{
    return nearest_find(name, names, n, stride).name;
}

const char *nearest_sure(const char *name, const void *names, size_t n, size_t stride)
{
    enum { LEAST_BYTES = 4, AWAY_MAX = 2 };
    struct found found = nearest_find(name, names, n, stride);
    bool sure = found.name && found.alone && found.away <= AWAY_MAX && strlen(name) >= LEAST_BYTES;
    sure = sure || (found.name && found.away == 0); /* equal but for capitals */
    return sure ? found.name : NULL;
}

static void name_clean(struct buf *out, const char *name)
{
    display_clean(out, name, strlen(name));
}

int nearest_unknown(struct err *err, const char *what, const char *name, size_t len,
                    const struct value *names)
{
    struct buf text, list, one;
    const char *copies[64] = {NULL};
    size_t n = names->list.n < 64 ? names->list.n : 64, shown = 0;
    char wanted[81];
    buf_init(&text, ERR_TEXT_BYTES);
    buf_init(&list, ERR_TEXT_BYTES);
    buf_init(&one, SIZE_MAX);
    len = len < sizeof wanted ? len : sizeof wanted - 1;
    memcpy(wanted, name, len);
    wanted[len] = '\0';
    for (size_t i = 0; i < n; i++)
        copies[i] = names->list.items[i]->s.ptr;
    const char *near = nearest_name(wanted, copies, n, sizeof *copies);
    buf_addf(&text, "%s: '", what);
    name_clean(&text, wanted);
    buf_adds(&text, "' is unknown");
    if (near) {
        buf_adds(&text, ": did you mean '");
        name_clean(&text, near);
        buf_adds(&text, "'?");
    }
    for (; shown < names->list.n; shown++) {
        buf_clear(&one);
        name_clean(&one, names->list.items[shown]->s.ptr);
        if (list.len + one.len + 24 > ERR_TEXT_BYTES - 200)
            break;
        buf_addf(&list, "%s%s", shown ? ", " : "", buf_str(&one));
    }
    if (shown < names->list.n)
        buf_addf(&list, " and %zu more", names->list.n - shown);
    int rc = err_set(err, ERR_USAGE, "%s\nknown: %s", buf_peek(&text), buf_peek(&list));
    buf_done(&one);
    buf_done(&list);
    buf_done(&text);
    return rc;
}
