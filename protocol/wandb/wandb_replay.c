/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_replay.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/number/civil.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"

enum { KEPT_BYTES_MAX = 16 << 20, LINE_BYTES_MAX = 64 << 10, FILES_MAX = 10000 };

static const char upsert_query[] =
    "mutation UpsertBucket { upsertBucket { bucket { id name } inserted } }";

void wandb_replay_init(struct wandb_replay *r, const struct wandb_replay_options *options,
                       const struct wandb_replay_handler *handler)
{
    *r = (struct wandb_replay){.options = *options,
                               .handler = *handler,
                               .row = options->first,
                               .row_from = options->first};
    arena_init(&r->kept);
    arena_init(&r->a);
    r->config = value_dict(&r->kept);
    r->summary = value_dict(&r->kept);
    r->files = value_list(&r->kept);
    r->run.tags = value_list(&r->kept);
    buf_init(&r->rows, SIZE_MAX);
    buf_init(&r->samples, SIZE_MAX);
    buf_init(&r->output, SIZE_MAX);
    for (int i = 0; i < 2; i++)
        buf_init(&r->line[i], SIZE_MAX);
}

void wandb_replay_done(struct wandb_replay *r)
{
    buf_done(&r->rows);
    buf_done(&r->samples);
    buf_done(&r->output);
    for (int i = 0; i < 2; i++)
        buf_done(&r->line[i]);
    arena_done(&r->a);
    arena_done(&r->kept);
}

static const char *text_keep(struct arena *kept, const char *text)
{
    return text ? arena_strdup(kept, text) : NULL;
}

/* Each record may replace what is kept, so its memory is bounded by copying what is left. */
static void kept_compact(struct wandb_replay *r)
{
    struct arena kept;
    struct wandb_record_run *run = &r->run;
    const char **texts[] = {&run->id,     &run->entity, &run->project, &run->display, &run->notes,
                            &run->group,  &run->job,    &run->sweep,   &run->host,    &run->commit,
                            &run->remote, &r->python,   &r->client};
    if (r->kept.bytes < 2 * r->kept_bytes + WANDB_REPLAY_PIECE_BYTES)
        return;
    arena_init(&kept);
    r->config = value_copy(&kept, r->config);
    r->summary = value_copy(&kept, r->summary);
    r->files = value_copy(&kept, r->files);
    run->tags = value_copy(&kept, run->tags);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = text_keep(&kept, *texts[i]);
    arena_done(&r->kept);
    r->kept = kept;
    r->kept_bytes = kept.bytes;
}

static bool kept_has_room(const struct wandb_replay *r)
{
    return r->kept_bytes <= KEPT_BYTES_MAX;
}

/* {NAME:{"value":…}}, with what tells a run that has begun from one that never did. */
static struct value *config_wrap(struct wandb_replay *r)
{
    struct arena *a = &r->a;
    struct value *all = value_dict_with_room(a, r->config->dict.n + 1);
    struct value *own = value_dict(a), *told = value_dict(a);
    const struct value *had = value_get(r->config, "_wandb");
    for (size_t i = 0; had && had->kind == VALUE_DICT && i < had->dict.n; i++)
        value_put(a, own, had->dict.entries[i].key, had->dict.entries[i].value);
    if (r->python)
        value_put(a, told, "4", value_str(a, r->python));
    if (r->client)
        value_put(a, told, "5", value_str(a, r->client));
    if (r->python)
        value_put(a, own, "python_version", value_str(a, r->python));
    if (r->client)
        value_put(a, own, "cli_version", value_str(a, r->client));
    value_put(a, own, "t", told);
    for (size_t i = 0; i < r->config->dict.n; i++) {
        const struct value_entry *e = &r->config->dict.entries[i];
        struct value *wrapped = value_dict(a);
        if (strcmp(e->key, "_wandb") == 0)
            continue;
        value_put(a, wrapped, "value", e->value);
        value_put_new(all, e->key, wrapped);
    }
    struct value *wrapped = value_dict(a);
    value_put(a, wrapped, "value", own);
    value_put_new(all, "_wandb", wrapped);
    return all;
}

static void variable_put(struct wandb_replay *r, struct value *v, const char *name,
                         const char *text)
{
    value_put(&r->a, v, name, text ? value_str(&r->a, text) : value_null(&r->a));
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    return a && *a ? a : b && *b ? b : c;
}

/* Asks for the run; what is not said is kept as it is. */
static void upsert_send(struct wandb_replay *r)
{
    const struct wandb_replay_options *o = &r->options;
    const struct wandb_record_run *run = &r->run;
    struct arena *a = &r->a;
    struct value *v = value_dict(a), *body = value_dict(a);
    struct buf out;
    variable_put(r, v, "name", first_of(o->id, run->id, NULL));
    variable_put(r, v, "entity", first_of(o->entity, run->entity, o->fallback_entity));
    variable_put(r, v, "project", first_of(o->project, run->project, o->fallback_project));
    variable_put(r, v, "sweep", first_of(o->sweep, run->sweep, NULL));
    variable_put(r, v, "displayName", run->display);
    variable_put(r, v, "notes", run->notes);
    variable_put(r, v, "groupName", run->group);
    variable_put(r, v, "jobType", run->job);
    variable_put(r, v, "host", run->host);
    variable_put(r, v, "commit", run->commit);
    variable_put(r, v, "repo", run->remote);
    if (run->tags->list.n > 0)
        value_put(a, v, "tags", run->tags);
    value_put(a, v, "config", value_str(a, json_text(a, config_wrap(r), JSON_PYTHON)));
    value_put(a, body, "query", value_str(a, upsert_query));
    value_put(a, body, "variables", v);
    value_put(a, body, "operationName", value_str(a, "UpsertBucket"));
    buf_init(&out, SIZE_MAX);
    json_print(&out, body, JSON_PYTHON);
    r->handler.upsert(r->handler.arg, buf_str(&out), out.len);
    buf_done(&out);
    r->changed = false;
}

static void part_add(struct buf *out, const char *name, uint64_t from, struct buf *texts)
{
    if (texts->len == 0)
        return;
    buf_addf(out, "%s\"%s\":{\"offset\":%" PRIu64 ",\"content\":[%s]}",
             buf_peek(out)[out->len - 1] == '{' ? "" : ",", name, from, buf_str(texts));
    buf_clear(texts);
}

static void text_add(struct buf *texts, const char *text, size_t len)
{
    if (texts->len > 0)
        buf_addc(texts, ',');
    json_print_str(texts, text, len);
}

/* What waits, and the end of the run if `last`. */
static void stream_send(struct wandb_replay *r, bool last, int code)
{
    struct buf out, summary;
    buf_init(&out, SIZE_MAX);
    buf_init(&summary, SIZE_MAX);
    if (r->summary->dict.n > 0) {
        const char *text = json_text(&r->a, r->summary, JSON_PYTHON);
        text_add(&summary, text, strlen(text));
    }
    buf_adds(&out, "{\"files\":{");
    part_add(&out, "wandb-history.jsonl", r->row_from, &r->rows);
    part_add(&out, "wandb-events.jsonl", r->events_from, &r->samples);
    part_add(&out, "output.log", r->lines_from, &r->output);
    part_add(&out, "wandb-summary.json", 0, &summary);
    buf_addc(&out, '}');
    if (last && r->preempting)
        buf_adds(&out, ",\"preempting\":true");
    if (last)
        buf_addf(&out, ",\"complete\":true,\"exitcode\":%d", code);
    buf_addc(&out, '}');
    r->handler.stream(r->handler.arg, buf_str(&out), out.len);
    r->row_from = r->row;
    r->events_from = r->events;
    r->lines_from = r->lines;
    buf_done(&summary);
    buf_done(&out);
}

static void row_take(struct wandb_replay *r, const struct wandb_record *record)
{
    uint64_t number = r->row++;
    if (number < r->options.rows) {
        r->row_from = r->row;
        return;
    }
    const char *text = json_text(&r->a, wandb_record_row(&r->a, record), JSON_PYTHON);
    text_add(&r->rows, text, strlen(text));
}

static void stats_take(struct wandb_replay *r, const struct wandb_record *record)
{
    double at;
    struct arena *a = &r->a;
    struct value *had = wandb_record_stats(a, record, &at), *row = value_dict(a);
    for (size_t i = 0; i < had->dict.n; i++)
        value_put(a, row, arena_printf(a, "system.%s", had->dict.entries[i].key),
                  had->dict.entries[i].value);
    value_put(a, row, "_wandb", value_bool(a, true));
    value_put(a, row, "_timestamp", value_float(a, at));
    value_put(a, row, "_runtime", value_float(a, at > r->run.started ? at - r->run.started : 0));
    const char *text = json_text(a, row, JSON_PYTHON);
    text_add(&r->samples, text, strlen(text));
    r->events++;
}

/* As the client writes times: 2026-11-29T12:13:22.804721 */
static void time_add(struct buf *out, double at)
{
    int64_t micros = (int64_t)floor(at * 1e6), seconds = micros / 1000000;
    int64_t left = seconds % 86400;
    struct civil date = civil_date(seconds / 86400);
    buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%06d", (int)date.year, (int)date.month,
             (int)date.day, (int)(left / 3600), (int)(left / 60 % 60), (int)(left % 60),
             (int)(micros % 1000000));
}

/* A line as a terminal shows it: what a carriage return goes back over is left out. */
static void line_end(struct wandb_replay *r, int err, double at)
{
    struct buf *line = &r->line[err], text;
    const char *from = buf_str(line), *back;
    size_t len = line->len;
    while (len > 0 && from[len - 1] == '\r')
        len--;
    while ((back = memchr(from, '\r', len)) != NULL) {
        len -= (size_t)(back + 1 - from);
        from = back + 1;
    }
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, err ? "ERROR " : "");
    time_add(&text, at);
    buf_addc(&text, ' ');
    buf_add(&text, from, utf8_valid_prefix(from, strnlen(from, len)));
    text_add(&r->output, buf_str(&text), text.len);
    buf_done(&text);
    buf_clear(line);
    r->lines++;
}

static void output_take(struct wandb_replay *r, const struct wandb_record *record)
{
    struct wandb_record_output o = wandb_record_output(record);
    struct buf *line = &r->line[o.err];
    for (size_t at = 0; at < o.len;) {
        const char *newline = memchr(o.text + at, '\n', o.len - at);
        size_t n = newline ? (size_t)(newline - o.text) - at : o.len - at;
        size_t room = LINE_BYTES_MAX > line->len ? LINE_BYTES_MAX - line->len : 0;
        buf_add(line, o.text + at, n < room ? n : room);
        at += n + 1;
        if (newline)
            line_end(r, o.err, o.at);
    }
}

static void files_take(struct wandb_replay *r, const struct wandb_record *record)
{
    const struct value *files = wandb_record_files(&r->a, record);
    for (size_t i = 0; i < files->list.n; i++) {
        const char *name = files->list.items[i]->s.ptr;
        bool had = r->files->list.n >= FILES_MAX || !kept_has_room(r);
        for (size_t k = 0; k < r->files->list.n && !had; k++)
            had = strcmp(r->files->list.items[k]->s.ptr, name) == 0;
        if (!had)
            value_push(&r->kept, r->files, value_str(&r->kept, name));
    }
}

static void run_take(struct wandb_replay *r, const struct wandb_record *record)
{
    if (!kept_has_room(r))
        return;
    wandb_record_run(&r->kept, record, r->config, &r->run);
    r->changed = true;
}

/* The run is asked for before anything else is said of it. */
static void run_begin(struct wandb_replay *r)
{
    if (!r->begun)
        upsert_send(r);
    r->begun = true;
}

void wandb_replay_record(struct wandb_replay *r, const void *bytes, size_t len)
{
    const struct wandb_record record = wandb_record_read(bytes, len);
    switch (record.kind) {
    case WANDB_RECORD_RUN:
        run_take(r, &record);
        break;
    case WANDB_RECORD_CONFIG:
        if (kept_has_room(r))
            wandb_record_apply(&r->kept, &record, r->config, LIMIT_WANDB_SUMMARY);
        r->changed = true;
        break;
    case WANDB_RECORD_SUMMARY:
        if (kept_has_room(r))
            wandb_record_apply(&r->kept, &record, r->summary, LIMIT_WANDB_SUMMARY);
        break;
    case WANDB_RECORD_HISTORY:
        row_take(r, &record);
        break;
    case WANDB_RECORD_OUTPUT:
        output_take(r, &record);
        break;
    case WANDB_RECORD_STATS:
        stats_take(r, &record);
        break;
    case WANDB_RECORD_FILES:
        files_take(r, &record);
        break;
    case WANDB_RECORD_TELEMETRY:
        if (kept_has_room(r))
            wandb_record_telemetry(&r->kept, &record, &r->python, &r->client);
        break;
    case WANDB_RECORD_PREEMPTING:
        r->preempting = true;
        break;
    case WANDB_RECORD_EXIT:
        r->exited = true;
        r->code = wandb_record_exit(&record);
        break;
    case WANDB_RECORD_OTHER:
        break;
    }
    if (r->rows.len + r->samples.len + r->output.len > WANDB_REPLAY_PIECE_BYTES) {
        run_begin(r);
        stream_send(r, false, 0);
    }
    kept_compact(r);
    arena_clear(&r->a);
}

void wandb_replay_end(struct wandb_replay *r, int code)
{
    for (int i = 0; i < 2; i++)
        if (r->line[i].len > 0)
            line_end(r, i, r->run.started);
    if (!r->begun || r->changed)
        upsert_send(r);
    r->begun = true;
    for (size_t i = 0; i < r->files->list.n; i++)
        r->handler.file(r->handler.arg, r->files->list.items[i]->s.ptr);
    stream_send(r, true, r->exited ? r->code : code);
    arena_clear(&r->a);
}
