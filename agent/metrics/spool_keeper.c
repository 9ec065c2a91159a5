/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/spool_keeper.h"

#include <inttypes.h>
#include <uv.h>

#include "agent/attempt_log.h"
#include "agent/disk_room.h"
#include "agent/launch/launch_attempt.h"
#include "agent/metrics/spool_room.h"
#include "base/mem.h"

enum {
    LOOK_MS = 2000,
    REPORTS = 2,               /* streams whose lines somebody reported: the others go first */
    ROUNDS_MAX = 64,           /* of one look */
    READ_BYTES_MAX = 32 << 20, /* whose lines one look counts */
    LEAST_BYTES = 64 << 10,    /* less is not worth a gap */
};

struct spool_keeper {
    struct spool_keeper_config config;
    uv_timer_t timer;
};

struct keeping { /* a look */
    const struct spool_keeper_config *k;
    struct arena a;
    uint64_t used;
    uint64_t read_left;
};

static const char *entry_dir(struct keeping *w, const struct agent_entry *entry)
{
    return launch_attempt_dir(&w->a, w->k->dir, &entry->key);
}

static const char *entry_log(struct keeping *w, const struct agent_entry *entry)
{
    return attempt_log_path(&w->a, w->k->dir, &entry->key);
}

static void keeping_free(struct keeping *w, uint64_t bytes)
{
    w->used -= bytes < w->used ? bytes : w->used;
}

static void keeping_measure(struct keeping *w)
{
    void *value;
    for (size_t at = 0; map_next(&w->k->core->entries, &at, &value);)
        w->used += spool_room_used(entry_dir(w, value), entry_log(w, value));
}

static void keeping_drop_logs(struct keeping *w)
{
    void *value;
    uint64_t freed = 0;
    for (size_t at = 0; map_next(&w->k->core->entries, &at, &value);)
        freed += spool_room_drop_log(entry_log(w, value));
    keeping_free(w, freed);
    if (freed > 0)
        w->k->warned(w->k->arg, "the disk or its bound for reports is full: the middle of the logs "
                                "of running trials is dropped");
}

static void keeping_drop_sent(struct keeping *w)
{
    void *value;
    for (size_t at = 0; map_next(&w->k->core->entries, &at, &value);) {
        const struct agent_entry *entry = value;
        const char *dir = entry_dir(w, entry);
        for (uint32_t i = 0; i < AGENT_STREAMS; i++)
            keeping_free(w, spool_room_drop_sent(dir, metric_reader_file(i),
                                                 metric_reader_base(dir, i),
                                                 entry->streams[i].offset));
    }
}

/* Nothing before it may be given up: the controller has it, or may have it. */
static uint64_t stream_from(const struct keeping *w, const struct agent_entry *entry, uint32_t i)
{
    uint64_t read = readers_offset(w->k->readers, &entry->key, i);
    return read > entry->streams[i].offset ? read : entry->streams[i].offset;
}

/* Gives up the oldest lines of the attempt that has the most of them. False: nothing is left. */
static bool keeping_drop_lines(struct keeping *w, uint32_t first, uint32_t last)
{
    const struct agent_entry *most = NULL;
    struct spool_gap gap = {0};
    uint64_t longest = LEAST_BYTES, want = w->used - w->k->max + w->k->max / 8;
    void *value;
    for (size_t at = 0; map_next(&w->k->core->entries, &at, &value);)
        for (uint32_t i = first; i < last; i++) {
            const char *dir = entry_dir(w, value);
            uint64_t from = stream_from(w, value, i);
            uint64_t left = spool_room_lines_left(dir, metric_reader_file(i), i,
                                                  metric_reader_base(dir, i), &from);
            if (left <= longest)
                continue;
            longest = left;
            most = value;
            gap = (struct spool_gap){.stream = i, .from = from};
        }
    if (!most || w->read_left == 0)
        return false;
    const char *dir = entry_dir(w, most);
    struct err err = {0};
    uint64_t part = longest / 2 < LEAST_BYTES ? LEAST_BYTES : longest / 2;
    want = want < part ? want : part;
    want = want < w->read_left ? want : w->read_left;
    int rc = spool_room_drop_lines(dir, metric_reader_file(gap.stream),
                                   metric_reader_base(dir, gap.stream), want, &gap, &err);
    if (rc != 0)
        w->k->warned(w->k->arg, err.text);
    w->read_left -= want;
    keeping_free(w, gap.to - gap.from);
    return rc == 0 && gap.to > gap.from;
}

/* What nobody reported: samples of what a trial uses. */
static void keeping_drop_samples(struct keeping *w)
{
    for (int round = 0; w->used > w->k->max && round < ROUNDS_MAX; round++)
        if (!keeping_drop_lines(w, REPORTS, AGENT_STREAMS))
            return;
}

static void keeping_drop_reports(struct keeping *w)
{
    bool told = false;
    for (int round = 0; w->used > w->k->max && round < ROUNDS_MAX; round++) {
        if (!keeping_drop_lines(w, 0, REPORTS))
            break;
        told = true;
    }
    if (told)
        w->k->warned(w->k->arg,
                     "the reports of running trials take more of the disk than --spool-max: the "
                     "oldest are dropped, and besom show TRIAL will say how many");
}

static void keeper_look(const struct spool_keeper_config *k, bool full)
{
    struct keeping w = {.k = k, .read_left = READ_BYTES_MAX};
    arena_init(&w.a);
    keeping_measure(&w);
    if (w.used > k->max)
        keeping_drop_samples(&w);
    if (w.used > k->max || full)
        keeping_drop_logs(&w);
    if (w.used > k->max || full)
        keeping_drop_sent(&w);
    if (w.used > k->max)
        keeping_drop_reports(&w);
    arena_done(&w.a);
}

static void on_look(uv_timer_t *timer)
{
    const struct spool_keeper *k = timer->data;
    keeper_look(&k->config, !disk_room_find(k->config.dir, NULL));
}

struct spool_keeper *spool_keeper_new(uv_loop_t *loop, const struct spool_keeper_config *c)
{
    struct spool_keeper *k = mem_alloc(sizeof *k);
    k->config = *c;
    uv_timer_init(loop, &k->timer);
    k->timer.data = k;
    if (c->max > 0)
        uv_timer_start(&k->timer, on_look, LOOK_MS, LOOK_MS);
    return k;
}

static void on_closed(uv_handle_t *handle)
{
    mem_free(handle->data);
}

void spool_keeper_close(struct spool_keeper *k)
{
    if (k)
        uv_close((uv_handle_t *)&k->timer, on_closed);
}

const char *spool_keeper_say(struct arena *a, const char *dir, const char *text)
{
    uint64_t lines = spool_gaps_lines(dir, REPORTS);
    if (lines == 0)
        return text;
    return arena_printf(
        a, "%s%s%" PRIu64 " line%s of metrics %s dropped for want of space on the agent",
        text ? text : "", text && *text ? "; " : "", lines, lines == 1 ? "" : "s",
        lines == 1 ? "was" : "were");
}
