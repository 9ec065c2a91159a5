/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/gpus/gpu_options.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "cli/invocation.h"
#include "cli/place.h"

enum { MIB = 20 };

/* How many slots, of a GPU each, a trial takes. */
static uint64_t options_gpus_each(const struct spec *spec)
{
    return spec && spec->resources.gpus > 1 ? (uint64_t)spec->resources.gpus : 1;
}

static int options_read(const struct invocation *inv, const struct spec *spec,
                        struct gpu_host_options *ret, struct err *err)
{
    uint64_t slots = 0, per_gpu = 0, mib = 0;
    const char *ids = invocation_option(inv, "gpu-ids");
    *ret = (struct gpu_host_options){.gpus = invocation_option(inv, "gpus"),
                                     .unused = spec && spec->resources.gpus == 0,
                                     .by_index = ids && strcmp(ids, "index") == 0};
    int rc = invocation_number(inv, "slots", 1, LIMIT_SLOTS, &slots, err);
    if (rc == 0)
        rc = invocation_number(inv, "slots-per-gpu", 1, LIMIT_SLOTS, &per_gpu, err);
    if (rc == 0)
        rc = invocation_number(inv, "gpu-others-mib", 0, 1 << 20, &mib, err);
    /* Cores and memory limit the slots of GPUs only where the spec says what a trial takes of them. */
    if (slots == 0 && spec && (spec->resources.cpus > 0 || spec->resources.memory_bytes > 0))
        slots = place_slots_of_host(spec);
    ret->pool.slots = (uint32_t)(slots * options_gpus_each(spec));
    ret->pool.per_gpu = (uint32_t)per_gpu;
    ret->pool.others_bytes = (int64_t)mib << MIB;
    return rc;
}

int gpu_options_look(const struct invocation *inv, const struct spec *spec, struct gpu_host **ret,
                     struct err *err)
{
    struct gpu_host_options options;
    int rc = options_read(inv, spec, &options, err);
    if (rc == 0)
        rc = gpu_host_look(&options, ret, err);
    size_t n = rc == 0 && *ret ? (*ret)->choice.n : 0;
    if (rc != 0 || !spec || spec->resources.gpus <= (int64_t)n)
        return rc;
    gpu_host_free(*ret);
    *ret = NULL;
    return err_set(err, ERR_SPEC,
                   "resources.gpus: a trial needs %" PRId64
                   ", and besom can use %zu here: besom gpus shows why",
                   spec->resources.gpus, n);
}

int gpu_options_slots(const struct invocation *inv, const struct spec *spec,
                      const struct gpu_host *host, uint64_t *ret, struct err *err)
{
    uint64_t n = host ? gpu_host_slots(host) / options_gpus_each(spec) : 0;
    *ret = n > 0 ? n : place_slots(spec);
    return n > 0 ? 0 : invocation_number(inv, "slots", 1, LIMIT_SLOTS, ret, err);
}
