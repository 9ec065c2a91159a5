/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/api/api_pages.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"

const char *api_pages_key(const struct desk_call *c)
{
    static const char *const names[] = {"entity", "project", "filters", "order"};
    struct value *key = value_list(c->arena);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = desk_call_text(c, names[i]);
        value_push(c->arena, key, text ? value_str(c->arena, text) : value_null(c->arena));
    }
    return json_text(c->arena, key, JSON_COMPACT);
}

const struct api_pages_list *api_pages_find(const struct api_pages *p, const char *key,
                                            int64_t now_ms)
{
    for (size_t i = 0; i < API_PAGES_LISTS; i++)
        if (p->lists[i].key && strcmp(p->lists[i].key, key) == 0 &&
            now_ms - p->lists[i].made_ms < API_PAGES_MS)
            return &p->lists[i];
    return NULL;
}

static void list_clear(struct api_pages_list *l)
{
    mem_free(l->key);
    mem_free(l->numbers);
    *l = (struct api_pages_list){0};
}

void api_pages_keep(struct api_pages *p, const char *key, const int64_t *numbers, size_t n,
                    int64_t now_ms)
{
    struct api_pages_list *l = NULL;
    for (size_t i = 0; i < API_PAGES_LISTS; i++)
        if (p->lists[i].key && strcmp(p->lists[i].key, key) == 0)
            l = &p->lists[i];
    if (!l) {
        l = &p->lists[p->next];
        p->next = (p->next + 1) % API_PAGES_LISTS;
    }
    list_clear(l);
    *l = (struct api_pages_list){mem_strdup(key), mem_alloc(n * sizeof *numbers + 1), n, now_ms};
    memcpy(l->numbers, numbers, n * sizeof *numbers);
}

void api_pages_done(struct api_pages *p)
{
    for (size_t i = 0; i < API_PAGES_LISTS; i++)
        list_clear(&p->lists[i]);
}
