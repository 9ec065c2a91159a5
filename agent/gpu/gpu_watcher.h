/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Keeps one `besom gpu-watch` running and reads its output. A child that is silent is killed; one that
 * cannot be killed, because the kernel holds it in the driver, is left, and no second one is started
 * before it is gone. Decides nothing about GPUs. */
#include "agent/gpu/gpu_reading.h"

struct uv_loop_s;
struct gpu_watcher;

struct gpu_watcher_handler {
    void (*read)(void *arg, const struct gpu_reading *r);
    void (*silent)(void *arg, const char *why); /* until the next reading */
    void *arg;
};

struct gpu_watcher *gpu_watcher_new(struct uv_loop_s *loop, int64_t period_ms, int64_t silent_ms,
                                    const struct gpu_watcher_handler *handler);
/* Has the GPUs read now, out of turn. The reading that answers has at least this in `asked`; 0: no
 * child runs. */
uint64_t gpu_watcher_ask(struct gpu_watcher *w);
/* Has another child take its place: it knows of no earlier fault, and sees GPUs that were reset. */
void gpu_watcher_renew(struct gpu_watcher *w);
/* The loop must run until all is closed; then call gpu_watcher_free. */
void gpu_watcher_close(struct gpu_watcher *w);
void gpu_watcher_free(struct gpu_watcher *w);
