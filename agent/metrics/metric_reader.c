/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/metric_reader.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/attempt_dir.h"
#include "agent/metrics/spool_gaps.h"
#include "base/limits.h"
#include "base/mem.h"

enum { STREAM_FILE, STREAM_STDOUT, STREAM_SYSTEM, STREAMS };

static const char *const stream_files[STREAMS] = {ATTEMPT_DIR_METRICS_FILE, SHIM_STDOUT_FILE,
                                                  SHIM_SYSTEM_FILE};

struct metric_reader {
    struct patterns *patterns;
    struct metric_ways *ways; /* NULL: the attempt does not use wandb so far */
    struct spool spools[STREAMS];
    uint64_t rewrites;
    bool begun; /* the base of the metrics file has been read */
};

struct metric_reader *metric_reader_new(struct patterns *patterns)
{
    struct metric_reader *r = mem_alloc(sizeof *r);
    *r = (struct metric_reader){.patterns = patterns};
    return r;
}

void metric_reader_free(struct metric_reader *r)
{
    if (!r)
        return;
    patterns_free(r->patterns);
    metric_ways_free(r->ways);
    mem_free(r);
}

static bool base_read(const char *dir, uint64_t *ret_base, uint64_t *ret_rewrites)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/" ATTEMPT_DIR_BASE_FILE, dir);
    FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "re") : NULL;
    bool read = f && fscanf(f, "%" SCNu64 " %" SCNu64, ret_base, ret_rewrites) == 2;
    if (f)
        fclose(f);
    return read;
}

/* Called before anything read past the base is acted on. The file need not survive a power cut: no
 * attempt does. */
static int base_write(const char *dir, uint64_t base, uint64_t rewrites, struct err *err)
{
    char path[PATH_MAX], fresh[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/" ATTEMPT_DIR_BASE_FILE, dir);
    int m = snprintf(fresh, sizeof fresh, "%s/" ATTEMPT_DIR_BASE_FILE ".new", dir);
    bool fits = n > 0 && (size_t)n < sizeof path && m > 0 && (size_t)m < sizeof fresh;
    FILE *f = fits ? fopen(fresh, "we") : NULL;
    bool written = f && fprintf(f, "%" PRIu64 " %" PRIu64 "\n", base, rewrites) > 0;
    if (f && fclose(f) != 0)
        written = false;
    if (!written || rename(fresh, path) != 0)
        return err_set(err, ERR_IO, "%s cannot be written", path);
    return 0;
}

static struct spool *spool_at(struct metric_reader *r, const char *dir, uint32_t stream,
                              uint64_t from)
{
    struct spool *s = &r->spools[stream];
    if (stream == STREAM_FILE && !r->begun) {
        r->begun = true;
        s->offset = UINT64_MAX;
        if (!base_read(dir, &s->base, &r->rewrites))
            s->base = r->rewrites = 0;
    }
    if (s->offset != from)
        spool_seek(s, from);
    return s;
}

/* Moves the offset over what was given up, and lets no read go past the beginning of the next gap. */
static void spool_leave_gaps(struct spool *s, const char *dir, uint32_t stream)
{
    struct spool_gap gap;
    s->stop = 0;
    while (spool_gaps_find(dir, stream, s->offset, &gap)) {
        if (gap.from > s->offset) {
            s->stop = gap.from;
            return;
        }
        spool_seek(s, gap.to);
    }
}

const char *metric_reader_file(uint32_t stream)
{
    return stream_files[stream];
}

uint64_t metric_reader_base(const char *dir, uint32_t stream)
{
    uint64_t base = 0, rewrites;
    return stream == STREAM_FILE && base_read(dir, &base, &rewrites) ? base : 0;
}

uint64_t metric_reader_offset(const struct metric_reader *r, uint32_t stream)
{
    uint64_t offset = r->spools[stream].offset;
    return offset == UINT64_MAX ? 0 : offset;
}

static struct metric_ways *ways_of(struct metric_reader *r, const char *dir)
{
    if (!r->ways)
        r->ways = metric_ways_open(dir);
    return r->ways;
}

int metric_reader_read(struct metric_reader *r, const char *dir, uint32_t stream, uint64_t from,
                       bool last, struct buf *out, struct metric_batch *ret, struct err *err)
{
    struct arena scratch;
    struct buf raw;
    struct spool *s = spool_at(r, dir, stream, from);
    struct spool before = *s;
    spool_leave_gaps(s, dir, stream);
    uint64_t begin = s->offset;
    arena_init(&scratch);
    buf_init(&raw, (size_t)LIMIT_METRIC_BATCH_BYTES + 2);
    int rc =
        spool_read(s, arena_printf(&scratch, "%s/%s", dir, stream_files[stream]), last, &raw, err);
    if (rc == 0 && s->rewritten && access(dir, F_OK) != 0) { /* the attempt itself is gone */
        *s = before;
        s->rewritten = s->more = false;
        s->long_lines = 0;
    }
    if (rc == 0 && s->rewritten && stream == STREAM_FILE)
        rc = base_write(dir, s->base, r->rewrites + 1, err);
    s->rewritten &= stream != STREAM_SYSTEM; /* nothing of the user's is lost */
    r->rewrites += rc == 0 && s->rewritten;
    *ret = (struct metric_batch){.from = from, .to = from, .rewrites = r->rewrites};
    if (rc != 0) {
        *s = before; /* to be read again */
    } else {
        const struct patterns *p = stream == STREAM_STDOUT ? r->patterns : NULL;
        struct metric_ways *ways = stream == STREAM_SYSTEM ? NULL : ways_of(r, dir);
        size_t taken = metric_lines_take(p, ways, buf_peek(&raw), raw.len, out, &ret->drops);
        if (ways)
            metric_ways_save(ways);
        /* Only patterns make lines longer, and the shim captures no line that the spool would
         * skip. */
        ret->to = taken < raw.len ? begin + taken : s->offset;
        ret->more = s->more || taken < raw.len;
        ret->rewritten = s->rewritten;
        if (stream == STREAM_FILE) {
            ret->line = s->first_line;
            ret->drops.long_lines += s->long_lines;
            ret->drops.long_line = s->long_lines ? s->long_line : ret->drops.long_line;
        }
    }
    buf_done(&raw);
    arena_done(&scratch);
    return rc;
}
