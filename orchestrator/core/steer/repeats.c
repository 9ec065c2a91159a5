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

/* The sender is the first word of the key, with which the content begins. */
static bool repeat_is_of(const struct repeat *one, const char *key)
{
    size_t len = strcspn(key, " ");
    return strncmp(one->content, key, len) == 0 &&
           (one->content[len] == ' ' || one->content[len] == '\n');
}

/* Forgets the oldest of the same sender, or of all if it has none, where too many are kept. Others wait
 * for one that is not done, so it stays. False: there is no room. */
static bool repeats_make_room(struct repeats *r, const char *key)
{
    struct repeat *own = NULL, *oldest = NULL;
    size_t own_n = 0;
    void *value;
    for (size_t at = 0; map_next(&r->by_key, &at, &value);) {
        struct repeat *one = value;
        bool same = repeat_is_of(one, key);
        own_n += same;
        if (one->done && same && !own)
            own = one;
        if (one->done && !oldest)
            oldest = one;
    }
    if (own_n < REPEATS_OF_ONE && r->by_key.live < REPEATS_MAX)
        return true;
    struct repeat *gone = own_n > 0 ? own : oldest;
    if (!gone)
        return false;
    map_remove(&r->by_key, gone->content, strcspn(gone->content, "\n"));
    repeat_free(gone);
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
    if (new && !repeats_make_room(r, key))
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
