/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_ends.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

struct gpu_end {
    struct gpu_end *next;
    struct arena arena; /* of the message */
    struct message message;
    const struct value *grant;
};

void gpu_ends_init(struct gpu_ends *e, struct gpu_slots *slots, void (*looked)(void *arg),
                   void *arg)
{
    *e = (struct gpu_ends){.slots = slots, .looked = looked, .arg = arg};
}

static struct gpu_end *ends_take(struct gpu_ends *e)
{
    struct gpu_end *first = e->held;
    if (first)
        e->held = first->next;
    return first;
}

static void end_free(struct gpu_end *end)
{
    arena_done(&end->arena);
    mem_free(end);
}

static void on_looked(void *arg)
{
    struct gpu_ends *e = arg;
    e->due = true;
    e->looked(e->arg);
}

void gpu_ends_send(struct gpu_ends *e, void (*send)(void *arg, const struct message *m), void *arg)
{
    if (!e->due)
        return;
    e->due = false;
    for (struct gpu_end *end; (end = ends_take(e));) {
        const char *fault = gpu_slots_fault(e->slots, end->grant);
        if (fault) {
            end->message.cause = "host";
            end->message.text = arena_printf(&end->arena, "its GPU failed: %s", fault);
        }
        send(arg, &end->message);
        end_free(end);
    }
}

bool gpu_ends_hold(struct gpu_ends *e, const struct message *ended, const struct value *grant)
{
    bool failed = strcmp(ended->cause, "none") == 0 && (ended->code != 0 || ended->signal != 0);
    if (!e->slots || !grant)
        return false;
    if (strcmp(ended->cause, "unkillable") == 0) {
        char why[128];
        snprintf(why, sizeof why, "a process of trial %s-%" PRIu64 " cannot be killed",
                 ended->sweep, ended->trial);
        gpu_slots_quarantine(e->slots, grant, why);
    }
    if (!failed)
        return false;
    struct gpu_end *end = mem_alloc(sizeof *end);
    arena_init(&end->arena);
    end->grant = value_copy(&end->arena, grant);
    const struct value *copy = value_copy(&end->arena, message_encode(&end->arena, ended));
    check(message_decode(copy, &end->message, NULL) == 0);
    end->next = e->held;
    e->held = end;
    gpu_slots_look(e->slots, GPU_LOOK_ENDS, on_looked, e);
    return true;
}

void gpu_ends_drop(struct gpu_ends *e)
{
    for (struct gpu_end *end; (end = ends_take(e));)
        end_free(end);
}
