/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What an attempt holds of its agent: slots, GPUs, cores and memory. The fact `launched` records it
 * and the message `launch` carries it, as one object:
 *   {"slots":[0,1],"gpus":["GPU-…","GPU-…"],"index":"0,1","vendor":"nvidia","share":2,"cpus":8,
 *    "memory":1073741824,"workdir":"/data/me/net","dir":"/var/lib/besom/trials/k3f9/7"}
 * `slots` ascends; the rest joins what the agent said of these slots. Without `gpus` besom leaves
 * GPUs alone; an empty list means that the attempt sees none. `workdir` is where its training runs,
 * `dir` its $BESOM_DIR: for people. Must not know agents or sweeps. */
#include "base/value.h"

struct grant {
    const uint32_t *slots;      /* at least one; the first is the attempt's slot */
    const char **gpus;          /* ids; NULL: besom leaves GPUs alone */
    const char *index, *vendor; /* NULL: not said */
    const char *workdir, *dir;  /* as base/path_text prints them; NULL: not known */
    uint32_t slots_n, gpus_n;
    uint32_t share;        /* attempts that share each GPU, at least 1 */
    uint64_t cpus, memory; /* 0: not named by the spec */
};

/* Reads a grant; NULL is that of an attempt with this slot alone. False if it is malformed. The
 * result points into the arena and into v. */
NODISCARD bool grant_read(struct arena *a, uint32_t slot, const struct value *v, struct grant *ret);
/* The same for the JSON text that the books keep. */
NODISCARD bool grant_parse(struct arena *a, uint32_t slot, const char *text, struct grant *ret);
struct value *grant_value(struct arena *a, const struct grant *g);
/* Whether the slot alone says it all: then the fact leaves the grant out. */
bool grant_is_plain(const struct grant *g);
/* The GPUs that it holds, in thousandths: one of two that share a GPU holds 500. */
uint32_t grant_gpu_milli(const struct grant *g);
