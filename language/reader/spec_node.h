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
    /* Adds what to write to what was said of n (language/reader/spec_finding.h); may be NULL. */
    void (*advise)(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                   const struct spec_finding *f);
    bool stored; /* it was accepted before, perhaps by an earlier version */
};

struct spec_node {
    const struct spec_node *up;
    const char *key; /* NULL for an item or the root */
    size_t index;
    int line, column; /* of the key */
    int end_column;   /* behind the key; 0 where it is not known */
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

/* At the value, or at the key where _key, and where the value is empty or begins on a line of its
 * own. f: what was found, for who advises; may be NULL. Returns what was said, or NULL where too
 * much has been. */
#define SPEC_NODE_SAY(name)                                             \
    struct diag *name(struct spec_reader *r, const struct spec_node *n, \
                      const struct spec_finding *f, const char *fmt, ...) PRINTF_LIKE(4, 5)
SPEC_NODE_SAY(spec_node_error);
SPEC_NODE_SAY(spec_node_error_key);
SPEC_NODE_SAY(spec_node_warn);
SPEC_NODE_SAY(spec_node_warn_key);
SPEC_NODE_SAY(spec_node_note);
/* An error in a new spec, a warning in a stored one: of what can be obeyed as it is. What a later
 * version refuses for the first time is said by this, so that sweeps of before go on. */
SPEC_NODE_SAY(spec_node_judge_key);

/* An alias or a merge key stands for it, or for what is around it, too. */
bool spec_node_is_shared(const struct spec_node *n);
/* False for an alias, whose value stands elsewhere, and for what an alias or a merge key stands for
 * too: more than one place hangs on it. */
bool spec_node_stands_here(const struct spec_node *n);
/* Whether n is a list of nothing but mappings that are not empty, as dashes before fields make it. */
bool spec_node_is_dashed(const struct spec_node *n);
/* Whether the text that n is stands in quotes. */
bool spec_node_quoted(const struct spec_node *n);
/* A value that says the same in brackets: no list or mapping, and no bare text with YAML's signs.
 */
bool spec_node_is_simple(const struct spec_node *n);
/* Whether something of that weight or more was said within n. */
bool spec_node_has_diag(const struct spec_reader *r, const struct yaml_node *n,
                        enum diag_severity least);

/* The number that n is, or whose text it is; says nothing. */
bool spec_node_as_number(const struct spec_node *n, struct spec_number *ret);
bool spec_node_as_finite(const struct spec_node *n, struct spec_number *ret);
