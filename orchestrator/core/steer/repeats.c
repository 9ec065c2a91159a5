/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/steer/repeats.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

static void repeat_free(struct repeat *one)
{
    mem_free(one->content);
    mem_free(one->text);
    mem_free(one);
}

void repeats_init(struct repeats *r)
{
    map_init(&r->by_key);
}

void repeats_done(struct repeats *r)
{
    void *value;
    for (size_t at = 0; map_next(&r->by_key, &at, &value);)
        repeat_free(value);
    map_done(&r->by_key);
}

/* Forgets the oldest that is done: others wait for the rest. False: there is no such. Keys are kept
 * beside their entry, which map_next() does not tell. */
static bool repeats_make_room(struct repeats *r)
{
    struct repeat *oldest = NULL;
    void *value;
    if (r->by_key.live < REPEATS_MAX)
        return true;
    for (size_t at = 0; !oldest && map_next(&r->by_key, &at, &value);)
        if (((struct repeat *)value)->done)
            oldest = value;
    if (!oldest)
        return false;
    map_remove(&r->by_key, oldest->content, strcspn(oldest->content, "\n"));
    repeat_free(oldest);
    return true;
}

static char *content_keep(const char *key, const char *content)
{
    size_t n = strlen(key), len = strlen(content);
    char *kept = mem_alloc(n + len + 2);
    memcpy(kept, key, n);
    kept[n] = '\n';
    memcpy(kept + n + 1, content, len + 1);
    return kept;
}

enum repeats_word repeats_look(struct repeats *r, const char *key, const char *content,
                               uint64_t request, const struct repeat **ret)
{
    size_t len = strlen(key);
    PRE(len > 0 && len <= REPEATS_KEY_BYTES && !strchr(key, '\n'));
    struct repeat *one = map_find(&r->by_key, key, len);
    *ret = one;
    if (one && strcmp(one->content + len + 1, content) != 0)
        return REPEATS_ANOTHER;
    if (one && one->done)
        return REPEATS_DONE;
    if (one && one->waiting_n == REPEATS_WAITING_MAX)
        return REPEATS_CROWDED;
    bool new = !one;
    if (new && !repeats_make_room(r))
        return REPEATS_CROWDED;
    if (new) {
        one = mem_alloc(sizeof *one);
        one->content = content_keep(key, content);
        map_put(&r->by_key, key, len, one);
        *ret = one;
    }
    one->waiting[one->waiting_n++] = request;
    return new ? REPEATS_NEW : REPEATS_WAIT;
}

size_t repeats_answer(struct repeats *r, const char *key, int code, const char *text,
                      uint64_t ret[REPEATS_WAITING_MAX])
{
    struct repeat *one = map_find(&r->by_key, key, strlen(key));
    if (!one || one->done)
        return 0;
    size_t n = one->waiting_n;
    memcpy(ret, one->waiting, n * sizeof *ret);
    one->waiting_n = 0;
    one->done = true;
    one->code = code;
    one->text = mem_strdup(text);
    return n;
}
