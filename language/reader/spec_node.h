/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A place in a spec while it is read: a YAML node and the way to it, so that every diagnostic names
 * line, column and key path. The typed looks report what is wrong and what to write instead. Knows
 * no key of the language. */
#include "base/diag/diag.h"
#include "base/yaml/yaml_tree.h"

struct spec_finding;

struct spec_reader {
    struct arena *arena;
    struct diags *diags;
    const char *text; /* of the file; NULL where there is none */
    size_t len;
    /* Completes what was said by what to write (language/reader/spec_finding.h); may be NULL. */
    void (*advise)(struct spec_reader *r, struct diag *said, const struct spec_finding *f);
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
 * own. fix may be NULL. Returns what was said, or NULL where too much has been. */
struct diag *spec_node_error(struct spec_reader *r, const struct spec_node *n, const char *fix,
                             const char *fmt, ...) PRINTF_LIKE(4, 5);
struct diag *spec_node_error_key(struct spec_reader *r, const struct spec_node *n, const char *fix,
                                 const char *fmt, ...) PRINTF_LIKE(4, 5);
/* An error in a new spec, a warning in a stored one: of what can be obeyed as it is. What a later
 * version refuses for the first time is said by this, so that sweeps of before go on. */
struct diag *spec_node_judge_key(struct spec_reader *r, const struct spec_node *n, const char *fix,
                                 const char *fmt, ...) PRINTF_LIKE(4, 5);
struct diag *spec_node_warn(struct spec_reader *r, const struct spec_node *n, const char *fix,
                            const char *fmt, ...) PRINTF_LIKE(4, 5);
struct diag *spec_node_warn_key(struct spec_reader *r, const struct spec_node *n, const char *fix,
                                const char *fmt, ...) PRINTF_LIKE(4, 5);
struct diag *spec_node_note(struct spec_reader *r, const struct spec_node *n, const char *fix,
                            const char *fmt, ...) PRINTF_LIKE(4, 5);

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
/* Adds to what was said that a machine may put text in place of the value, or of the key; or a name
 * that is written alike with quotes and without; or keep what stands there and put before and after
 * around it. Does nothing where it cannot be known what stands there: an alias, a tag, a block of
 * lines. */
void spec_node_replace(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                       const char *text);
void spec_node_replace_name(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                            const char *name);
void spec_node_wrap(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                    const char *before, const char *after);
void spec_node_replace_key(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                           const char *text);

/* The same for a key that is none of names (as for base/diag/nearest.h), where it is surely a slip of
 * one of them that is not there already. */
void spec_node_replace_slip(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                            const void *names, size_t names_n, size_t stride);

/* Whether something of that weight or more was said within n. */
bool spec_node_has_diag(const struct spec_reader *r, const struct yaml_node *n,
                        enum diag_severity least);

/* Each of these reports an error and returns false where the value is of another kind. */
bool spec_node_dict(struct spec_reader *r, const struct spec_node *n, const char *fix);
bool spec_node_text(struct spec_reader *r, const struct spec_node *n, const char **ret);
bool spec_node_int(struct spec_reader *r, const struct spec_node *n, int64_t least, int64_t *ret);
/* The number that n is, or whose text it is; says nothing. */
bool spec_node_as_number(const struct spec_node *n, struct spec_number *ret);
bool spec_node_as_finite(const struct spec_node *n, struct spec_number *ret);
/* What is said of a value that is no finite number; and, where it is text, of one that is. */
struct diag *spec_node_say_no_number(struct spec_reader *r, const struct spec_node *n,
                                     const char *fix);
void spec_node_say_text_is_number(struct spec_reader *r, const struct spec_node *n,
                                  const struct spec_number *number);
/* A finite number; text that reads whole as one is taken for it, with a warning. */
bool spec_node_number(struct spec_reader *r, const struct spec_node *n, const char *fix,
                      struct spec_number *ret);
