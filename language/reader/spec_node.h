/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A place in a spec while it is read: a YAML node and the way to it, so that every diagnostic names
 * line, column and key path. Knows no key of the language, and not what to write instead. */
#include "base/diag/diag.h"
#include "base/yaml/yaml_tree.h"

struct spec_finding;
struct spec_node;

struct spec_reader {
    struct arena *arena;
    struct diags *diags;
    const char *text; /* of the file; NULL where there is none */
    size_t len;
    /* Adds what to write to a diagnostic about n (language/reader/spec_finding.h); may be NULL. */
    void (*advise)(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                   const struct spec_finding *f);
    bool stored; /* it was accepted before, perhaps by an earlier version */
};

struct spec_node {
    const struct spec_node *up;
    const char *key; /* NULL for an item or the root */
    size_t index;
    int line, column; /* of the key */
    int end_column;   /* after the key; 0 if unknown */
    const struct yaml_node *yaml;
};

/* A number as written: bounds keep int and float apart. */
struct spec_number {
    double f;
    int64_t i;
    bool is_int;
};

bool spec_node_get(const struct spec_node *dict, const char *key, struct spec_node *ret);
struct spec_node spec_node_entry(const struct spec_node *dict, size_t i);
struct spec_node spec_node_item(const struct spec_node *list, size_t i);
enum value_kind spec_node_kind(const struct spec_node *n);
/* The value as Python prints it, cut to fit a message. */
const char *spec_node_shown(struct spec_reader *r, const struct spec_node *n);
/* The value as YAML on one line; "…" where that is long. */
const char *spec_node_yaml(struct spec_reader *r, const struct spec_node *n);
/* The value as Python's str() prints it, whole. */
char *spec_node_printed(struct spec_reader *r, const struct spec_node *n);
/* "a list", "true or false", … */
const char *spec_node_kind_name(const struct spec_node *n);

/* Each adds a diagnostic at the value, or at the key: those with _key, and all if the value is
 * empty or begins on another line. f: the finding for spec_reader.advise; may be NULL. Returns the
 * diagnostic, or NULL if the list is full. */
#define SPEC_NODE_SAY(name)                                             \
    struct diag *name(struct spec_reader *r, const struct spec_node *n, \
                      const struct spec_finding *f, const char *fmt, ...) PRINTF_LIKE(4, 5)
SPEC_NODE_SAY(spec_node_error);
SPEC_NODE_SAY(spec_node_error_key);
SPEC_NODE_SAY(spec_node_warn);
SPEC_NODE_SAY(spec_node_warn_key);
SPEC_NODE_SAY(spec_node_note);
SPEC_NODE_SAY(spec_node_note_key);
/* An error in a new spec, a warning in a stored one, about a spec that can be run all the same.
 * Use it for what a later version refuses for the first time, so that earlier sweeps continue. */
SPEC_NODE_SAY(spec_node_judge_key);

/* Whether an alias or a merge key refers to it too, or to a node around it. */
bool spec_node_is_shared(const struct spec_node *n);
/* False for an alias, whose value is elsewhere, and for a node that an alias or a merge key refers
 * to: an edit would change several places. */
bool spec_node_stands_here(const struct spec_node *n);
/* Whether n is a list of mappings that are not empty, as with dashes before fields. */
bool spec_node_is_dashed(const struct spec_node *n);
/* Whether n is text in quotes. */
bool spec_node_quoted(const struct spec_node *n);
/* Whether the value means the same within brackets: not a list or mapping, and not plain text with
 * special characters of YAML. */
bool spec_node_is_simple(const struct spec_node *n);
/* Whether there is a diagnostic of at least this severity within n. */
bool spec_node_has_diag(const struct spec_reader *r, const struct yaml_node *n,
                        enum diag_severity least);

/* The number that n is, or that its text spells; adds no diagnostic. */
bool spec_node_as_number(const struct spec_node *n, struct spec_number *ret);
bool spec_node_as_finite(const struct spec_node *n, struct spec_number *ret);
