/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What is said of a sweep and of the fleet in the lines of `besom watch`, part by part. Pure. NULL: nothing is
 * known. */
#include "cli/progress/progress_facts.h"
#include "cli/watch/watch_canvas.h"

/* The counts of a sweep's document. */
struct progress watch_text_counts(const struct value *sweep);
const char *watch_text_bar(struct watch_canvas *c, const struct progress *p, size_t width);
/* "957/1,500" */
const char *watch_text_done(struct watch_canvas *c, const struct progress *p);
/* "✗14"; NULL: none */
const char *watch_text_count(struct watch_canvas *c, const char *glyph, uint64_t n);
/* "best ↓ 0.2143" */
const char *watch_text_best(struct watch_canvas *c, const struct value *sweep);
/* Of a pace: "3 h 10–4 h 20", "212 GPU-h" */
const char *watch_text_left(struct watch_canvas *c, const struct value *pace);
const char *watch_text_hours(struct watch_canvas *c, const struct value *pace);
/* Of all agents: "slots 7/8", drawn: "slots ▮▮▮▮▮▮▮▯ 7/8" */
const char *watch_text_slots(struct watch_canvas *c, bool drawn);
/* "GPU 87 %": the mean of what running trials use. */
const char *watch_text_load(struct watch_canvas *c);
