/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which slots of a host's GPUs are offered, and for each other one the reason. Pure: it learns of
 * the GPUs by readings, of processes and locks by questions to its owner. Its rules:
 *
 *   - A GPU is in use if a process that is not of a trial that was granted it computes on it, or if
 *     others took more of its memory than is allowed. It is offered again after two free looks.
 *   - A GPU that fails is quarantined, until gpu_pool_release.
 *   - While the driver says nothing, no GPU is offered.
 *   - A slot is offered only if this process holds the host's lock of its GPU.
 *
 * A trial that runs on a slot is left alone, whatever becomes of its GPU. */
#include "agent/gpu/gpu_choice.h"

enum { GPU_POOL_FREE_LOOKS = 2, GPU_POOL_WHY_BYTES = 256 };
#define GPU_POOL_OTHERS_BYTES (512ll << 20) /* what a display server takes is less */

struct gpu_pool_options {
    uint32_t slots;       /* offered at once at most; 0: all */
    uint32_t per_gpu;     /* slots that share a GPU, at least 1 */
    int64_t others_bytes; /* of a GPU's memory that others may have */
    int64_t recent_ms;    /* how long after its end a trial's processes may be in a reading */
};

enum gpu_owner {
    GPU_OWNER_OTHER,
    GPU_OWNER_TRIAL, /* one that was granted the GPU */
    GPU_OWNER_FOUND, /* a trial of an earlier run: what it was granted is not known yet */
    GPU_OWNER_GONE,  /* no such process: it has ended, or is in another container */
};

struct gpu_pool_owner {
    enum gpu_owner owner;
    char name[32]; /* OTHER: the name of the program; "" if unknown */
};

struct gpu_pool_questions {
    void (*owner)(void *arg, int64_t pid, const char *uuid, struct gpu_pool_owner *ret);
    bool (*is_taken)(void *arg, uint32_t slot);   /* a trial of ours runs on it */
    bool (*is_held)(void *arg, const char *uuid); /* a trial of ours was granted it */
    bool (*lock)(void *arg, const char *uuid);    /* false: another process holds the lock */
    void *arg;
};

struct gpu_pool_gpu {
    struct gpu last;              /* as it was read last */
    bool listed;                  /* by the last reading */
    bool used;                    /* at the last look, or not free for long enough yet */
    bool locked;                  /* by this process */
    uint32_t free_looks;          /* since it was used */
    uint32_t memory_looks;        /* at which others had too much of its memory */
    int64_t ecc;                  /* uncorrected errors at the first look; -1: unknown */
    int64_t taken_ms;             /* when a trial of ours was on it last; INT64_MIN: never */
    char fault[160];              /* quarantined; "" if not */
    char why[GPU_POOL_WHY_BYTES]; /* not usable; "" if it is */
};

/* Why a slot is not offered that --slots leaves over. */
extern const char gpu_pool_not_needed[];

struct gpu_pool_slot {
    bool offered, taken;
    char why[GPU_POOL_WHY_BYTES];
};

struct gpu_pool {
    struct gpu_pool_options options;
    size_t gpus_n, slots_n; /* slot n has the GPU n % gpus_n */
    struct gpu_pool_gpu *gpus;
    struct gpu_pool_slot *slots;
};

/* The GPUs that are chosen, as they were read; none is offered before the first look. */
void gpu_pool_init(struct gpu_pool *p, const struct gpu_reading *r, const struct gpu_choice *c,
                   const struct gpu_pool_options *options);
void gpu_pool_done(struct gpu_pool *p);
/* The driver's newest reading; NULL: it has been silent, for the reason `silent`. */
void gpu_pool_look(struct gpu_pool *p, const struct gpu_reading *r, const char *silent,
                   int64_t now_ms, const struct gpu_pool_questions *q);
/* A trial of ours starts on the GPU. */
void gpu_pool_take(struct gpu_pool *p, const char *uuid, int64_t now_ms);
/* Stops offering the GPU from the next look on. */
void gpu_pool_quarantine(struct gpu_pool *p, const char *uuid, const char *why);
/* Ends the quarantine of a GPU; false if it is not in quarantine. */
bool gpu_pool_release(struct gpu_pool *p, const char *uuid);
/* Why the GPU failed; NULL if it did not. */
const char *gpu_pool_fault(const struct gpu_pool *p, const char *uuid);
const struct gpu_pool_gpu *gpu_pool_gpu_of(const struct gpu_pool *p, uint32_t slot);
/* The slots in the form of a hello. */
struct value *gpu_pool_offers(const struct gpu_pool *p, struct arena *a);
