/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_nvml.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/gpu/gpu_nvml_library.h"
#include "base/mem.h"

enum { PROCESSES_READ = 1024 }; /* a shorter list is an error of NVML's */

/* A GPU that was seen once: a lost one no longer says who it is. */
struct nvml_seen {
    nvml_device device;
    char uuid[96], name[96], bus[32];
    char fault[160];
};

struct gpu_nvml {
    struct nvml_library lib;
    nvml_event_set events; /* NULL: not supported */
    bool started;
    uint32_t seen_n;
    struct nvml_seen seen[GPU_MAX]; /* by index */
};

static int nvml_symbol(struct gpu_nvml *n, void *field, const char *name)
{
    void *found = dlsym(n->lib.handle, name);
    memcpy(field, &found, sizeof found);
    return found ? 0 : ERR_NOT_FOUND;
}

int gpu_nvml_open(const char *path, struct gpu_nvml **ret, struct err *err)
{
    struct gpu_nvml *n = mem_alloc(sizeof *n);
    n->lib.handle = dlopen(path ? path : "libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    int rc = n->lib.handle ? 0 : err_set(err, ERR_NOT_FOUND, "%s", dlerror());
#define X(field, symbol, arguments)                            \
    if (rc == 0 && nvml_symbol(n, &n->lib.field, symbol) != 0) \
        rc = err_set(err, ERR_UNSUPPORTED, "NVML, the library of the driver, has no %s", symbol);
    NVML_NEEDED(X)
#undef X
#define X(field, symbol, arguments) \
    if (rc == 0)                    \
        (void)nvml_symbol(n, &n->lib.field, symbol);
    NVML_OPTIONAL(X)
#undef X
    if (rc == 0)
        (void)nvml_symbol(n, &n->lib.error, "nvmlErrorString");
    if (rc != 0) { /* the library stays loaded: its destructor may hang */
        mem_free(n);
        return rc;
    }
    *ret = n;
    return 0;
}

void gpu_nvml_free(struct gpu_nvml *n)
{
    mem_free(n);
}

static const char *nvml_text(const struct gpu_nvml *n, int code)
{
    const char *text = n->lib.error ? n->lib.error(code) : NULL;
    return text ? text : "unknown error";
}

/* Records errors that mean that the GPU has failed. Returns whether the call succeeded. */
static bool nvml_ok(const struct gpu_nvml *n, struct nvml_seen *seen, int code)
{
    if ((code == NVML_GPU_IS_LOST || code == NVML_RESET_REQUIRED) && !seen->fault[0])
        snprintf(seen->fault, sizeof seen->fault, "%.150s", nvml_text(n, code));
    return code == NVML_SUCCESS;
}

static void nvml_read_memory(struct gpu_nvml *n, struct nvml_seen *seen, nvml_device device,
                             struct gpu *g)
{
    /* The first version counts what the driver reserves for itself as used. */
    struct nvml_memory_v2 m = {.version = (uint32_t)sizeof m | 2u << 24};
    struct nvml_memory old = {0};
    if (n->lib.memory_v2 && nvml_ok(n, seen, n->lib.memory_v2(device, &m))) {
        g->memory_total = (int64_t)m.total;
        g->memory_used = (int64_t)m.used;
    } else if (nvml_ok(n, seen, n->lib.memory(device, &old))) {
        g->memory_total = (int64_t)old.total;
        g->memory_used = (int64_t)old.used;
    }
}

static void nvml_read_processes(struct gpu_nvml *n, struct nvml_seen *seen, nvml_device device,
                                struct gpu *g)
{
    struct nvml_process list[PROCESSES_READ];
    uint32_t count = PROCESSES_READ;
    int (*call)(nvml_device, uint32_t *, struct nvml_process *) =
        n->lib.processes ? n->lib.processes : n->lib.processes_v2;
    memset(list, 0, sizeof list);
    if (!call || !nvml_ok(n, seen, call(device, &count, list)))
        return;
    for (uint32_t i = 0; i < count && i < GPU_PROCESSES_MAX; i++)
        g->processes[g->processes_n++] = (struct gpu_process){
            list[i].pid, list[i].memory > INT64_MAX ? -1 : (int64_t)list[i].memory};
}

static void nvml_read_numbers(struct gpu_nvml *n, struct nvml_seen *seen, nvml_device device,
                              struct gpu *g)
{
    struct nvml_utilization u;
    uint32_t number;
    uint64_t errors;
    if (n->lib.utilization && nvml_ok(n, seen, n->lib.utilization(device, &u)))
        g->utilisation = u.gpu;
    if (n->lib.power && nvml_ok(n, seen, n->lib.power(device, &number)))
        g->power_mw = number;
    if (n->lib.temperature && nvml_ok(n, seen, n->lib.temperature(device, 0, &number)))
        g->temperature_c = number;
    if (n->lib.ecc &&
        nvml_ok(n, seen, n->lib.ecc(device, NVML_ECC_UNCORRECTED, NVML_ECC_SINCE_LOAD, &errors)))
        g->ecc = errors > INT64_MAX ? INT64_MAX : (int64_t)errors;
}

static void nvml_read_one(struct gpu_nvml *n, struct nvml_seen *seen, nvml_device device,
                          struct gpu *g)
{
    nvml_read_memory(n, seen, device, g); /* first: a process that starts now is then listed */
    nvml_read_processes(n, seen, device, g);
    nvml_read_numbers(n, seen, device, g);
    snprintf(g->name, sizeof g->name, "%s", seen->name);
    snprintf(g->bus, sizeof g->bus, "%s", seen->bus);
}

/* Adds the MIG devices of a GPU; false if it is not divided. */
static bool nvml_read_mig(struct gpu_nvml *n, struct nvml_seen *seen, uint32_t index,
                          struct gpu_reading *r)
{
    uint32_t current = 0, pending = 0, most = 0;
    if (!n->lib.mig_mode || !n->lib.mig_count || !n->lib.mig_device ||
        !nvml_ok(n, seen, n->lib.mig_mode(seen->device, &current, &pending)) || !current ||
        !nvml_ok(n, seen, n->lib.mig_count(seen->device, &most)))
        return false;
    for (uint32_t i = 0; i < most; i++) {
        nvml_device device;
        char uuid[NVML_TEXT_BYTES] = "";
        if (n->lib.mig_device(seen->device, i, &device) != NVML_SUCCESS ||
            !nvml_ok(n, seen, n->lib.uuid(device, uuid, sizeof uuid)))
            continue;
        struct gpu *g = gpu_reading_add(r, "nvidia");
        if (!g)
            break;
        nvml_read_one(n, seen, device, g);
        (void)n->lib.name(device, g->name, sizeof g->name);
        snprintf(g->uuid, sizeof g->uuid, "%s", uuid);
        snprintf(g->index, sizeof g->index, "%u:%u", index, i);
        snprintf(g->fault, sizeof g->fault, "%s", seen->fault);
    }
    return true;
}

/* Looks a GPU up; one that was seen before stays known when it is lost. */
static void nvml_see(struct gpu_nvml *n, uint32_t index)
{
    struct nvml_seen *seen = &n->seen[index];
    struct nvml_pci pci = {0};
    char uuid[NVML_TEXT_BYTES] = "";
    int rc = n->lib.device(index, &seen->device);
    if (rc == NVML_SUCCESS)
        rc = n->lib.uuid(seen->device, uuid, sizeof uuid);
    if (rc != NVML_SUCCESS && seen->uuid[0] && !seen->fault[0])
        snprintf(seen->fault, sizeof seen->fault, "%.150s", nvml_text(n, rc));
    if (rc != NVML_SUCCESS)
        return;
    if (strcmp(uuid, seen->uuid) == 0)
        return;
    snprintf(seen->uuid, sizeof seen->uuid, "%s", uuid);
    (void)n->lib.name(seen->device, seen->name, sizeof seen->name);
    if (n->lib.pci && n->lib.pci(seen->device, &pci) == NVML_SUCCESS)
        snprintf(seen->bus, sizeof seen->bus, "%.31s", pci.bus_id);
    if (n->events)
        (void)n->lib.set_add(seen->device, NVML_XID_EVENTS, n->events);
}

static bool nvml_start(struct gpu_nvml *n, struct gpu_reading *r)
{
    int rc = n->started ? NVML_SUCCESS : n->lib.init();
    if (rc == NVML_SUCCESS && !n->started) {
        if (n->lib.set_create && n->lib.set_add && n->lib.set_wait)
            (void)n->lib.set_create(&n->events);
        n->started = true;
    }
    if (rc != NVML_SUCCESS && rc != NVML_DRIVER_NOT_LOADED)
        snprintf(r->error, sizeof r->error, "NVIDIA's driver: %.200s", nvml_text(n, rc));
    return rc == NVML_SUCCESS;
}

void gpu_nvml_read(struct gpu_nvml *n, struct gpu_reading *r)
{
    uint32_t count = 0;
    if (!nvml_start(n, r))
        return;
    int rc = n->lib.count(&count);
    if (rc != NVML_SUCCESS && n->seen_n == 0)
        snprintf(r->error, sizeof r->error, "NVIDIA's driver: %.200s", nvml_text(n, rc));
    count = count > GPU_MAX ? GPU_MAX : count;
    n->seen_n = count > n->seen_n ? count : n->seen_n;
    for (uint32_t i = 0; i < n->seen_n; i++) {
        struct nvml_seen *seen = &n->seen[i];
        nvml_see(n, i);
        if (!seen->uuid[0] || nvml_read_mig(n, seen, i, r))
            continue;
        struct gpu *g = gpu_reading_add(r, "nvidia");
        if (!g)
            break;
        snprintf(g->uuid, sizeof g->uuid, "%s", seen->uuid);
        snprintf(g->index, sizeof g->index, "%u", i);
        nvml_read_one(n, seen, seen->device, g);
        snprintf(g->fault, sizeof g->fault, "%s", seen->fault);
    }
}

/* Errors that the program caused, not the GPU: the same list as in NVIDIA's device plugin for
 * Kubernetes. */
static bool xid_is_of_program(uint64_t xid)
{
    static const uint16_t of_programs[] = {13, 31, 43, 45, 68, 109};
    for (size_t i = 0; i < sizeof of_programs / sizeof *of_programs; i++)
        if (of_programs[i] == xid)
            return true;
    return false;
}

bool gpu_nvml_events(struct gpu_nvml *n)
{
    struct nvml_event e = {0};
    bool any = false;
    while (n->events && n->lib.set_wait(n->events, &e, 0) == NVML_SUCCESS) {
        for (uint32_t i = 0; i < n->seen_n; i++) {
            struct nvml_seen *seen = &n->seen[i];
            if (seen->device != e.device || xid_is_of_program(e.data) || seen->fault[0])
                continue;
            snprintf(seen->fault, sizeof seen->fault, "Xid %" PRIu64, e.data);
            any = true;
        }
    }
    return any;
}
