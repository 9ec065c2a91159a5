/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The part of NVML that is used: prototypes and layouts as in NVIDIA's nvml.h, which is not free
 * software, and whose library keeps them stable. */
#include <stdbool.h>
#include <stdint.h>

typedef struct nvml_device *nvml_device;
typedef struct nvml_event_set *nvml_event_set;

enum {
    NVML_SUCCESS = 0,
    NVML_DRIVER_NOT_LOADED = 9,
    NVML_GPU_IS_LOST = 15,
    NVML_RESET_REQUIRED = 16,
    NVML_TEXT_BYTES = 96,
    NVML_XID_EVENTS = 8,
    NVML_ECC_UNCORRECTED = 1,
    NVML_ECC_SINCE_LOAD = 0,
};

struct nvml_memory { /* nvmlMemory_t */
    uint64_t total, free, used;
};

struct nvml_memory_v2 {
    uint32_t version;
    uint64_t total, reserved, free, used;
};

struct nvml_pci { /* nvmlPciInfo_t of GetPciInfo_v3 */
    char legacy[16];
    uint32_t domain, bus, device, id, subsystem;
    char bus_id[32];
};

struct nvml_utilization {
    uint32_t gpu, memory;
};

struct nvml_process { /* nvmlProcessInfo_t of _v2 and _v3 */
    uint32_t pid;
    uint64_t memory;
    uint32_t gpu_instance, compute_instance;
};

struct nvml_event {
    nvml_device device;
    uint64_t type, data;
    uint32_t gpu_instance, compute_instance;
};

/* field, symbol, arguments; every function returns 0 or an error's number. The first ones must be
 * there, the others are of newer drivers or of some GPUs only. */
#define NVML_NEEDED(X)                                                    \
    X(init, "nvmlInit_v2", (void))                                        \
    X(count, "nvmlDeviceGetCount_v2", (uint32_t *))                       \
    X(device, "nvmlDeviceGetHandleByIndex_v2", (uint32_t, nvml_device *)) \
    X(name, "nvmlDeviceGetName", (nvml_device, char *, uint32_t))         \
    X(uuid, "nvmlDeviceGetUUID", (nvml_device, char *, uint32_t))         \
    X(memory, "nvmlDeviceGetMemoryInfo", (nvml_device, struct nvml_memory *))
#define NVML_OPTIONAL(X)                                                                         \
    X(memory_v2, "nvmlDeviceGetMemoryInfo_v2", (nvml_device, struct nvml_memory_v2 *))           \
    X(utilization, "nvmlDeviceGetUtilizationRates", (nvml_device, struct nvml_utilization *))    \
    X(temperature, "nvmlDeviceGetTemperature", (nvml_device, int, uint32_t *))                   \
    X(power, "nvmlDeviceGetPowerUsage", (nvml_device, uint32_t *))                               \
    X(pci, "nvmlDeviceGetPciInfo_v3", (nvml_device, struct nvml_pci *))                          \
    X(processes, "nvmlDeviceGetComputeRunningProcesses_v3",                                      \
      (nvml_device, uint32_t *, struct nvml_process *))                                          \
    X(processes_v2, "nvmlDeviceGetComputeRunningProcesses_v2",                                   \
      (nvml_device, uint32_t *, struct nvml_process *))                                          \
    X(ecc, "nvmlDeviceGetTotalEccErrors", (nvml_device, int, int, uint64_t *))                   \
    X(mig_mode, "nvmlDeviceGetMigMode", (nvml_device, uint32_t *, uint32_t *))                   \
    X(mig_count, "nvmlDeviceGetMaxMigDeviceCount", (nvml_device, uint32_t *))                    \
    X(mig_device, "nvmlDeviceGetMigDeviceHandleByIndex", (nvml_device, uint32_t, nvml_device *)) \
    X(set_create, "nvmlEventSetCreate", (nvml_event_set *))                                      \
    X(set_add, "nvmlDeviceRegisterEvents", (nvml_device, uint64_t, nvml_event_set))              \
    X(set_wait, "nvmlEventSetWait_v2", (nvml_event_set, struct nvml_event *, uint32_t))

struct nvml_library {
    void *handle;
    const char *(*error)(int code); /* may be NULL */
#define X(field, symbol, arguments) int(*field) arguments;
    NVML_NEEDED(X)
    NVML_OPTIONAL(X)
#undef X
};
