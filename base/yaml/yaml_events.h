/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* YAML text as a sequence of events with places, and the error that ends it. The only file that
 * knows libyaml. Knows nothing of trees, and resolves nothing. */
#include <stdbool.h>
#include "base/yaml/yaml_slip.h"

enum yaml_events_kind {
    YAML_EVENTS_DOCUMENT, /* one begins */
    YAML_EVENTS_ALIAS,
    YAML_EVENTS_SCALAR,
    YAML_EVENTS_LIST,
    YAML_EVENTS_LIST_END,
    YAML_EVENTS_DICT,
    YAML_EVENTS_DICT_END,
    YAML_EVENTS_END, /* of the text */
    YAML_EVENTS_OTHER,
};

/* Its texts are good until the next event is asked for. */
struct yaml_event {
    enum yaml_events_kind kind;
    struct diag_span at;
    size_t start, end;  /* the same in characters from the start of the text */
    const char *text;   /* of a scalar, as the scanner gives it; what an alias names */
    size_t len;         /* of text */
    const char *anchor; /* &anchor before it, or NULL */
    const char *tag;    /* or NULL */
    bool plain;         /* a scalar without quotes, no block */
};

struct yaml_events;

/* The text stays the caller's. Freed by yaml_events_free. */
struct yaml_events *yaml_events_new(const char *text, size_t len);
void yaml_events_free(struct yaml_events *e);
/* False where the text cannot be read on. */
bool yaml_events_next(struct yaml_events *e, struct yaml_event *ret);
/* Why yaml_events_next returned false. */
void yaml_events_fault(const struct yaml_events *e, struct arena *a, struct yaml_slip *ret);
bool yaml_events_is_utf16(const char *text, size_t len);
