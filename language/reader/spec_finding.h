/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the reader found wrong: the kind of the mistake and the values that it is about. The reader
 * reports the mistake and its place, and passes the finding to spec_reader.advise, which adds a
 * line to write and edits. Knows no advice. */
#include "base/diag/diag.h"
#include "language/language.h"
#include "language/reader/parameter/spec_draft.h"
#include "language/reader/spec_node.h"
#include "sweep/space.h"

struct spec_metric;
struct spec_tight;

/* Findings whose line to write depends on the file, with the members that they set. */
#define SPEC_FINDINGS(X)                                                                          \
    /* Fields of the language's tables. */                                                        \
    X(WRONG_VALUE, wrong_value) /* node, field */                                                 \
    X(UNKNOWN_KEY, unknown_key) /* node, object, text: a key near to it, or NULL, sure */         \
    X(EXAMPLE, example)         /* object: a mapping that is missing or says too little */        \
    /* Keys of the sweep. */                                                                      \
    X(OUTSIDE, outside)         /* node: a parameter outside of `parameters` */                   \
    X(METRIC_NAME, metric_name) /* node: a metric without a name */                               \
    X(MEANT, meant)             /* node, text: a name, and what was meant; or NULL */             \
    X(ONE_METRIC, one_metric)   /* metric: the only one of `metrics`, or NULL */                  \
    X(BANDS, bands)             /* sure: of asha: no band comes of its numbers */                 \
    X(HYPERBAND, hyperband)     /* node: the keys that define bands are missing */                \
    X(NO_TEXT, no_text)         /* node */                                                        \
    X(MACRO, macro)             /* node, text, sure: an item of `command`, and what was meant */  \
    X(SHELL_ARGS,                                                                                 \
      shell_args) /* node, text: a shell's script, and its shell; sure: no more items */          \
    X(NO_ARGUMENTS, no_arguments) /* node: a `command` that is not a list */                      \
    X(NOT_PASSED, not_passed)     /* node, words: `command`, which passes no parameters */        \
    X(TIGHT, tight)               /* node, tight, sure */                                         \
    /* The shape of parameters. */                                                                \
    X(HYDRA_NAME, hydra_name)               /* node: a parameter that is named +x or ++x */       \
    X(NO_MAPPING, no_mapping)               /* node, sure: a parameter that is not a mapping */   \
    X(DASHED, dashed)                       /* node: a parameter whose fields are a list */       \
    X(DASHED_PARAMETERS, dashed_parameters) /* node: `parameters` as a list */                    \
    X(LOST_INDENT,                                                                                \
      lost_indent)        /* node, words: a parameter, and its fields that stand beside it */     \
    X(NO_LEVEL, no_level) /* draft, node: parameters without `parameters`, the first */           \
    X(SLIPPED, slipped)   /* node: a parameter within another */                                  \
    X(UNKNOWN_FIELD, unknown_field) /* node, text: a field near to it, or NULL, sure */           \
    X(TIGHT_KEY, tight_key)         /* node: a field without the space after ':' */               \
    X(DECIMAL_COMMA, decimal_comma) /* node: a number that a comma ends */                        \
    /* The fields of a parameter. */                                                              \
    X(FIELDS, fields)   /* draft, fields: those that go together; 0 where none do */              \
    X(MISSING, missing) /* draft, kind, fields: missing, or bounds that are no numbers */         \
    X(PACKED, packed)   /* node: a distribution that is a mapping */                              \
    X(DISTRIBUTION, distribution) /* draft: an unknown name */                                    \
    X(OTHER_KIND, other_kind)     /* kind: the distribution that fits */                          \
    X(NUMBER, number)             /* node: not a number, or too small */                          \
    X(TEXT_NUMBER, text_number)   /* node: text that is read as a number */                       \
    X(BOUND_TYPE, bound_type) /* node: an integer that is to be a float, or a float an integer */ \
    X(ORDER, order)           /* draft: min is not less than max */                               \
    X(EXPONENTS, exponents)   /* parameter, sure: of ten, as they look */                         \
    X(NO_EXPONENTS, no_exponents)   /* parameter: too large for exponents */                      \
    X(LOGARITHM, logarithm)         /* parameter: with a min that has none */                     \
    X(STEPS, steps)                 /* number: a q that parts the range */                        \
    X(OFF_STEPS, off_steps)         /* draft, parameter: a min that is not a multiple of q */     \
    X(GRID, grid)                   /* parameter: not for a grid */                               \
    X(NO_LIST, no_list)             /* node: `values` that are not a list */                      \
    X(CUT_OFF, cut_off)             /* node: `values` that a comma ends */                        \
    X(NO_CHOICE, no_choice)         /* node: a constant that is a list of choices */              \
    X(PROBABILITIES, probabilities) /* node */                                                    \
    X(FLAG_ALONE, flag_alone)       /* node: a `flag` without values */                           \
    X(FLAG_SHAPE, flag_shape)       /* node, words: a `flag` that is not a mapping; the values */ \
    X(FLAG_TEXT, flag_text)         /* node, words: a `flag` without texts for these values */    \
    X(FLAG_WORDS, flag_words)       /* node: one text of several words */                         \
    /* Conditions. */                                                                             \
    X(WHEN, when)                   /* node: no condition */                                      \
    X(EXPR, expr)                   /* node: no text */                                           \
    X(ONE_CONDITION, one_condition) /* node: `forbid` that is not a list */                       \
    X(NAME, name)             /* node, text, sure: a key, and the parameter that was meant */     \
    X(COMPARISON, comparison) /* node, parameter: a value that is to be a comparison */           \
    X(NEVER, never)           /* node, parameter: a value that it never has */                    \
    /* Parts of the text of a condition: part, with its new text. */                              \
    X(PART, part)                                                                                 \
    X(NAME_PART, name_part)   /* a parameter's name */                                            \
    X(NO_QUOTES, no_quotes)   /* the quotes that are missing around it */                         \
    X(SIGN, sign)             /* signs, n: of other languages; the last is new */                 \
    X(NEVER_PART, never_part) /* parameter, value: without new text; a value that it never has */ \
    X(NO_TRUTH, no_truth)     /* parameter or NULL: without new text; not true or false */

enum spec_found {
#define X(id, name) SPEC_FOUND_##id,
    SPEC_FINDINGS(X)
#undef X
    /* From here on the line to write is always the same, except for the key of the node. */
    SPEC_FOUND_VARIABLE,
    SPEC_FOUND_EMPTY_LIST,
    SPEC_FOUND_NO_METHOD,
    SPEC_FOUND_NO_PARAMETERS,
    SPEC_FOUND_NO_PROGRAM,
    SPEC_FOUND_NO_VARIABLES,
    SPEC_FOUND_NO_OBJECTIVE,
    SPEC_FOUND_NO_STDOUT,
    SPEC_FOUND_NO_GROUP,
    SPEC_FOUND_NO_SOURCE,
    SPEC_FOUND_NO_VALUES,
    SPEC_FOUND_NO_CONDITION,
    SPEC_FOUND_NOT_CUSTOM,
    SPEC_FOUND_NOT_WANDB,
    SPEC_FOUND_NOTHING_TO_SEARCH,
    SPEC_FOUND_CUT_TEXT,
    SPEC_FOUND_ENDLESS,
    SPEC_FOUND_COUNT
};

/* A part of a text, and its new text. */
struct spec_part {
    size_t offset, len;
    const char *text;
};

struct spec_finding {
    enum spec_found what;
    const struct spec_node *node; /* NULL: the one that it is said of */
    const struct language_object *object;
    const struct language_field *field;
    const struct spec_draft *draft;
    const struct parameter *parameter;
    const struct spec_metric *metric;
    const struct spec_tight *tight;
    struct spec_part part;
    const struct spec_part *signs;
    size_t n;
    enum space_kind kind;
    unsigned fields; /* FIELD_BIT(…) */
    const struct value *words, *value;
    const char *text;
    double number;
    bool sure; /* where edits may be made */
};

#define SPEC_FOUND(id, ...) (&(struct spec_finding){.what = SPEC_FOUND_##id, __VA_ARGS__})

/* For a diagnostic that was added before, about n; NULL if the list of diagnostics is full, and
 * then nothing is called. */
void spec_finding_tell(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                       const struct spec_finding *f);
