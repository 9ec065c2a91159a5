/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/parameter/spec_kind.h"

#include <string.h>
#include "base/diag/nearest.h"
#include "language/reader/spec_finding.h"
#include "language/reader/spec_flow.h"

#define BIT(id) FIELD_BIT(id)
enum {
    RANGE = BIT(MIN) | BIT(MAX),
    NORMAL = BIT(MU) | BIT(SIGMA),
    BETA = BIT(A) | BIT(B),
};

/* DISTRIBUTION is always allowed. */
static const struct kind_rule {
    unsigned allowed, required;
} kind_rules[] = {
    [SPACE_Q_BETA] = {BETA | BIT(Q), 0},
    [SPACE_BETA] = {BETA, 0},
    [SPACE_CATEGORICAL] = {BIT(VALUES) | BIT(FLAG), BIT(VALUES)},
    [SPACE_CATEGORICAL_P] = {BIT(VALUES) | BIT(PROBABILITIES) | BIT(FLAG),
                             BIT(VALUES) | BIT(PROBABILITIES)},
    [SPACE_INT_UNIFORM] = {RANGE | BIT(Q), RANGE},
    [SPACE_UNIFORM] = {RANGE, RANGE},
    [SPACE_LOG_NORMAL] = {NORMAL, 0},
    [SPACE_LOG_UNIFORM] = {RANGE, RANGE},
    [SPACE_INV_LOG_UNIFORM] = {RANGE, RANGE},
    [SPACE_NORMAL] = {NORMAL, 0},
    [SPACE_Q_LOG_NORMAL] = {NORMAL | BIT(Q), 0},
    [SPACE_Q_LOG_UNIFORM] = {RANGE | BIT(Q), RANGE},
    [SPACE_Q_NORMAL] = {NORMAL | BIT(Q), 0},
    [SPACE_Q_UNIFORM] = {RANGE | BIT(Q), RANGE},
    [SPACE_CONSTANT] = {BIT(VALUE) | BIT(FLAG), BIT(VALUE)},
    [SPACE_INV_LOG_UNIFORM_VALUES] = {RANGE, RANGE},
    [SPACE_LOG_UNIFORM_VALUES] = {RANGE, RANGE},
    [SPACE_Q_LOG_UNIFORM_VALUES] = {RANGE | BIT(Q), RANGE},
    [SPACE_EXPR] = {BIT(EXPR), BIT(EXPR)},
};

const char *const spec_kind_names[SPEC_KIND_COUNT + 1] = {
#define X(id, name) [id] = name,
    SPACE_KINDS(X)
#undef X
};
unsigned spec_kind_fields(enum space_kind kind)
{
    return kind_rules[kind].allowed;
}

unsigned spec_kind_required(enum space_kind kind)
{
    return kind_rules[kind].required;
}

bool spec_kind_takes_logarithm(enum space_kind kind)
{
    return kind == SPACE_LOG_UNIFORM_VALUES || kind == SPACE_INV_LOG_UNIFORM_VALUES ||
           kind == SPACE_Q_LOG_UNIFORM_VALUES;
}

bool spec_kind_is_named(const struct spec_draft *d, enum space_kind kind)
{
    const struct spec_node *n = &d->fields[FIELD_DISTRIBUTION];
    return d->present & BIT(DISTRIBUTION) && spec_node_kind(n) == VALUE_STR &&
           strcmp(n->yaml->value->s.ptr, spec_kind_names[kind]) == 0;
}

static bool explicit_kind(struct spec_reader *r, const struct spec_draft *d, enum space_kind *ret)
{
    const struct spec_node *n = &d->fields[FIELD_DISTRIBUTION];
    const char *name = spec_node_kind(n) == VALUE_STR ? n->yaml->value->s.ptr : "";
    for (size_t i = 0; i < SPEC_KIND_COUNT; i++) {
        if (strcmp(spec_kind_names[i], name) == 0) {
            *ret = (enum space_kind)i;
            return true;
        }
    }
    if (spec_node_kind(n) == VALUE_DICT) {
        spec_node_error(
            r, n, SPEC_FOUND(PACKED),
            "`distribution` must be a name: put the other fields beside it, not into it");
        return false;
    }
    if (spec_node_kind(n) == VALUE_NULL)
        spec_node_error(r, n, SPEC_FOUND(OTHER_KIND, .kind = SPACE_UNIFORM),
                        "`distribution` is empty");
    else
        spec_node_error(r, n, SPEC_FOUND(DISTRIBUTION, .draft = d), "%s is not a distribution",
                        spec_node_shown(r, n));
    return false;
}

static bool inferred_kind(struct spec_reader *r, const struct spec_draft *d, enum space_kind *ret)
{
    unsigned p = d->present;
    if (p & BIT(VALUES))
        *ret = p & BIT(PROBABILITIES) ? SPACE_CATEGORICAL_P : SPACE_CATEGORICAL;
    else if (p & BIT(VALUE))
        *ret = SPACE_CONSTANT;
    else if (p & RANGE)
        *ret = SPACE_UNIFORM; /* or int_uniform: the bounds decide */
    else if (p & BIT(PARAMETERS))
        *ret = SPACE_CONSTANT; /* a group: check_fields() says so */
    else if (p & BIT(FLAG)) {
        spec_node_error_key(r, &d->fields[FIELD_FLAG], SPEC_FOUND(FLAG_ALONE),
                            "`flag` says how each value is passed: add `values`");
        return false;
    } else if (p & (NORMAL | BETA | BIT(Q))) {
        spec_node_error_key(r, &d->node,
                            SPEC_FOUND(OTHER_KIND, .kind = p & BETA ? SPACE_BETA : SPACE_NORMAL),
                            "the parameter has no `distribution`");
        return false;
    } else {
        spec_node_error(r, &d->node, SPEC_FOUND(NO_VALUES),
                        "the parameter has nothing to choose from");
        return false;
    }
    return true;
}

/* The distribution that takes exactly these fields; false if none does. */
static bool kind_of_fields(unsigned p, enum space_kind *ret)
{
    *ret = p & BIT(PROBABILITIES) ? SPACE_CATEGORICAL_P
           : p & BIT(VALUES)      ? SPACE_CATEGORICAL
           : p & BIT(VALUE)       ? SPACE_CONSTANT
           : p & RANGE            ? SPACE_UNIFORM
           : p & NORMAL           ? SPACE_NORMAL
                                  : SPACE_BETA;
    if (p & BIT(Q))
        *ret = spec_kind_rounded(*ret);
    const struct kind_rule *rule = &kind_rules[*ret];
    return p && !(p & ~rule->allowed) && !(rule->required & ~p);
}

static void say_missing(struct spec_reader *r, const struct spec_draft *d, enum space_kind kind,
                        unsigned missing)
{
    spec_node_error_key(
        r, &d->node, SPEC_FOUND(MISSING, .draft = d, .kind = kind, .fields = missing),
        "%s %s missing", spec_draft_names(r, missing), missing & (missing - 1) ? "are" : "is");
}

static bool check_fields(struct spec_reader *r, const struct spec_draft *d, enum space_kind kind)
{
    const struct kind_rule *rule = &kind_rules[kind];
    unsigned given = d->present & ~(BIT(DISTRIBUTION) | BIT(WHEN)), wrong = given & ~rule->allowed;
    unsigned missing = rule->required & ~d->present, right = d->present & ~wrong;
    enum space_kind other;
    bool named = d->present & BIT(DISTRIBUTION);
    const char *s = wrong & (wrong - 1) ? "" : "s";
    if (!wrong && !missing)
        return true;
    if (d->present & BIT(PARAMETERS))
        spec_node_error_key(r, spec_draft_first(d, d->present & ~BIT(PARAMETERS)),
                            SPEC_FOUND(FIELDS, .draft = d, .fields = BIT(PARAMETERS)),
                            "a group may have only `when` beside `parameters`");
    else if (wrong == BIT(PROBABILITIES) && kind == SPACE_CATEGORICAL)
        spec_node_error_key(r, spec_draft_first(d, wrong),
                            SPEC_FOUND(OTHER_KIND, .kind = SPACE_CATEGORICAL_P),
                            "`probabilities` belongs to the distribution "
                            "categorical_w_probabilities");
    else if (wrong && wrong != BIT(Q) && named && kind_of_fields(given, &other))
        spec_node_error(r, &d->fields[FIELD_DISTRIBUTION], SPEC_FOUND(OTHER_KIND, .kind = other),
                        "%s belong%s to the distribution %s, not to %s", spec_draft_names(r, wrong),
                        s, spec_kind_names[other], spec_kind_names[kind]);
    else if (wrong && !named)
        spec_node_error_key(r, spec_draft_first(d, wrong),
                            SPEC_FOUND(FIELDS, .draft = d, .fields = right),
                            "%s cannot be combined with %s", spec_draft_names(r, wrong),
                            spec_draft_names(r, given & ~wrong));
    else if (wrong)
        spec_node_error_key(r, spec_draft_first(d, wrong),
                            SPEC_FOUND(FIELDS, .draft = d, .fields = missing ? 0 : right),
                            "%s do%s not belong to the distribution %s", spec_draft_names(r, wrong),
                            *s ? "es" : "", spec_kind_names[kind]);
    else
        say_missing(r, d, kind, missing);
    return false;
}

static bool check_computed(struct spec_reader *r, const struct spec_draft *d)
{
    unsigned beside = d->present & ~(BIT(EXPR) | BIT(WHEN));
    for (int i = 0; i < FIELD_COUNT; i++)
        if (beside & (1u << i))
            spec_node_error_key(r, &d->fields[i], NULL,
                                "`expr` computes the value: it cannot be combined with `%s`",
                                spec_draft_field_name((enum spec_field)i));
    return beside == 0;
}

enum space_kind spec_kind_rounded(enum space_kind kind)
{
    switch (kind) {
    case SPACE_BETA:
        return SPACE_Q_BETA;
    case SPACE_UNIFORM:
        return SPACE_Q_UNIFORM;
    case SPACE_LOG_NORMAL:
        return SPACE_Q_LOG_NORMAL;
    case SPACE_LOG_UNIFORM:
        return SPACE_Q_LOG_UNIFORM;
    case SPACE_NORMAL:
        return SPACE_Q_NORMAL;
    case SPACE_LOG_UNIFORM_VALUES:
    case SPACE_INV_LOG_UNIFORM_VALUES: /* the same distribution */
        return SPACE_Q_LOG_UNIFORM_VALUES;
    default:
        return kind;
    }
}

bool spec_kind_find(struct spec_reader *r, const struct spec_draft *d, enum space_kind *ret)
{
    if (d->present & BIT(EXPR)) {
        *ret = SPACE_EXPR;
        return check_computed(r, d);
    }
    bool ok = d->present & BIT(DISTRIBUTION) ? explicit_kind(r, d, ret) : inferred_kind(r, d, ret);
    if (ok && d->present & BIT(Q))
        *ret = spec_kind_rounded(*ret);
    return ok && check_fields(r, d, *ret);
}

bool spec_kind_guess(const struct spec_draft *d, enum space_kind *ret)
{
    const struct spec_node *n = &d->fields[FIELD_DISTRIBUTION];
    unsigned p = d->present;
    *ret = p & BIT(VALUE) ? SPACE_CONSTANT : SPACE_UNIFORM;
    if (p & BIT(VALUES))
        *ret = p & BIT(PROBABILITIES) ? SPACE_CATEGORICAL_P : SPACE_CATEGORICAL;
    if (p & BIT(DISTRIBUTION)) {
        const char *name = spec_node_kind(n) == VALUE_STR ? n->yaml->value->s.ptr : "";
        size_t i = 0;
        name = *name ? nearest_sure(name, spec_kind_names, SPEC_KIND_COUNT, sizeof *spec_kind_names)
                     : NULL;
        while (name && i < SPEC_KIND_COUNT && strcmp(spec_kind_names[i], name) != 0)
            i++;
        if (!name || i == SPEC_KIND_COUNT)
            return false;
        /* The choice between logarithmic kinds has been reported; each takes its bounds as a range.
         */
        *ret = strstr(name, "log_uniform") ? SPACE_UNIFORM : (enum space_kind)i;
    }
    return !(p & BIT(EXPR)) && !(kind_rules[*ret].required & ~p);
}
