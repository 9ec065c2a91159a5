/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The ends of trials on slots with GPUs. If a trial fails when its GPU fails, the host is to blame:
 * the end of a failed trial is held back until the GPUs have been read once more. */
#include "agent/gpu/gpu_slots.h"

struct gpu_ends {
    struct gpu_slots *slots;   /* NULL: no GPUs */
    void (*looked)(void *arg); /* gpu_ends_send has ends to send */
    void *arg;
    struct gpu_end *held;
    bool due;
};

void gpu_ends_init(struct gpu_ends *e, struct gpu_slots *slots, void (*looked)(void *arg),
                   void *arg);
/* The end of an attempt with this grant is about to be sent. True: it is kept, and sent later. */
bool gpu_ends_hold(struct gpu_ends *e, const struct message *ended, const struct value *grant);
/* Sends the ends that were held, if the GPUs have been read since. A slot that is not offered any
 * longer must have been told before: the trial may start again at once. */
void gpu_ends_send(struct gpu_ends *e, void (*send)(void *arg, const struct message *m), void *arg);
/* The link is down: the core reports all ends again. */
void gpu_ends_drop(struct gpu_ends *e);
