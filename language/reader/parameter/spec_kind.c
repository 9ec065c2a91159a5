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

/* DISTRIBUTION may always be there. */
static const struct kind_rule {
    unsigned allowed, required;
} kind_rules[] = {
    [SPACE_Q_BETA] = {BETA | BIT(Q), 0},
    [SPACE_BETA] = {BETA, 0},
    [SPACE_CATEGORICAL] = {BIT(VALUES), BIT(VALUES)},
    [SPACE_CATEGORICAL_P] = {BIT(VALUES) | BIT(PROBABILITIES), BIT(VALUES) | BIT(PROBABILITIES)},
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
    [SPACE_CONSTANT] = {BIT(VALUE), BIT(VALUE)},
    [SPACE_INV_LOG_UNIFORM_VALUES] = {RANGE, RANGE},
    [SPACE_LOG_UNIFORM_VALUES] = {RANGE, RANGE},
    [SPACE_Q_LOG_UNIFORM_VALUES] = {RANGE | BIT(Q), RANGE},
    [SPACE_EXPR] = {BIT(EXPR), BIT(EXPR)},
};

static const char *const kind_names[] = {
#define X(id, name) [id] = name,
    SPACE_KINDS(X)
#undef X
};
enum { KIND_COUNT = SPACE_EXPR }; /* which is no distribution, and the last */

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

const char *spec_kind_near(const char *name)
{
    static const struct {
        const char *foreign, *ours;
    } known[] = {
        {"int", "int_uniform"},
        {"integer", "int_uniform"},
        {"float", "uniform"},
        {"double", "uniform"},
        {"choice", "categorical"},
        {"quniform", "q_uniform"},
        {"loguniform", "log_uniform_values"},
        {"log", "log_uniform_values"},
        {"lognormal", "log_normal"},
        {"gaussian", "normal"},
        {"randint", "int_uniform"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].foreign, name) == 0)
            return known[i].ours;
    return nearest_name(name, kind_names, KIND_COUNT, sizeof *kind_names);
}

/* log_uniform takes exponents, log_uniform_values the bounds themselves: which is meant the bounds
 * tell, where the name does not. */
static const char *by_bounds(const struct spec_draft *d, const char *name, const char *near)
{
    static const char *const pairs[][2] = {
        {"log_uniform", "log_uniform_values"},
        {"q_log_uniform", "q_log_uniform_values"},
        {"inv_log_uniform", "inv_log_uniform_values"},
    };
    struct spec_number min, max;
    for (size_t i = 0; near && i < sizeof pairs / sizeof *pairs; i++) {
        if ((strcmp(near, pairs[i][0]) != 0 && strcmp(near, pairs[i][1]) != 0) ||
            strstr(name, "val"))
            continue;
        bool values =
            (d->present & RANGE) != RANGE || !spec_node_as_number(&d->fields[FIELD_MIN], &min) ||
            !spec_node_as_number(&d->fields[FIELD_MAX], &max) || (min.f > 0 && min.f < max.f);
        return pairs[i][values];
    }
    return NULL;
}

/* The line for `distribution: {type: uniform, min: 0}`. */
static const char *unpacked_line(struct spec_reader *r, const struct spec_draft *d,
                                 const struct spec_node *n)
{
    enum { ENTRIES_MAX = 8 };
    const char *name = NULL, *rest = "";
    if (n->yaml->n > ENTRIES_MAX)
        return NULL;
    const struct yaml_entry **order = yaml_tree_by_place(r->arena, n->yaml);
    for (size_t i = 0; i < n->yaml->n; i++) {
        const struct yaml_entry *e = order[i];
        const char *text = spec_flow_text(r->arena, e->node);
        bool is_name = e->node->value->kind == VALUE_STR && !spec_draft_is_field(e->key);
        if (!text || (!is_name && !spec_draft_is_field(e->key)) || (is_name && name))
            return NULL;
        if (is_name)
            name = text;
        else
            rest = arena_printf(r->arena, "%s, %s: %s", rest, e->key, text);
    }
    return name ? arena_printf(r->arena, "%s: {distribution: %s%s}", d->node.key, name, rest)
                : NULL;
}

static bool explicit_kind(struct spec_reader *r, const struct spec_draft *d, enum space_kind *ret)
{
    const struct spec_node *n = &d->fields[FIELD_DISTRIBUTION];
    const char *name = spec_node_kind(n) == VALUE_STR ? n->yaml->value->s.ptr : "";
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kind_names[i], name) == 0) {
            *ret = (enum space_kind)i;
            return true;
        }
    }
    if (spec_node_kind(n) == VALUE_DICT) {
        spec_node_error(r, n, unpacked_line(r, d, n),
                        "`distribution` is a name: what else it holds stands beside it, not in it");
        return false;
    }
    const char *near = spec_kind_near(name), *log = by_bounds(d, name, near);
    const char *sure =
        *name && !log ? nearest_sure(name, kind_names, KIND_COUNT, sizeof *kind_names) : NULL;
    near = log ? log : near;
    if (spec_node_kind(n) == VALUE_NULL) {
        spec_node_error(r, n, "distribution: uniform", "`distribution` is empty");
        return false;
    }
    struct diag *said =
        spec_node_error(r, n, near ? arena_printf(r->arena, "distribution: %s", near) : NULL,
                        "%s is not a distribution", spec_node_shown(r, n));
    if (sure && strcmp(sure, near) == 0)
        spec_node_replace_name(r, said, n, near);
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
        *ret = SPACE_UNIFORM; /* or int_uniform: the bounds tell */
    else if (p & (NORMAL | BETA | BIT(Q))) {
        const char *fix = p & BETA ? "distribution: beta" : "distribution: normal";
        spec_node_error_key(r, &d->node, fix, "the parameter has no `distribution`");
        return false;
    } else {
        spec_node_error(r, &d->node, "values: [1, 2]", "the parameter has nothing to choose from");
        return false;
    }
    return true;
}

/* The distribution that takes just these fields; false where there is none. */
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

/* An example of what is missing, where nothing that is there tells more. */
static const char *missing_example(unsigned missing)
{
    return missing & BIT(MIN) && missing & BIT(MAX) ? "min: 0.0, and max: 1.0"
           : missing & BIT(VALUE)                   ? "value: 1"
           : missing & BIT(VALUES)                  ? "values: [1, 2]"
                                                    : "probabilities: [0.5, 0.5]";
}

static void say_missing(struct spec_reader *r, const struct spec_draft *d, enum space_kind kind,
                        unsigned missing)
{
    struct diag *said =
        spec_node_error_key(r, &d->node, missing_example(missing), "%s %s missing",
                            spec_draft_names(r, missing), missing & (missing - 1) ? "are" : "is");
    if (missing == BIT(MIN) || missing == BIT(MAX))
        spec_finding_tell(
            r, said,
            &(struct spec_finding){SPEC_FOUND_BOUND, .draft = d, .kind = kind,
                                   .bound = missing == BIT(MAX) ? FIELD_MAX : FIELD_MIN});
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
                            spec_draft_line(r, d, BIT(PARAMETERS)),
                            "a group has nothing beside `parameters` but `when`");
    else if (wrong == BIT(PROBABILITIES) && kind == SPACE_CATEGORICAL)
        spec_node_error_key(r, spec_draft_first(d, wrong),
                            "distribution: categorical_w_probabilities",
                            "`probabilities` belongs to the distribution "
                            "categorical_w_probabilities");
    else if (wrong && wrong != BIT(Q) && named && kind_of_fields(given, &other))
        spec_node_error(r, &d->fields[FIELD_DISTRIBUTION],
                        arena_printf(r->arena, "distribution: %s", kind_names[other]),
                        "%s belong%s to the distribution %s, not to %s", spec_draft_names(r, wrong),
                        s, kind_names[other], kind_names[kind]);
    else if (wrong && !named)
        spec_node_error_key(r, spec_draft_first(d, wrong), spec_draft_line(r, d, right),
                            "%s %s no place beside %s", spec_draft_names(r, wrong),
                            *s ? "has" : "have", spec_draft_names(r, given & ~wrong));
    else if (wrong)
        spec_node_error_key(r, spec_draft_first(d, wrong),
                            missing ? NULL : spec_draft_line(r, d, right),
                            "%s do%s not belong to the distribution %s", spec_draft_names(r, wrong),
                            *s ? "es" : "", kind_names[kind]);
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
                                "`expr` computes the value: `%s` has no place beside it",
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
    case SPACE_INV_LOG_UNIFORM_VALUES: /* the same law */
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
        name = *name ? nearest_sure(name, kind_names, KIND_COUNT, sizeof *kind_names) : NULL;
        while (name && i < KIND_COUNT && strcmp(kind_names[i], name) != 0)
            i++;
        if (!name || i == KIND_COUNT)
            return false;
        /* Which of the logarithmic ones is meant was said already: of each the bounds are a range.
         */
        *ret = strstr(name, "log_uniform") ? SPACE_UNIFORM : (enum space_kind)i;
    }
    return !(p & BIT(EXPR)) && !(kind_rules[*ret].required & ~p);
}

const char *spec_kind_of_key(struct spec_reader *r, const struct spec_node *field)
{
    const struct yaml_node *y = field->yaml;
    size_t i = 0;
    while (i < KIND_COUNT && strcmp(kind_names[i], field->key) != 0)
        i++;
    if (i == KIND_COUNT || spec_node_kind(field) != VALUE_LIST)
        return NULL;
    const char *list = spec_flow_text(r->arena, y);
    if (kind_rules[i].required == BIT(VALUES) && list)
        return arena_printf(r->arena, "values: %s", list);
    if (kind_rules[i].required != RANGE || y->n != 2)
        return NULL;
    const char *low = spec_flow_text(r->arena, y->items[0]),
               *high = spec_flow_text(r->arena, y->items[1]);
    return low && high ? arena_printf(r->arena, "distribution: %s, min: %s, max: %s", kind_names[i],
                                      low, high)
                       : NULL;
}
