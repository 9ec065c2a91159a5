/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The processes of an attempt: a shim, which is the real machine in a model of agent/shim/shim_main.c,
 * and the training that it owns: a script of metrics lines and an end, which may fail, hang, ignore
 * SIGTERM or leave daemons behind. */
#include "agent/shim/shim_core.h"
#include "tests/sim/dir.h"

enum { PROCESS_DAEMONS_MAX = 2, PROCESS_HELD_MAX = 8 };

/* The same for a trial and attempt whatever else happens. */
struct script {
    int lines;
    int64_t pace_ms;
    int code, signal; /* how it ends by itself */
    bool launch_fails, hangs, stubborn, no_newline, last_words, unkillable;
    int daemons, stubborn_daemons;
};

struct process {
    struct dir *dir;
    struct process *next; /* of the same directory */
    uint64_t spawned_by;  /* generation of the agent */
    int64_t spawned_ms;
    uint64_t slots, gpus; /* bits */
    bool capture;
    bool shim_alive, claimed, launched;
    bool stopped; /* the shim, by SIGSTOP: what happens meanwhile is held */
    struct shim_event held[PROCESS_HELD_MAX];
    int held_n;
    int pending; /* 0, or a signal that waits until training is launched */
    int record_tries;
    struct shim_core core;
    int64_t armed_at;
    struct script script;
    bool main_alive;
    uint64_t life; /* of the main process: rises when it ends */
    bool daemons[PROCESS_DAEMONS_MAX];
    int line;
};

void process_script(const struct sim *s, const struct agent_key *key, struct script *ret);
double process_loss(const struct sim *s, uint64_t trial, int line);
/* Starts a shim for the directory, as the agent does. */
struct process *process_spawn(struct sim *s, struct dir *d, const struct value *grant, bool capture,
                              int64_t time_ms);
/* SIGTERM, or SIGQUIT where `now`, to the shim. */
void process_signal(struct sim *s, struct process *p, bool now);
void process_stop_shim(struct sim *s,
                       struct process *p); /* SIGSTOP: it does nothing until continued */
void process_continue(struct sim *s, struct process *p);
void process_force(struct sim *s, struct process *p);         /* SIGKILL to shim and training */
void process_kill_shim(struct sim *s, struct process *p);     /* SIGKILL */
void process_kill_training(struct sim *s, struct process *p); /* SIGKILL to the main process */
/* SIGKILL to all of the directory that has no living shim, shims on their way among it; how many
 * live on. */
size_t process_kill_leftovers(struct sim *s, struct dir *d);
void process_reboot(struct sim *s, struct process *p); /* all at once, nobody hears of it */
bool process_is_alive(const struct process *p);        /* shim or any of training */
bool process_is_training(const struct process *p);     /* any of training */
