/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/dir.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/host.h"
#include "tests/sim/process.h"

void dir_init(struct sim *s, struct dir *d, struct host *h, const struct agent_key *key)
{
    (void)s;
    *d = (struct dir){.key = *key, .host = h};
    buf_init(&d->owner, SIZE_MAX);
    for (int i = 0; i < AGENT_STREAMS; i++)
        buf_init(&d->metrics[i], SIZE_MAX);
}

void dir_done(struct dir *d)
{
    buf_done(&d->owner);
    for (int i = 0; i < AGENT_STREAMS; i++)
        buf_done(&d->metrics[i]);
}

int dir_make(struct dir *d)
{
    if (d->host->disk_full)
        return ERR_FULL;
    d->exists = true;
    buf_clear(&d->owner);
    d->owner_synced = 0;
    for (int i = 0; i < AGENT_STREAMS; i++) {
        buf_clear(&d->metrics[i]);
        d->metrics_synced[i] = 0;
        d->lines[i] = 0;
    }
    d->owned_by = NULL;
    return 0;
}

void dir_probe(const struct dir *d, struct attempt_dir *ret)
{
    char boot[SHIM_BOOT_BYTES];
    *ret = (struct attempt_dir){.state = ATTEMPT_DIR_ABSENT};
    if (!d->exists)
        return;
    ret->state = ATTEMPT_DIR_UNOWNED;
    if (d->owner.len == 0 && !d->owned_by)
        return;
    if (shim_record_parse(buf_str(&d->owner), d->owner.len, &ret->record) != 0)
        ret->record = (struct shim_record){.pid = -1};
    host_boot_id(d->host, boot);
    if (ret->record.has_end && (ret->record.end.durable || strcmp(ret->record.boot, boot) == 0)) {
        ret->state = ATTEMPT_DIR_ENDED;
    } else if (d->owned_by && d->owned_by->shim_alive) {
        ret->state = ATTEMPT_DIR_RUNNING;
    } else {
        ret->state = ATTEMPT_DIR_DEAD;
        ret->closed = ret->record.pid == 0;
        ret->rebooted = !ret->closed && strcmp(ret->record.boot, boot) != 0;
    }
}

int dir_close(struct dir *d)
{
    char text[SHIM_RECORD_BYTES];
    if (d->host->disk_full)
        return ERR_FULL;
    if (d->owner.len > 0)
        return ERR_EXISTS;
    size_t len = shim_record_print_claim(text, &(struct shim_record){.boot = "none"});
    buf_add(&d->owner, text, len);
    return 0;
}

void dir_trim(struct dir *d)
{
    d->exists = false;
}

uint64_t dir_read(const struct dir *d, uint32_t stream, uint64_t from, bool last, size_t most,
                  struct buf *out, bool *ret_more)
{
    const struct buf *file = &d->metrics[stream];
    uint64_t at = from;
    *ret_more = false;
    if (!d->exists || file->len <= from)
        return from;
    size_t end = file->len - from > most ? from + most : file->len;
    while (at < end) {
        const char *line = buf_str(file) + at;
        const char *newline = memchr(line, '\n', end - at);
        if (!newline && !(last && end == file->len))
            break;
        size_t len = newline ? (size_t)(newline - line) : end - at;
        buf_add(out, line, len);
        buf_addc(out, '\n');
        at += len + (newline ? 1 : 0);
    }
    *ret_more = file->len > end && at > from;
    return at;
}

static size_t cut(struct sim *s, struct dir *d, struct buf *file, size_t synced)
{
    size_t left = synced + rng_below(&s->rng[SIM_R_DISK], file->len - synced + 1);
    if (left == file->len)
        return left;
    file->len = left;
    buf_str(file)[left] = '\0';
    d->damaged = true;
    return left;
}

void dir_power_cut(struct sim *s, struct dir *d)
{
    if (!d->exists)
        return;
    if (d->owner_synced == 0 && sim_one_in(s, SIM_R_DISK, 3)) { /* its name was not on disk yet */
        d->exists = false;
        d->damaged = true;
        return;
    }
    for (int i = 0; i < AGENT_STREAMS; i++)
        d->metrics_synced[i] = cut(s, d, &d->metrics[i], d->metrics_synced[i]);
    d->owner_synced = cut(s, d, &d->owner, d->owner_synced);
    if (d->owner.len == 0 && sim_one_in(s, SIM_R_DISK, 2))
        d->owned_by = NULL; /* not even its name is left */
}
