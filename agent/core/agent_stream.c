/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_stream.h"

/* Offsets beyond it are not those of a file, and what follows them would not fit into a message. */
static const uint64_t offset_max = 1ull << 52;

static void stream_read(struct agent_core *c, struct agent_entry *entry, uint32_t stream,
                        struct agent_effects *out)
{
    struct agent_stream *s = &entry->streams[stream];
    if (!c->welcomed || s->reading || s->in_flight || s->drained)
        return;
    s->reading = true;
    s->fresh = false;
    struct agent_effect *e = agent_effects_add(out, AGENT_DO_READ, &entry->key);
    e->stream = stream;
    e->from = s->offset;
    e->last = s->read_last = entry->state == AGENT_DRAINING;
}

static bool stream_exists(const struct agent_entry *entry, uint32_t stream)
{
    return stream != AGENT_STREAM_STDOUT || entry->capture;
}

void agent_stream_read_all(struct agent_core *c, struct agent_entry *entry,
                           struct agent_effects *out)
{
    for (uint32_t i = 0; i < AGENT_STREAMS; i++)
        if (stream_exists(entry, i) &&
            (i != AGENT_STREAM_SYSTEM || entry->streams[i].fresh || entry->state == AGENT_DRAINING))
            stream_read(c, entry, i, out);
}

static void stream_report(struct agent_core *c, struct agent_entry *entry,
                          struct agent_effects *out)
{
    for (uint32_t i = 0; i < AGENT_STREAMS; i++)
        /* MUTANT drained-first: !entry => i == 0 && !entry */
        if (stream_exists(entry, i) && !entry->streams[i].drained)
            return;
    agent_state_move(entry, AGENT_REPORTING);
    struct message *m = agent_state_send(c, entry, MESSAGE_ENDED, out);
    const struct agent_end *end = &entry->end;
    m->cause = end->cause;
    m->code = (uint64_t)(end->code < 0 ? 0 : end->code);
    m->signal = (uint64_t)end->signal;
    m->oom = end->oom;
    m->at_ms = (uint64_t)(end->at_ms < 0 ? 0 : end->at_ms);
    m->ran_ms = (uint64_t)(end->ran_ms < 0 ? 0 : end->ran_ms);
    m->dropped = end->dropped;
    m->stdout_dropped = end->stdout_dropped;
    m->no_room = end->no_room;
    m->rewrites = entry->rewrites;
    m->text = arena_strdup(out->arena, end->text);
}

/* The controller knows better what is durable, after a hello or a lost message. */
void agent_stream_rewind(struct agent_entry *entry, const struct value *offsets)
{
    for (uint32_t i = 0; i < AGENT_STREAMS; i++) {
        struct agent_stream *s = &entry->streams[i];
        if (offsets->kind == VALUE_LIST && i < offsets->list.n &&
            offsets->list.items[i]->kind == VALUE_INT && offsets->list.items[i]->i >= 0 &&
            (uint64_t)offsets->list.items[i]->i <= offset_max)
            s->offset = (uint64_t)offsets->list.items[i]->i;
        s->in_flight = s->drained = false;
        s->fresh = true;
    }
    if (entry->state == AGENT_REPORTING)
        agent_state_move(entry, AGENT_DRAINING);
}

void agent_stream_acked(struct agent_core *c, struct agent_entry *entry, const struct message *m,
                        struct agent_effects *out)
{
    if (m->stream >= AGENT_STREAMS || m->to > offset_max)
        return;
    struct agent_stream *s = &entry->streams[m->stream];
    s->offset = m->to;
    /* MUTANT acked: s->in_flight = false => (void)s */
    s->in_flight = false;
    if (entry->state == AGENT_DRAINING || (entry->state == AGENT_RUNNING && s->more))
        stream_read(c, entry, (uint32_t)m->stream, out);
}

void agent_stream_take(struct agent_core *c, struct agent_entry *entry,
                       const struct agent_event *ev, struct agent_effects *out)
{
    struct agent_stream *s = &entry->streams[ev->stream];
    bool stale = !c->welcomed || s->in_flight || ev->from != s->offset ||
                 (entry->state != AGENT_RUNNING && entry->state != AGENT_DRAINING);
    s->reading = false;
    s->more = ev->more;
    if (ev->rewrites > entry->rewrites)
        entry->rewrites = ev->rewrites;
    if (stale) {
        if (entry->state == AGENT_DRAINING)
            stream_read(c, entry, ev->stream, out);
        return;
    }
    if (ev->to > ev->from) {
        s->in_flight = true;
        struct message *m = agent_state_send(c, entry, MESSAGE_METRICS, out);
        m->stream = ev->stream;
        m->from = ev->from;
        m->to = ev->to;
        m->at_ms = (uint64_t)ev->wall_ms;
        m->text = ev->text;
        m->line = ev->line;
        m->bad_lines = ev->bad_lines;
        m->bad_line = ev->bad_line;
        m->long_lines = ev->long_lines;
        m->long_line = ev->long_line;
    } else if (entry->state == AGENT_DRAINING) {
        /* A read that began before the end may have missed the last line. */
        /* MUTANT read-last: !s->read_last => false */
        if (!s->read_last) {
            stream_read(c, entry, ev->stream, out);
            return;
        }
        s->drained = true;
        stream_report(c, entry, out);
    }
}
