/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom gpus: the GPUs of this host, and which of them trials could get now. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/gpu/gpu_lock.h"
#include "base/json.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/gpus/gpu_options.h"
#include "cli/invocation.h"
#include "cli/print/table.h"
#include "cli/print/terminal.h"

struct gpus {
    struct arena arena;
    struct gpu_host *host;
    struct gpu_pool pool;
    struct gpu_locks locks; /* held until the end: to see whether they are free */
};

static void gpus_owner(void *arg, int64_t pid, const char *uuid, struct gpu_pool_owner *ret)
{
    char path[40];
    (void)arg, (void)uuid;
    *ret = (struct gpu_pool_owner){.owner = GPU_OWNER_OTHER};
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, ret->name, sizeof ret->name - 1) : 0;
    if (fd >= 0)
        close(fd);
    ret->name[n > 0 ? n : 0] = '\0';
    ret->name[strcspn(ret->name, "\n")] = '\0';
}

static bool gpus_is_taken(void *arg, uint32_t slot)
{
    (void)arg, (void)slot;
    return false;
}

static bool gpus_is_held(void *arg, const char *uuid)
{
    (void)arg, (void)uuid;
    return false;
}

static bool gpus_lock(void *arg, const char *uuid)
{
    struct gpus *g = arg;
    return gpu_lock_take(&g->locks, uuid);
}

/* Why a trial would not get this GPU now; NULL if it would. */
static const char *gpus_why(const struct gpus *g, size_t i)
{
    for (uint32_t slot = 0; slot < g->pool.gpus_n; slot++)
        if (g->host->choice.gpus[slot] == i)
            return g->pool.slots[slot].offered ? NULL : g->pool.slots[slot].why;
    return "hidden by CUDA_VISIBLE_DEVICES or --gpus";
}

static const char *gpus_quantity(struct gpus *g, int64_t n, double divisor, const char *format)
{
    return n < 0 ? "–" : arena_printf(&g->arena, format, (double)n / divisor);
}

static void gpus_print_table(struct gpus *g)
{
    struct table t;
    struct buf out;
    table_init(&t, &g->arena);
    table_column(&t, "gpu", TABLE_RIGHT);
    table_column(&t, "name", TABLE_SHRINK);
    table_column(&t, "memory", TABLE_RIGHT);
    table_column(&t, "busy", TABLE_RIGHT | TABLE_DROP_LATE);
    table_column(&t, "power", TABLE_RIGHT | TABLE_DROP);
    table_column(&t, "temp", TABLE_RIGHT | TABLE_DROP);
    table_column(&t, "for trials", 0);
    for (size_t i = 0; i < g->host->reading.n; i++) {
        const struct gpu *gpu = &g->host->reading.gpus[i];
        const char *why = gpus_why(g, i);
        double gib = (double)(1 << 30);
        table_cell(&t, gpu->index, TABLE_PLAIN);
        table_cell(&t, gpu->name, TABLE_PLAIN);
        table_cell(&t,
                   arena_printf(&g->arena, "%s of %s",
                                gpus_quantity(g, gpu->memory_used, gib, "%.1f"),
                                gpus_quantity(g, gpu->memory_total, gib, "%.0f GiB")),
                   TABLE_PLAIN);
        table_cell(&t, gpus_quantity(g, gpu->utilisation, 1, "%.0f %%"), TABLE_PLAIN);
        table_cell(&t, gpus_quantity(g, gpu->power_mw, 1000, "%.0f W"), TABLE_PLAIN);
        table_cell(&t, gpus_quantity(g, gpu->temperature_c, 1, "%.0f °C"), TABLE_PLAIN);
        table_cell(&t, why ? why : "free", why ? TABLE_BAD : TABLE_GOOD);
    }
    buf_init(&out, SIZE_MAX);
    table_print(&out, &t, terminal_table_columns(stdout), terminal_colour(stdout));
    fwrite(buf_str(&out), 1, out.len, stdout);
    buf_done(&out);
    table_done(&t);
}

static void gpus_print_json(struct gpus *g)
{
    struct arena *a = &g->arena;
    struct value *list = value_list(a);
    if (g->host)
        list =
            (struct value *)(uintptr_t)value_get(gpu_reading_value(a, &g->host->reading), "gpus");
    for (size_t i = 0; i < list->list.n; i++) {
        const char *why = gpus_why(g, i);
        value_put(a, list->list.items[i], "offered", value_bool(a, !why));
        value_put(a, list->list.items[i], "why", why ? value_str(a, why) : value_null(a));
    }
    puts(json_text(a, list, JSON_COMPACT));
}

int cmd_gpus(struct invocation *inv)
{
    struct gpus g = {0};
    struct err err = {0};
    arena_init(&g.arena);
    int rc = gpu_options_look(inv, NULL, &g.host, &err);
    if (rc == 0 && g.host) {
        const struct gpu_pool_questions questions = {gpus_owner, gpus_is_taken, gpus_is_held,
                                                     gpus_lock, &g};
        gpu_pool_init(&g.pool, &g.host->reading, &g.host->choice, &g.host->options.pool);
        gpu_pool_look(&g.pool, &g.host->reading, NULL, 0, &questions);
    }
    if (rc == 0 && invocation_flag(inv, "json"))
        gpus_print_json(&g);
    else if (rc == 0 && g.host && g.host->reading.n > 0)
        gpus_print_table(&g);
    else if (rc == 0)
        puts("besom finds no GPU on this host.");
    if (rc == 0 && g.host && g.host->reading.error[0])
        terminal_say(g.host->reading.error);
    gpu_lock_done(&g.locks);
    gpu_pool_done(&g.pool);
    gpu_host_free(g.host);
    arena_done(&g.arena);
    return rc == 0 ? COMPLAIN_DONE : complain(&err);
}
