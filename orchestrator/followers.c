/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A follower, and the number of the fact that it gets next:
 *
 *   next <= last durable: reading --- the last page is read ---> live --- a commit: handed on
 *                            '------- too many commits: skips to the last ---^
 *
 * A live follower gets the facts of each commit from its number on; a reading one gets them from
 * the store, a page at a time, in turn with the others that read and have room. The number alone decides, so that no fact comes twice or is skipped unsaid. */
#include "orchestrator/followers.h"

#include <uv.h>

#include "base/mem.h"
#include "net/log.h"
#include "orchestrator/view/view_facts.h"

struct follower {
    uint64_t name, next;
    uint64_t missed; /* facts that were committed while it read, and had no room */
    followers_fn fn; /* NULL: removed */
    const struct followers_pace *pace; /* NULL: it is never slow */
    void *arg;
};

struct followers {
    uv_idle_t read;
    char *dir;
    struct view *view;                /* while somebody reads */
    uint64_t last, last_name, served; /* served: the name of the one that had the last page */
    struct follower *items;
    size_t n, cap;
    bool closing;
};

static void on_read(uv_idle_t *idle);

static bool follower_reads(const struct followers *fs, size_t i)
{
    return fs->items[i].fn && fs->items[i].next <= fs->last;
}

bool followers_are_reading(const struct followers *fs)
{
    for (size_t i = 0; i < fs->n; i++)
        if (follower_reads(fs, i))
            return true;
    return false;
}

struct followers *followers_new(struct uv_loop_s *loop, const char *dir, uint64_t last)
{
    struct followers *fs = mem_alloc(sizeof *fs);
    fs->dir = mem_strdup(dir);
    fs->last = last;
    uv_idle_init(loop, &fs->read);
    fs->read.data = fs;
    return fs;
}

uint64_t followers_add(struct followers *fs, uint64_t from, followers_fn fn,
                       const struct followers_pace *pace, void *arg)
{
    fs->items = mem_grow(fs->items, &fs->cap, fs->n + 1, sizeof *fs->items);
    fs->items[fs->n++] = (struct follower){
        .name = ++fs->last_name, .next = from, .fn = fn, .pace = pace, .arg = arg};
    if (from <= fs->last)
        followers_wake(fs);
    return fs->last_name;
}

static void reading_start(struct followers *fs)
{
    if (!fs->closing)
        uv_idle_start(&fs->read, on_read);
}

void followers_wake(struct followers *fs)
{
    if (followers_are_reading(fs))
        reading_start(fs);
}

/* Frees the place only later: the caller may be another follower's function. */
void followers_remove(struct followers *fs, uint64_t name)
{
    for (size_t i = 0; i < fs->n; i++)
        if (fs->items[i].name == name)
            fs->items[i].fn = NULL;
    reading_start(fs); /* which sweeps it out */
}

static void sweep_out(struct followers *fs)
{
    size_t n = 0;
    for (size_t i = 0; i < fs->n; i++)
        if (fs->items[i].fn)
            fs->items[n++] = fs->items[i];
    fs->n = n;
}

/* The array may move while fn runs, so each call finds the follower by its index. */
static void hand_on(struct followers *fs, size_t i, const struct fact *f)
{
    const struct follower follower = fs->items[i];
    if (!follower.fn || f->seq < follower.next)
        return;
    fs->items[i].next = f->seq + 1;
    follower.fn(follower.arg, f);
}

static bool follower_has_room(const struct followers *fs, size_t i)
{
    const struct follower *follower = &fs->items[i];
    return follower->fn && (!follower->pace || follower->pace->room(follower->arg));
}

/* Nothing is folded while somebody reads, so a slow one must not read for ever. */
static void skip_if_late(struct followers *fs, size_t i, size_t committed)
{
    struct follower *follower = &fs->items[i];
    if (!follower_reads(fs, i) || follower_has_room(fs, i))
        return;
    follower->missed += committed;
    if (follower->missed < FOLLOWERS_LATE)
        return;
    follower->next = fs->last + 1;
    follower->pace->late(follower->arg, fs->last);
}

void followers_committed(struct followers *fs, const struct fact *facts, size_t n)
{
    size_t followers = fs->n;
    uint64_t before = fs->last;
    if (n == 0)
        return;
    fs->last = facts[n - 1].seq;
    for (size_t i = 0; i < followers; i++)
        for (size_t j = 0; j < n && fs->items[i].next > before; j++)
            hand_on(fs, i, &facts[j]);
    for (size_t i = 0; i < followers; i++)
        skip_if_late(fs, i, n);
    sweep_out(fs);
}

struct reading {
    struct followers *followers;
    size_t i;
};

static bool on_fact(void *arg, const struct fact *f)
{
    const struct reading *r = arg;
    bool taken = follower_has_room(r->followers, r->i);
    if (taken)
        hand_on(r->followers, r->i, f);
    return taken;
}

static int read_page(struct followers *fs, size_t i, struct err *err)
{
    struct reading reading = {fs, i};
    uint64_t next = 0;
    bool end = false;
    int rc = fs->view ? 0 : view_open(fs->dir, &fs->view, err);
    if (rc == 0)
        rc = view_facts(fs->view, fs->items[i].next, FOLLOWERS_PAGE, FOLLOWERS_PAGE_BYTES, on_fact,
                        &reading, &next, &end, err);
    if (rc != 0)
        return rc;
    if (end && next <= fs->last) /* numbers may be missing */
        next = fs->last + 1;
    if (next > fs->items[i].next)
        fs->items[i].next = next;
    return 0;
}

/* The first after the one that had the last page, else the first; fs->n if there is none. Names
 * ascend. */
static size_t follower_whose_turn(const struct followers *fs)
{
    size_t first = fs->n;
    for (size_t i = 0; i < fs->n; i++) {
        if (!follower_reads(fs, i) || !follower_has_room(fs, i))
            continue;
        if (fs->items[i].name > fs->served)
            return i;
        if (first == fs->n)
            first = i;
    }
    return first;
}

static void on_read(uv_idle_t *idle)
{
    struct followers *fs = idle->data;
    struct err err = {0};
    size_t i = follower_whose_turn(fs);
    if (i < fs->n) {
        fs->served = fs->items[i].name;
        if (read_page(fs, i, &err) != 0) {
            LOG(LOG_ERROR, "followers.read", log_text("why", err.text));
            fs->items[i].fn = NULL;
        }
    } else {
        uv_idle_stop(&fs->read);
    }
    sweep_out(fs);
    if (followers_are_reading(fs))
        return;
    uv_idle_stop(&fs->read);
    view_close(fs->view);
    fs->view = NULL;
}

void followers_close(struct followers *fs)
{
    fs->closing = true;
    uv_close((uv_handle_t *)&fs->read, NULL);
}

void followers_free(struct followers *fs)
{
    if (!fs)
        return;
    view_close(fs->view);
    mem_free(fs->items);
    mem_free(fs->dir);
    mem_free(fs);
}
