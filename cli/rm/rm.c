/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom rm: removes sweeps with all that belongs to them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/sweep_files.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/print/terminal.h"
#include "cli/rm/removal.h"
#include "cli/steer/steer_alone.h"
#include "cli/steer/steer_request.h"
#include "orchestrator/store/store.h"
#include "orchestrator/store/store_lock.h"
#include "orchestrator/store/store_remove.h"

struct doomed {
    char id[16];
    const struct value *sweep;
    uint64_t trials, bytes; /* bytes of the store */
    bool ended;
    struct sweep_files files;
};

static bool sweep_has_ended(const struct value *sweep)
{
    const char *state = value_get_str(sweep, "state", "");
    const struct value *counts = value_get(sweep, "counts");
    bool final = strcmp(state, "finished") == 0 || strcmp(state, "cancelled") == 0;
    return final && value_get_int(counts, "pending", 0) == 0 &&
           value_get_int(counts, "running", 0) == 0;
}

static int doomed_find(struct looking *l, const char *what, struct doomed *ret, struct err *err)
{
    struct doomed d = {0};
    int rc = looking_sweep(l, what, d.id, &d.sweep, err);
    if (rc == 0)
        rc = view_size(l->view, d.id, &d.bytes, err);
    if (rc != 0)
        return rc;
    const struct value *counts = value_get(d.sweep, "counts");
    for (size_t i = 0; counts && i < counts->dict.n; i++)
        d.trials += (uint64_t)value_get_int(counts, counts->dict.entries[i].key, 0);
    d.ended = sweep_has_ended(d.sweep);
    sweep_files_count(l->dir, d.id, &d.files);
    *ret = d;
    return 0;
}

/* Refuses if another process holds the store: a removal must be the only writer. */
static int busy_refuse(const struct looking *l, const struct doomed *list, size_t n,
                       struct err *err)
{
    bool held = false;
    int rc = store_lock_is_held(l->dir, &held, err);
    if (rc != 0 || !held)
        return rc;
    for (size_t i = 0; i < n; i++)
        if (!list[i].ended)
            return err_set(err, ERR_STATE,
                           "sweep %s has not ended: end it with `besom stop %s` or `besom cancel "
                           "%s` first",
                           list[i].id, list[i].id, list[i].id);
    return err_set(err, ERR_BUSY,
                   "another besom is using the store %s; try again when it has finished", l->dir);
}

static const char *count_text(struct arena *a, uint64_t n, const char *noun)
{
    return arena_printf(a, "%" PRIu64 " %s%s", n, noun, n == 1 ? "" : "s");
}

static const char *size_text(struct arena *a, uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double size = (double)bytes / 1000;
    size_t unit = 0;
    for (; size >= 999.95 && unit + 1 < sizeof units / sizeof *units; unit++)
        size /= 1000;
    return arena_printf(a, "%.1f %s", size, units[unit]);
}

static void doomed_print(struct looking *l, const struct doomed *d)
{
    struct arena *a = &l->arena;
    const char *name = value_get_str(d->sweep, "name", ""),
               *path = value_get_str(d->sweep, "path", "");
    terminal_say(arena_printf(a, "Sweep %s%s%s of %s, %s: %s, %s in the store; %s and %s, %s",
                              d->id, *name ? " " : "", name, path,
                              d->ended ? looking_state(a, d->sweep) : "which has not ended",
                              count_text(a, d->trials, "trial"), size_text(a, d->bytes),
                              count_text(a, d->files.trials, "trial folder"),
                              count_text(a, d->files.logs, "log"), size_text(a, d->files.bytes)));
}

/* 1: yes, 0: no. */
static int removal_ask(size_t n, struct err *err)
{
    char answer[16] = "";
    if (!terminal_is(stdin))
        return err_set(err, ERR_USAGE, "nothing was removed: confirm with --yes");
    fprintf(stderr, "Remove %s for good? [y/N] ", n == 1 ? "it" : "them");
    if (!fgets(answer, sizeof answer, stdin))
        fputc('\n', stderr);
    return strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0;
}

/* Cancels an interrupted sweep, so that none of its trials run and no process continues it. */
static int doomed_end(const struct looking *l, const struct doomed *d, struct err *err)
{
    struct buf message;
    if (d->ended)
        return 0;
    buf_init(&message, SIZE_MAX);
    int rc =
        steer_alone(l->dir, &(struct steer_request){.op = "cancel", .sweep = d->id}, &message, err);
    buf_done(&message);
    return rc == ERR_STATE || rc == ERR_NOT_FOUND ? 0 : rc; /* it has ended by now */
}

static int doomed_remove(struct looking *l, struct store *store, const struct doomed *d,
                         struct err *err)
{
    bool removed = false;
    int rc = removal_do(store, l->dir, d->id, &removed, err);
    if (!removed)
        return rc;
    if (rc != 0) {
        terminal_say(arena_printf(&l->arena,
                                  "besom: some files of sweep %s are left: %s; the next besom run "
                                  "tries again",
                                  d->id, err->text));
        l->exit_code = COMPLAIN_FAILED;
    }
    if (l->json)
        buf_addf(&l->out,
                 "{\"ok\":true,\"sweep\":\"%s\",\"trials\":%" PRIu64 ",\"bytes\":%" PRIu64
                 ",\"folders\":%" PRIu64 ",\"logs\":%" PRIu64 ",\"file_bytes\":%" PRIu64 "}\n",
                 d->id, d->trials, d->bytes, d->files.trials, d->files.logs, d->files.bytes);
    else
        buf_addf(&l->out, "sweep %s is removed\n", d->id);
    looking_flush(l);
    return 0;
}

static int doomed_remove_all(struct looking *l, const struct doomed *list, size_t n,
                             struct err *err)
{
    struct store *store = NULL;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = doomed_end(l, &list[i], err);
    if (rc == 0)
        rc = store_open(l->dir, false, &store, err);
    if (rc != 0)
        return rc;
    removal_tidy(store, l->dir);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = doomed_remove(l, store, &list[i], err);
    removal_drop_code(store, l->dir);
    store_remove_shrink(store);
    store_close(store);
    return rc;
}

static int rm_sweeps(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct doomed *list = arena_alloc(&l->arena, inv->n_args * sizeof *list);
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < inv->n_args; i++) {
        bool twice = false;
        rc = doomed_find(l, invocation_arg(inv, i), &list[n], err);
        for (size_t k = 0; k < n; k++)
            twice |= strcmp(list[k].id, list[n].id) == 0;
        n += rc == 0 && !twice;
    }
    if (rc == 0)
        rc = busy_refuse(l, list, n, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < n && !l->json; i++)
        doomed_print(l, &list[i]);
    rc = invocation_flag(inv, "yes") ? 1 : removal_ask(n, err);
    if (rc > 0)
        return doomed_remove_all(l, list, n, err);
    if (rc == 0)
        fputs("nothing was removed\n", stderr);
    l->none = rc == 0;
    return rc;
}

int cmd_rm(struct invocation *inv)
{
    return looking_run(inv, rm_sweeps);
}
