/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What an action would do, for people who are about to ask for it: an event with `dry` is judged as any
 * other, and then its effect is counted in place of being done. The reply's answer is
 *   {"ok":true,"possible":BOOL,"message":TEXT,"code":"ERR_…" or null,"revision":N,"effect":{…}}
 * message: the effect as a sentence without its subject ("ends 8 running trials (6.1 GPU-h of work)
 * …"), or why it is not possible. revision: the sweep's `steered`; an event with this number as
 * `seen` does what was counted, or nothing. effect: what the action is about, of
 *   running, pending   trials;    seconds, gpu_seconds  the work of the running ones until now
 *   trials             their numbers, the first EFFECT_TRIALS_MAX of them
 *   again              of the running ones of an agent that is forgotten: those that run again
 *   params             the whole configuration;   trial  its number;   times  how many like it, which follow
 *   left               where there are fewer than so many like it: how many
 *   changes            of the spec: [{"key","kind":"free"|"grown"|"refused","old","new"}]
 * and {} where nothing would change. Pure. */
#include "orchestrator/core/controller/controller_state.h"

enum { EFFECT_TRIALS_MAX = 500 };

/* Who has this credential, or is this local user, as people read it. */
const char *effect_who(const struct controller *c, const char *by, struct arena *a);
/* Whether the sweep was steered since who asks looked at it: then the refusal is the reply. */
bool effect_is_stale(const struct controller *c, const struct event *ev, struct effects *out);
/* Gives the reply to a dry event, which is among the effects from the first on, its answer. */
void effect_answer(const struct controller *c, const struct event *ev, size_t first,
                   struct effects *out);
/* Replies with what was counted: a dict. */
void effect_reply(const struct event *ev, int code, const char *text, const struct value *counted,
                  struct effects *out);
/* Of pause, resume, stop and cancel. */
void effect_command(const struct event *ev, const struct book_sweep *s, struct effects *out);
/* Of stopping one trial. */
void effect_stop(const struct event *ev, const struct book_trial *t, struct effects *out);
void effect_stop_several(const struct event *ev, const struct book_sweep *s, struct effects *out);
/* Of running these trials again. */
void effect_retry(const struct event *ev, const struct book_sweep *s, const uint64_t *trials,
                  size_t n, struct effects *out);
/* "the new trial k3f9-7", "3 new trials like k3f9-2, each with another value of seed: k3f9-7 to k3f9-9" */
const char *effect_enqueued(struct arena *a, const struct book_sweep *s,
                            const struct event_enqueue *enqueue, uint64_t first);
/* ", beyond its run_cap of 60" where there are more trials than that; else "". */
const char *effect_beyond_cap(struct arena *a, const struct book_sweep *s, uint64_t trials);
/* Of a configuration, which would be the sweep's next trial, or of several like it. */
void effect_enqueue(const struct event *ev, const struct book_sweep *s, const struct value *params,
                    struct effects *out);
/* Of a new spec, which err refuses where it has a code. */
void effect_edit(const struct event *ev, const struct book_sweep *s, const struct err *err,
                 struct effects *out);
