/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/spec_parameter.h"

#include <math.h>
#include <string.h>
#include "base/limits.h"
#include "base/nearest.h"
#include "base/python.h"
#include "sweep/spec_values.h"

/* The fields of a parameter, as bits: W&B's schema says of each kind which it may and which it must
 * have. */
#define FIELDS(X)                     \
    X(A, "a")                         \
    X(B, "b")                         \
    X(DISTRIBUTION, "distribution")   \
    X(MAX, "max")                     \
    X(MIN, "min")                     \
    X(MU, "mu")                       \
    X(PARAMETERS, "parameters")       \
    X(PROBABILITIES, "probabilities") \
    X(Q, "q")                         \
    X(SIGMA, "sigma")                 \
    X(VALUE, "value")                 \
    X(VALUES, "values")

enum field {
#define X(id, name) FIELD_##id,
    FIELDS(X)
#undef X
        FIELD_COUNT
};

static const char *const field_names[FIELD_COUNT] = {
#define X(id, name) [FIELD_##id] = name,
    FIELDS(X)
#undef X
};

#define BIT(id) (1u << FIELD_##id)
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
    [SPACE_INT_UNIFORM] = {RANGE, RANGE},
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
};

static const char *const kind_names[] = {
#define X(id, name) [id] = name,
    SPACE_KINDS(X)
#undef X
};
enum { KIND_COUNT = sizeof kind_names / sizeof *kind_names };

struct builder {
    struct spec_reader *r;
    struct spec *spec;
    bool grid;
    struct parameter *items;
    size_t n, cap;
    bool too_many;
};

/* One parameter while it is read. */
struct draft {
    struct spec_node node;
    unsigned present;
    struct spec_node fields[FIELD_COUNT];
    size_t depth; /* 1 at the top */
};

static int field_find(const char *name)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        if (strcmp(field_names[i], name) == 0)
            return i;
    return -1;
}

static bool looks_like_parameter(const struct yaml_node *n)
{
    return yaml_tree_find(n, "value") || yaml_tree_find(n, "values") || yaml_tree_find(n, "min") ||
           yaml_tree_find(n, "max") || yaml_tree_find(n, "distribution") ||
           yaml_tree_find(n, "parameters");
}

static void say_unknown_field(struct spec_reader *r, const struct draft *d,
                              const struct spec_node *field)
{
    const char *key = field->key;
    if (strcmp(key, "when") == 0 || strcmp(key, "expr") == 0) {
        spec_node_error_key(r, field, "leave it out",
                            "`%s` is understood, but not obeyed yet by this version", key);
        return;
    }
    if (looks_like_parameter(field->yaml)) {
        bool all = true;
        for (size_t i = 0; i < d->node.yaml->n; i++)
            all = all && looks_like_parameter(d->node.yaml->entries[i].node);
        if (all)
            spec_node_error_key(
                r, field, arena_printf(r->arena, "%s: {parameters: {%s: …}}", d->node.key, key),
                "nested parameters stand under `parameters:`");
        else
            spec_node_error_key(r, field, "the same line, indented less",
                                "`%s` looks like a parameter, indented into `%s`", key,
                                d->node.key);
        return;
    }
    const char *near = nearest_name(key, field_names, FIELD_COUNT, sizeof *field_names);
    spec_node_error_key(r, field, near, "`%s` is not a field of a parameter", key);
}

/* Sorts the fields of the parameter; says what is not one. */
static bool read_fields(struct spec_reader *r, struct draft *d)
{
    bool ok = true;
    for (size_t i = 0; i < d->node.yaml->n; i++) {
        struct spec_node field = spec_node_entry(&d->node, i);
        int id = field_find(field.key);
        if (id >= 0) {
            d->present |= 1u << id;
            d->fields[id] = field;
            continue;
        }
        say_unknown_field(r, d, &field);
        ok = false;
        /* A mapping of parameters that lacks its `parameters:` is one mistake, not as many as it
         * holds. */
        if (looks_like_parameter(field.yaml) && d->present == 0)
            break;
    }
    return ok;
}

static const char *kind_near(const char *name)
{
    static const struct {
        const char *foreign, *ours;
    } known[] = {
        {"int", "int_uniform"},
        {"float", "uniform"},
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

static bool explicit_kind(struct spec_reader *r, const struct draft *d, enum space_kind *ret)
{
    const struct spec_node *n = &d->fields[FIELD_DISTRIBUTION];
    const char *name = spec_node_kind(n) == VALUE_STR ? n->yaml->value->s.ptr : "";
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kind_names[i], name) == 0) {
            *ret = (enum space_kind)i;
            return true;
        }
    }
    const char *near = kind_near(name);
    spec_node_error(r, n, near ? arena_printf(r->arena, "distribution: %s", near) : NULL,
                    "%s is not a distribution", spec_node_shown(r, n));
    return false;
}

static bool inferred_kind(struct spec_reader *r, const struct draft *d, enum space_kind *ret)
{
    unsigned p = d->present;
    if (p & BIT(VALUES))
        *ret = p & BIT(PROBABILITIES) ? SPACE_CATEGORICAL_P : SPACE_CATEGORICAL;
    else if (p & BIT(VALUE))
        *ret = SPACE_CONSTANT;
    else if ((p & RANGE) == RANGE && p & BIT(Q)) {
        spec_node_error_key(r, &d->fields[FIELD_Q], "distribution: q_uniform",
                            "`q` needs a distribution that it rounds");
        return false;
    } else if (p & RANGE)
        *ret = SPACE_UNIFORM; /* or int_uniform: the bounds tell */
    else if (p & (NORMAL | BETA | BIT(Q))) {
        const char *fix = p & BETA ? "distribution: beta" : "distribution: normal";
        spec_node_error_key(r, &d->node, fix, "the parameter has no `distribution`");
        return false;
    } else {
        spec_node_error(r, &d->node, "values: [1, 2], or value: 1, or min: 0.0 and max: 1.0",
                        "the parameter has nothing to choose from");
        return false;
    }
    return true;
}

static bool check_fields(struct spec_reader *r, const struct draft *d, enum space_kind kind)
{
    const struct kind_rule *rule = &kind_rules[kind];
    unsigned wrong = d->present & ~(rule->allowed | BIT(DISTRIBUTION));
    unsigned missing = rule->required & ~d->present;
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (!(wrong & (1u << i)))
            continue;
        const char *fix = "leave it out";
        if (i == FIELD_Q && (kind == SPACE_UNIFORM || kind == SPACE_NORMAL || kind == SPACE_BETA ||
                             kind == SPACE_LOG_NORMAL || kind == SPACE_LOG_UNIFORM ||
                             kind == SPACE_LOG_UNIFORM_VALUES))
            fix = arena_printf(r->arena, "distribution: q_%s", kind_names[kind]);
        if (i == FIELD_PROBABILITIES && kind == SPACE_CATEGORICAL)
            fix = "distribution: categorical_w_probabilities";
        spec_node_error_key(r, &d->fields[i], fix, "`%s` does not belong to the distribution %s",
                            field_names[i], kind_names[kind]);
    }
    for (int i = 0; i < FIELD_COUNT; i++)
        if (missing & (1u << i))
            spec_node_error_key(r, &d->node, arena_printf(r->arena, "%s: …", field_names[i]),
                                "`%s` is missing", field_names[i]);
    return !wrong && !missing;
}

static bool read_optional(struct spec_reader *r, const struct draft *d, enum field field,
                          double *ret)
{
    struct spec_number number;
    if (!(d->present & (1u << field)))
        return true;
    if (!spec_node_number(r, &d->fields[field], &number))
        return false;
    *ret = number.f;
    return true;
}

static bool check_order(struct spec_reader *r, const struct draft *d, bool less)
{
    if (!less) {
        const struct spec_node *max = &d->fields[FIELD_MAX];
        spec_node_error(r, &d->fields[FIELD_MIN], NULL, "min %s is not less than max %s",
                        spec_node_shown(r, &d->fields[FIELD_MIN]), spec_node_shown(r, max));
    }
    return less;
}

static bool read_int_range(struct spec_reader *r, const struct draft *d, struct parameter *p,
                           const struct spec_number *min, const struct spec_number *max)
{
    const struct spec_number *bounds[] = {min, max};
    const struct spec_node *nodes[] = {&d->fields[FIELD_MIN], &d->fields[FIELD_MAX]};
    for (int i = 0; i < 2; i++) {
        if (bounds[i]->is_int)
            continue;
        bool whole = floor(bounds[i]->f) == bounds[i]->f && fabs(bounds[i]->f) < 1e15;
        spec_node_error(r, nodes[i],
                        whole ? arena_printf(r->arena, "%s: %.0f", nodes[i]->key, bounds[i]->f)
                              : "distribution: uniform",
                        "int_uniform needs integers, and this is a float");
        return false;
    }
    int64_t width;
    if (__builtin_sub_overflow(max->i, min->i, &width) || width == INT64_MAX) {
        spec_node_error(r, nodes[0], NULL, "the range holds more than 2^63 integers");
        return false;
    }
    p->int_min = min->i;
    p->int_max = max->i;
    return check_order(r, d, min->i < max->i);
}

/* W&B's deprecated kinds take exponents of e, which nobody expects: say what they sample. */
static bool check_exponents(struct spec_reader *r, const struct draft *d, const struct parameter *p)
{
    const double most = 709.0; /* exp() of more is infinite */
    bool inverse = p->kind == SPACE_INV_LOG_UNIFORM;
    if (fabs(p->min) > most || fabs(p->max) > most) {
        spec_node_error(r, &d->fields[FIELD_MIN],
                        arena_printf(r->arena, "distribution: %s_values", kind_names[p->kind]),
                        "%s takes exponents of e, and these are too large for one",
                        kind_names[p->kind]);
        return false;
    }
    double low = exp(inverse ? -p->max : p->min), high = exp(inverse ? -p->min : p->max);
    const char *fix = p->min > 0 && p->max < 1
                          ? arena_printf(r->arena, "distribution: %s_values, for %g to %g",
                                         kind_names[p->kind], p->min, p->max)
                          : arena_printf(r->arena, "distribution: %s_values, min: %.6g, max: %.6g",
                                         kind_names[p->kind], low, high);
    spec_node_warn(r, &d->fields[FIELD_DISTRIBUTION], fix,
                   "%s takes exponents of e: this samples %.6g to %.6g", kind_names[p->kind], low,
                   high);
    return true;
}

static bool read_range(struct spec_reader *r, const struct draft *d, struct parameter *p)
{
    struct spec_number min, max;
    bool ok = spec_node_number(r, &d->fields[FIELD_MIN], &min);
    if (!spec_node_number(r, &d->fields[FIELD_MAX], &max) || !ok)
        return false;
    bool inferred = !(d->present & BIT(DISTRIBUTION));
    if (inferred && min.is_int && max.is_int)
        p->kind = SPACE_INT_UNIFORM;
    else if (inferred && min.is_int != max.is_int && d->depth == 1)
        spec_node_warn(r, &d->fields[min.is_int ? FIELD_MIN : FIELD_MAX],
                       "distribution: uniform, or both bounds of one type",
                       "one bound is an integer and one a float: taken as uniform, but the wandb "
                       "command refuses it");
    if (p->kind == SPACE_INT_UNIFORM)
        return read_int_range(r, d, p, &min, &max);
    p->min = min.f;
    p->max = max.f;
    p->bounds_int = min.is_int && max.is_int;
    if (!check_order(r, d, min.f < max.f))
        return false;
    if (!isfinite(max.f - min.f)) {
        spec_node_error(r, &d->fields[FIELD_MAX], NULL, "the range is too wide for a float");
        return false;
    }
    bool values = p->kind == SPACE_LOG_UNIFORM_VALUES || p->kind == SPACE_INV_LOG_UNIFORM_VALUES ||
                  p->kind == SPACE_Q_LOG_UNIFORM_VALUES;
    if (values && min.f <= 0) {
        spec_node_error(r, &d->fields[FIELD_MIN], "min: 1.0e-6",
                        "%s needs min above 0: there is no logarithm of %s", kind_names[p->kind],
                        spec_node_shown(r, &d->fields[FIELD_MIN]));
        return false;
    }
    bool exponents = p->kind == SPACE_LOG_UNIFORM || p->kind == SPACE_INV_LOG_UNIFORM ||
                     p->kind == SPACE_Q_LOG_UNIFORM;
    return !exponents || check_exponents(r, d, p);
}

static bool read_q(struct spec_reader *r, const struct draft *d, struct parameter *p)
{
    struct spec_number q = {.f = 1.0};
    if (d->present & BIT(Q)) {
        if (!spec_node_number(r, &d->fields[FIELD_Q], &q))
            return false;
        if (q.f <= 0) {
            spec_node_error(r, &d->fields[FIELD_Q], "q: 1", "q must be above 0");
            return false;
        }
    }
    p->q = q.f;
    p->q_int = q.is_int;
    return true;
}

static bool check_above(struct spec_reader *r, const struct draft *d, enum field field, double v,
                        const char *fix)
{
    if (v > 0)
        return true;
    spec_node_error(r, &d->fields[field], fix, "%s must be above 0", field_names[field]);
    return false;
}

static bool read_shape(struct spec_reader *r, const struct draft *d, struct parameter *p)
{
    p->sigma = p->a = p->b = 1;
    bool ok = read_optional(r, d, FIELD_MU, &p->mu);
    ok = read_optional(r, d, FIELD_SIGMA, &p->sigma) && ok;
    ok = read_optional(r, d, FIELD_A, &p->a) && ok;
    ok = read_optional(r, d, FIELD_B, &p->b) && ok;
    return ok && check_above(r, d, FIELD_SIGMA, p->sigma, "sigma: 1.0, or value: for a constant") &&
           check_above(r, d, FIELD_A, p->a, "a: 1") && check_above(r, d, FIELD_B, p->b, "b: 1");
}

static void read_constant(struct spec_reader *r, const struct draft *d, struct parameter *p)
{
    const struct spec_node *n = &d->fields[FIELD_VALUE];
    p->value = n->yaml->value;
    if (p->value->kind == VALUE_LIST && p->value->list.n > 1)
        spec_node_note(r, n, "values: for a list to choose from",
                       "`value` is one constant: each trial gets the whole list");
}

static void check_grid(struct spec_reader *r, const struct draft *d, const struct parameter *p)
{
    if (p->kind == SPACE_CATEGORICAL || p->kind == SPACE_CONSTANT || p->kind == SPACE_INT_UNIFORM ||
        p->kind == SPACE_Q_UNIFORM)
        return;
    const char *fix = p->kind == SPACE_CATEGORICAL_P
                          ? "no `probabilities`, or method: random"
                          : "values: [0.1, 0.01], or distribution: q_uniform with q, or method: "
                            "random";
    spec_node_error_key(r, &d->node, fix,
                        "a grid cannot be laid over %s: it needs values, int_uniform or q_uniform",
                        kind_names[p->kind]);
}

static void set_path(struct arena *a, const struct spec_node *node, size_t depth,
                     struct parameter *p)
{
    /* node, `parameters`, node above, `parameters`, … the root */
    const char **path = arena_alloc(a, depth * sizeof *path);
    const struct spec_node *at = node;
    for (size_t i = depth; i-- > 0; at = at->up->up)
        path[i] = at->key;
    const char *name = path[0];
    for (size_t i = 1; i < depth; i++)
        name = arena_printf(a, "%s.%s", name, path[i]);
    p->name = name;
    p->path = path;
    p->depth = depth;
}

static bool read_kind(struct spec_reader *r, struct draft *d, struct parameter *p)
{
    bool ok = d->present & BIT(DISTRIBUTION) ? explicit_kind(r, d, &p->kind)
                                             : inferred_kind(r, d, &p->kind);
    if (!ok || !check_fields(r, d, p->kind))
        return false;
    unsigned allowed = kind_rules[p->kind].allowed;
    if (allowed & RANGE && !read_range(r, d, p))
        return false;
    if (allowed & BIT(Q) && !read_q(r, d, p))
        return false;
    if (allowed & (NORMAL | BETA) && !read_shape(r, d, p))
        return false;
    if (allowed & BIT(VALUES) && !spec_values_read(r, &d->fields[FIELD_VALUES], p))
        return false;
    if (allowed & BIT(PROBABILITIES) &&
        !spec_values_read_probabilities(r, &d->fields[FIELD_PROBABILITIES], p))
        return false;
    if (allowed & BIT(VALUE))
        read_constant(r, d, p);
    return true;
}

static void add(struct builder *b, const struct draft *d, const struct parameter *p)
{
    if (b->n == LIMIT_PARAMETERS) {
        if (!b->too_many)
            spec_node_error_key(b->r, &d->node, NULL, "more than %d parameters", LIMIT_PARAMETERS);
        b->too_many = true;
        return;
    }
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 16;
        struct parameter *items = arena_alloc(b->r->arena, b->cap * sizeof *items);
        if (b->n)
            memcpy(items, b->items, b->n * sizeof *items);
        b->items = items;
    }
    b->items[b->n++] = *p;
}

static bool name_ok(const char *name)
{
    if (!(strchr("_", *name) || ((*name | 0x20) >= 'a' && (*name | 0x20) <= 'z')) || !*name)
        return false;
    for (const char *p = name; *p; p++)
        if (!strchr("_.-", *p) && !((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z') &&
            !(*p >= '0' && *p <= '9'))
            return false;
    return true;
}

static bool check_name(struct spec_reader *r, const struct spec_node *n, size_t depth)
{
    if (name_ok(n->key))
        return true;
    const char *fix = "letters, digits, _, . and -, a letter or _ first";
    if (depth == 1) {
        spec_node_warn_key(r, n, fix, "W&B finds fault with this name, but takes it");
        return true;
    }
    spec_node_error_key(r, n, fix, "W&B refuses this name of a nested parameter");
    return false;
}

static void read_level(struct builder *b, const struct spec_node *parameters, size_t depth);

static void read_one(struct builder *b, const struct spec_node *node, size_t depth)
{
    struct spec_reader *r = b->r;
    struct draft d = {.node = *node, .depth = depth};
    if (!check_name(r, node, depth))
        return;
    if (spec_node_kind(node) != VALUE_DICT) {
        const char *shown = spec_node_shown(r, node);
        const char *fix = spec_node_kind(node) == VALUE_LIST
                              ? arena_printf(r->arena, "%s: {values: %s}", node->key, shown)
                              : arena_printf(r->arena, "%s: {value: %s}", node->key, shown);
        spec_node_error(r, node, spec_node_kind(node) == VALUE_NULL ? "values: [1, 2]" : fix,
                        "a parameter must be a mapping, and it is %s", spec_node_kind_name(node));
        return;
    }
    if (!read_fields(r, &d))
        return;
    if (d.present & BIT(PARAMETERS) && !(d.present & ~BIT(PARAMETERS))) {
        read_level(b, &d.fields[FIELD_PARAMETERS], depth + 1);
        return;
    }
    struct parameter p = {0};
    if (!read_kind(r, &d, &p))
        return;
    set_path(r->arena, node, depth, &p);
    if (b->grid)
        check_grid(r, &d, &p);
    add(b, &d, &p);
}

static void read_level(struct builder *b, const struct spec_node *parameters, size_t depth)
{
    if (spec_node_kind(parameters) != VALUE_DICT || parameters->yaml->n == 0) {
        spec_node_error(b->r, parameters, "parameters: {lr: {min: 0.001, max: 0.1}}",
                        "`parameters` must be a mapping of at least one parameter, and it is %s",
                        spec_node_kind_name(parameters));
        return;
    }
    for (size_t i = 0; i < parameters->yaml->n; i++) {
        struct spec_node node = spec_node_entry(parameters, i);
        read_one(b, &node, depth);
    }
}

void spec_parameter_read_all(struct spec_reader *r, struct spec *s, bool method_known,
                             const struct spec_node *parameters)
{
    struct builder b = {.r = r, .spec = s, .grid = method_known && s->method == SPEC_GRID};
    read_level(&b, parameters, 1);
    s->space = (struct space){b.items, b.n};
}
