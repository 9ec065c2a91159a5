/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/steer/named.h"

#include <string.h>

#include "base/mem.h"

static struct named *named_of(struct named_list *list, const char *sweep)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].sweep, sweep) == 0)
            return &list->items[i];
    list->items = mem_grow(list->items, &list->cap, list->n + 1, sizeof *list->items);
    struct named *one = &list->items[list->n++];
    *one = (struct named){0};
    memcpy(one->sweep, sweep, strlen(sweep) + 1);
    return one;
}

int named_add(struct looking *l, const char *what, size_t most, struct named_list *list,
              struct err *err)
{
    char id[16];
    uint64_t number = 0;
    bool is_trial = false;
    int rc = view_find(l->view, what, id, &is_trial, &number, err);
    if (rc != 0)
        return rc;
    struct named *one = named_of(list, id);
    one->itself |= !is_trial;
    if (!is_trial)
        return 0;
    if (one->n == most)
        return err_set(err, ERR_USAGE, "at most %zu trials of a sweep can be named at once", most);
    one->numbers = mem_grow(one->numbers, &one->cap, one->n + 1, sizeof *one->numbers);
    one->numbers[one->n++] = number;
    return 0;
}

void named_done(struct named_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        mem_free(list->items[i].numbers);
    mem_free(list->items);
}
