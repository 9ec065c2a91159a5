/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A libnvidia-ml.so.1 whose GPUs are a file, $FAKE_NVML, read anew at each call:
 *
 *   gpu UUID TOTAL_MIB USED_MIB      a GPU; its number is its place
 *   set UUID lost|ecc|util|power N   the GPU is lost; uncorrected errors; readings
 *   process UUID PID MIB             a process that computes; -1 MiB: not known
 *   mig UUID MIG_UUID TOTAL_MIB USED_MIB
 *   xid UUID NUMBER                  an event, reported once by each process
 *   hang                             each call waits until this line is gone
 *   busy                             each call keeps a processor busy until this line is gone
 *   init CODE                        nvmlInit fails
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OK = 0, INVALID = 2, NOT_SUPPORTED = 3, TIMEOUT = 10, LOST = 15, MAX = 16 };

struct fake_process {
    int pid, mib;
};

struct fake {
    char uuid[96];
    long total, used;
    int lost, util, power, xid, xid_told, parts_n, processes_n;
    long ecc;
    struct fake_process processes[MAX];
    struct fake *parts[MAX];
};

static struct fake gpus[MAX], parts[MAX];
static int gpus_n, parts_n, init_code, hangs, busy;

static struct fake *fake_find(const char *uuid)
{
    for (int i = 0; i < gpus_n; i++)
        if (strcmp(gpus[i].uuid, uuid) == 0)
            return &gpus[i];
    for (int i = 0; i < parts_n; i++)
        if (strcmp(parts[i].uuid, uuid) == 0)
            return &parts[i];
    fprintf(stderr, "fake NVML: no GPU %s\n", uuid);
    abort();
}

static void fake_add(struct fake *f, const char *uuid, long total, long used)
{
    int told = f->xid_told;
    *f = (struct fake){.total = total, .used = used, .util = 10, .power = 100, .xid_told = told};
    snprintf(f->uuid, sizeof f->uuid, "%s", uuid);
}

static void fake_line(const char *line)
{
    char uuid[96], other[96];
    long a, b;
    if (sscanf(line, "gpu %95s %ld %ld", uuid, &a, &b) == 3) {
        fake_add(&gpus[gpus_n++], uuid, a, b);
    } else if (sscanf(line, "mig %95s %95s %ld %ld", uuid, other, &a, &b) == 4) {
        struct fake *of = fake_find(uuid);
        fake_add(&parts[parts_n], other, a, b);
        of->parts[of->parts_n++] = &parts[parts_n++];
    } else if (sscanf(line, "process %95s %ld %ld", uuid, &a, &b) == 3) {
        struct fake *of = fake_find(uuid);
        of->processes[of->processes_n++] = (struct fake_process){(int)a, (int)b};
    } else if (sscanf(line, "set %95s %95s %ld", uuid, other, &a) == 3) {
        struct fake *of = fake_find(uuid);
        of->lost = strcmp(other, "lost") == 0 ? (int)a : of->lost;
        of->ecc = strcmp(other, "ecc") == 0 ? a : of->ecc;
        of->util = strcmp(other, "util") == 0 ? (int)a : of->util;
        of->power = strcmp(other, "power") == 0 ? (int)a : of->power;
    } else if (sscanf(line, "xid %95s %ld", uuid, &a) == 2) {
        fake_find(uuid)->xid = (int)a;
    } else if (sscanf(line, "init %ld", &a) == 1) {
        init_code = (int)a;
    } else if (strncmp(line, "hang", 4) == 0) {
        hangs = 1;
    } else if (strncmp(line, "busy", 4) == 0) {
        busy = 1;
    }
}

static void fake_read(void)
{
    do {
        char line[300];
        const char *path = getenv("FAKE_NVML");
        FILE *f = path ? fopen(path, "r") : NULL;
        gpus_n = parts_n = init_code = 0;
        if (hangs)
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        hangs = busy = 0;
        while (f && fgets(line, sizeof line, f))
            fake_line(line);
        if (f)
            fclose(f);
    } while (hangs || busy);
}

/* What a call about this GPU returns. */
static int fake_state(const struct fake *f)
{
    fake_read();
    return f->lost ? LOST : OK;
}

#define EXPORT __attribute__((visibility("default")))
EXPORT int nvmlInit_v2(void);
EXPORT const char *nvmlErrorString(int code);
EXPORT int nvmlDeviceGetCount_v2(uint32_t *n);
EXPORT int nvmlDeviceGetHandleByIndex_v2(uint32_t i, struct fake **ret);
EXPORT int nvmlDeviceGetName(struct fake *f, char *out, uint32_t n);
EXPORT int nvmlDeviceGetUUID(struct fake *f, char *out, uint32_t n);
EXPORT int nvmlDeviceGetMemoryInfo(struct fake *f, uint64_t out[3]);
EXPORT int nvmlDeviceGetUtilizationRates(struct fake *f, uint32_t out[2]);
EXPORT int nvmlDeviceGetTemperature(struct fake *f, int sensor, uint32_t *ret);
EXPORT int nvmlDeviceGetPowerUsage(struct fake *f, uint32_t *ret);
EXPORT int nvmlDeviceGetTotalEccErrors(struct fake *f, int type, int counter, uint64_t *ret);
EXPORT int nvmlDeviceGetMigMode(struct fake *f, uint32_t *now, uint32_t *next);
EXPORT int nvmlDeviceGetMaxMigDeviceCount(struct fake *f, uint32_t *ret);
EXPORT int nvmlDeviceGetMigDeviceHandleByIndex(struct fake *f, uint32_t i, struct fake **ret);
EXPORT int nvmlEventSetCreate(void **set);
EXPORT int nvmlDeviceRegisterEvents(struct fake *f, uint64_t types, void *set);

/* As NVIDIA's headers lay them out. */
struct fake_process_info {
    uint32_t pid;
    uint64_t memory;
    uint32_t gpu_instance, compute_instance;
};
struct fake_event {
    struct fake *device;
    uint64_t type, data;
    uint32_t gpu_instance, compute_instance;
};
EXPORT int nvmlDeviceGetComputeRunningProcesses_v3(struct fake *f, uint32_t *n,
                                                   struct fake_process_info *out);
EXPORT int nvmlEventSetWait_v2(void *set, struct fake_event *ret, uint32_t ms);

int nvmlInit_v2(void)
{
    fake_read();
    return init_code;
}

const char *nvmlErrorString(int code)
{
    return code == LOST ? "GPU is lost" : code == 18 ? "Driver/library version mismatch" : "error";
}

int nvmlDeviceGetCount_v2(uint32_t *n)
{
    fake_read();
    *n = (uint32_t)gpus_n;
    return OK;
}

int nvmlDeviceGetHandleByIndex_v2(uint32_t i, struct fake **ret)
{
    fake_read();
    if (i >= (uint32_t)gpus_n)
        return INVALID;
    *ret = &gpus[i];
    return gpus[i].lost ? LOST : OK;
}

int nvmlDeviceGetName(struct fake *f, char *out, uint32_t n)
{
    snprintf(out, n, "Fake %s", f >= parts && f < parts + MAX ? "1g.10gb" : "H200");
    return fake_state(f);
}

int nvmlDeviceGetUUID(struct fake *f, char *out, uint32_t n)
{
    snprintf(out, n, "%s", f->uuid);
    return fake_state(f);
}

int nvmlDeviceGetMemoryInfo(struct fake *f, uint64_t out[3])
{
    int rc = fake_state(f);
    out[0] = (uint64_t)f->total << 20;
    out[1] = (uint64_t)(f->total - f->used) << 20;
    out[2] = (uint64_t)f->used << 20;
    return rc;
}

int nvmlDeviceGetUtilizationRates(struct fake *f, uint32_t out[2])
{
    int rc = fake_state(f);
    out[0] = (uint32_t)f->util;
    out[1] = 0;
    return rc;
}

int nvmlDeviceGetTemperature(struct fake *f, int sensor, uint32_t *ret)
{
    (void)sensor;
    *ret = 50;
    return fake_state(f);
}

int nvmlDeviceGetPowerUsage(struct fake *f, uint32_t *ret)
{
    int rc = fake_state(f);
    *ret = (uint32_t)f->power * 1000;
    return rc;
}

int nvmlDeviceGetTotalEccErrors(struct fake *f, int type, int counter, uint64_t *ret)
{
    int rc = fake_state(f);
    *ret = (uint64_t)f->ecc;
    return type == 1 && counter == 0 ? rc : INVALID;
}

int nvmlDeviceGetMigMode(struct fake *f, uint32_t *now, uint32_t *next)
{
    int rc = fake_state(f);
    *now = *next = f->parts_n > 0;
    return rc;
}

int nvmlDeviceGetMaxMigDeviceCount(struct fake *f, uint32_t *ret)
{
    int rc = fake_state(f);
    *ret = 7;
    return rc;
}

int nvmlDeviceGetMigDeviceHandleByIndex(struct fake *f, uint32_t i, struct fake **ret)
{
    int rc = fake_state(f);
    if (i >= (uint32_t)f->parts_n)
        return INVALID;
    *ret = f->parts[i];
    return rc;
}

int nvmlDeviceGetComputeRunningProcesses_v3(struct fake *f, uint32_t *n,
                                            struct fake_process_info *out)
{
    int rc = fake_state(f);
    *n = (uint32_t)f->processes_n;
    for (int i = 0; i < f->processes_n; i++) {
        int mib = f->processes[i].mib;
        out[i] = (struct fake_process_info){.pid = (uint32_t)f->processes[i].pid,
                                            .memory = mib < 0 ? UINT64_MAX : (uint64_t)mib << 20};
    }
    return rc;
}

int nvmlEventSetCreate(void **set)
{
    *set = gpus;
    return OK;
}

int nvmlDeviceRegisterEvents(struct fake *f, uint64_t types, void *set)
{
    (void)set;
    return types == 8 ? fake_state(f) : NOT_SUPPORTED;
}

int nvmlEventSetWait_v2(void *set, struct fake_event *ret, uint32_t ms)
{
    (void)set, (void)ms;
    fake_read();
    for (int i = 0; i < gpus_n; i++) {
        if (gpus[i].xid == 0 || gpus[i].xid_told == gpus[i].xid)
            continue;
        gpus[i].xid_told = gpus[i].xid;
        *ret = (struct fake_event){.device = &gpus[i], .type = 8, .data = (uint64_t)gpus[i].xid};
        return OK;
    }
    return TIMEOUT;
}
