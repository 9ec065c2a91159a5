/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The agent's shell: carries out what agent/core.h decides, on the loop: shims, attempt
 * directories, metrics files, one link to a controller. It decides nothing itself. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

struct link;
struct link_handler;
struct uv_loop_s;
struct agent;

struct agent_config {
    struct uv_loop_s *loop;
    const char *name;
    const char *dir;  /* absolute: run/, logs/ and trials/ are made in it */
    const char *shim; /* absolute path of besom-shim */
    const char *bin;  /* the folder of the besom binary: put last on the PATH of training */
    uint32_t slots;
    uint32_t
        shares; /* trainings that will run at once, for their share of the processors; 0: slots */
    int64_t grace_ms;
    /* Opens a link to the controller (net/link.h): at the start, and again when a link is down,
     * after a wait that grows. An error at the start is the start's; later it means never again. */
    int (*connect)(void *arg, const struct link_handler *handler, struct link **ret,
                   struct err *err);
    uint32_t beat_ms, silent_ms; /* of the link; 0: those of net/link.h */
    void (*changed)(void *arg);  /* called when it may have become done, or its link is gone */
    /* Something that a person should know, and that it can go on after; the same only once. */
    void (*warned)(void *arg, const char *text);
    /* No space is left for the files of an attempt. No fault of its trial: where this does not
     * return, the attempt is begun when the agent is started again. */
    void (*full)(void *arg, const struct err *err);
    void *arg;
};

/* Ends what dead shims left behind, finds the attempts that are there, connects and says hello. */
NODISCARD int agent_start(const struct agent_config *config, struct agent **ret, struct err *err);
/* It is welcome, and has nothing left to do with attempts of this sweep; of any, where it is NULL.
 */
bool agent_is_done(const struct agent *a, const char *sweep);
bool agent_is_linked(const struct agent *a);
bool agent_is_welcome(const struct agent *a); /* at the controller that it is linked to */
/* Closes the link and all handles; training is left as it is. The loop must run on until it is
 * closed; then agent_free. */
void agent_close(struct agent *a);
void agent_free(struct agent *a);
