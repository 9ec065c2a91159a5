/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_filter.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/regex.h"
#include "protocol/wandb/wandb_scalar.h"

enum filter_op { OP_AND, OP_OR, OP_NOT, OP_EQ, OP_COMPARE, OP_IN, OP_ALL, OP_EXISTS, OP_REGEX };

struct filter_node {
    enum filter_op op;
    struct filter_node **items; /* of AND, OR, NOT */
    size_t n;
    struct wandb_field field;
    const struct value *literal;
    bool below, equal, above; /* of COMPARE: the outcomes that it accepts */
    size_t regex;             /* of REGEX: its place among those of the filter */
};

struct wandb_filter {
    struct arena arena;
    struct filter_node *root;
    size_t tests;
    struct regex *regexes[LIMIT_WANDB_FILTER_REGEXES];
    size_t n_regexes;
    bool reads[WANDB_FIELD_SUMMARY + 1];
};

static int group_parse(struct wandb_filter *f, const struct value *v, struct filter_node **ret,
                       struct err *err);

static int node_new(struct wandb_filter *f, enum filter_op op, struct filter_node **ret,
                    struct err *err)
{
    if (++f->tests > LIMIT_WANDB_FILTER_TESTS)
        return err_set(err, ERR_LIMIT, "a filter has at most %d tests", LIMIT_WANDB_FILTER_TESTS);
    *ret = arena_alloc(&f->arena, sizeof **ret);
    (*ret)->op = op;
    return 0;
}

static int node_negate(struct wandb_filter *f, struct filter_node *inner, struct filter_node **ret,
                       struct err *err)
{
    int rc = node_new(f, OP_NOT, ret, err);
    if (rc != 0)
        return rc;
    (*ret)->items = arena_alloc(&f->arena, sizeof(struct filter_node *));
    (*ret)->items[0] = inner;
    (*ret)->n = 1;
    return 0;
}

/* W&B writes states in small letters; people write Finished. */
static const struct value *literal_of(struct wandb_filter *f, const struct wandb_field *field,
                                      const struct value *v)
{
    if (field->part != WANDB_FIELD_RUN || strcmp(field->name, "state") != 0)
        return v;
    struct value *copy = value_copy(&f->arena, v);
    struct value **items = copy->kind == VALUE_LIST ? copy->list.items : &copy;
    for (size_t i = 0, n = copy->kind == VALUE_LIST ? copy->list.n : 1; i < n; i++) {
        if (items[i]->kind != VALUE_STR)
            continue;
        char *text = arena_strdup(&f->arena, items[i]->s.ptr);
        for (char *at = text; *at; at++)
            *at = (char)tolower((unsigned char)*at);
        items[i] = value_str(&f->arena, text);
    }
    return copy;
}

static int regex_parse(struct wandb_filter *f, const struct value *v, const char *options,
                       struct filter_node *node, struct err *err)
{
    if (v->kind != VALUE_STR || v->s.len > LIMIT_PATTERN_BYTES)
        return err_set(err, ERR_SYNTAX, "$regex: expected a text of at most %d bytes",
                       LIMIT_PATTERN_BYTES);
    if (f->n_regexes == LIMIT_WANDB_FILTER_REGEXES)
        return err_set(err, ERR_LIMIT, "a filter has at most %d regular expressions",
                       LIMIT_WANDB_FILTER_REGEXES);
    if (options[strspn(options, "imsx")])
        return err_set(err, ERR_SYNTAX, "$options: expected some of i, m, s and x");
    const char *text = *options ? arena_printf(&f->arena, "(?%s)%s", options, v->s.ptr) : v->s.ptr;
    int rc = regex_new(text, &f->regexes[f->n_regexes], err);
    if (rc != 0)
        return err_wrap(err, "$regex");
    node->regex = f->n_regexes++;
    return 0;
}

static const struct filter_word {
    const char *word;
    enum filter_op op;
    bool negated, below, equal, above;
} words[] = {
    {"$eq", OP_EQ, false, false, false, false},
    {"$ne", OP_EQ, true, false, false, false},
    {"$gt", OP_COMPARE, false, false, false, true},
    {"$gte", OP_COMPARE, false, false, true, true},
    {"$lt", OP_COMPARE, false, true, false, false},
    {"$lte", OP_COMPARE, false, true, true, false},
    {"$in", OP_IN, false, false, false, false},
    {"$nin", OP_IN, true, false, false, false},
    {"$all", OP_ALL, false, false, false, false},
    {"$exists", OP_EXISTS, false, false, false, false},
    {"$regex", OP_REGEX, false, false, false, false},
};

static const struct filter_word *word_find(const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, word) == 0)
            return &words[i];
    return NULL;
}

static int word_parse(struct wandb_filter *f, const struct wandb_field *field,
                      const struct filter_word *w, const struct value *v, const char *options,
                      struct filter_node **ret, struct err *err)
{
    int rc = node_new(f, w->op, ret, err);
    if (rc != 0)
        return rc;
    struct filter_node *node = *ret;
    if ((w->op == OP_IN || w->op == OP_ALL) && v->kind != VALUE_LIST)
        return err_set(err, ERR_SYNTAX, "%s: expected a list", w->word);
    node->field = *field;
    node->literal = literal_of(f, field, v);
    node->below = w->below;
    node->equal = w->equal;
    node->above = w->above;
    if (w->op == OP_REGEX)
        rc = regex_parse(f, v, options, node, err);
    return rc == 0 && w->negated ? node_negate(f, node, ret, err) : rc;
}

static bool value_has_words(const struct value *v)
{
    for (size_t i = 0; v->kind == VALUE_DICT && i < v->dict.n; i++)
        if (v->dict.entries[i].key[0] == '$')
            return true;
    return false;
}

/* The tests of one field: {"$gt":1,"$lt":2}, or a value that it equals. */
static int tests_parse(struct wandb_filter *f, const struct wandb_field *field,
                       const struct value *v, struct filter_node **ret, struct err *err)
{
    if (!value_has_words(v))
        return word_parse(f, field, word_find("$eq"), v, "", ret, err);
    int rc = node_new(f, OP_AND, ret, err);
    if (rc != 0)
        return rc;
    struct filter_node *all = *ret;
    all->items = arena_alloc(&f->arena, v->dict.n * sizeof(struct filter_node *));
    for (size_t i = 0; rc == 0 && i < v->dict.n; i++) {
        const struct value_entry *e = &v->dict.entries[i];
        const struct filter_word *w = word_find(e->key);
        struct filter_node *item;
        if (strcmp(e->key, "$options") == 0)
            continue;
        if (strcmp(e->key, "$not") == 0) {
            rc = tests_parse(f, field, e->value, &item, err);
            rc = rc == 0 ? node_negate(f, item, &item, err) : rc;
        } else if (w) {
            rc = word_parse(f, field, w, e->value, value_get_str(v, "$options", ""), &item, err);
        } else {
            rc = err_set(err, ERR_SYNTAX, "unknown operator '%.40s'", e->key);
        }
        if (rc == 0)
            all->items[all->n++] = item;
    }
    return rc;
}

/* {"tags.NAME": true}, as W&B's page writes it. */
static int tag_parse(struct wandb_filter *f, const char *tag, const struct value *v,
                     struct filter_node **ret, struct err *err)
{
    struct wandb_field field = {.part = WANDB_FIELD_RUN, .name = "tags"};
    const struct value *name = value_str(&f->arena, tag);
    int rc = word_parse(f, &field, word_find("$eq"), name, "", ret, err);
    bool absent = v->kind == VALUE_BOOL && !v->b;
    return rc == 0 && absent ? node_negate(f, *ret, ret, err) : rc;
}

static int list_parse(struct wandb_filter *f, const char *word, const struct value *v,
                      struct filter_node **ret, struct err *err)
{
    int rc = node_new(f, strcmp(word, "$and") == 0 ? OP_AND : OP_OR, ret, err);
    if (rc != 0)
        return rc;
    struct filter_node *node = *ret;
    if (v->kind != VALUE_LIST)
        return err_set(err, ERR_SYNTAX, "%s: expected a list of filters", word);
    node->items = arena_alloc(&f->arena, v->list.n * sizeof(struct filter_node *) + 1);
    for (size_t i = 0; rc == 0 && i < v->list.n; i++) {
        if (v->list.items[i]->kind == VALUE_NULL)
            continue;
        rc = group_parse(f, v->list.items[i], &node->items[node->n], err);
        node->n += rc == 0;
    }
    return rc == 0 && strcmp(word, "$nor") == 0 ? node_negate(f, node, ret, err) : rc;
}

static int entry_parse(struct wandb_filter *f, const char *key, const struct value *v,
                       struct filter_node **ret, struct err *err)
{
    struct wandb_field field;
    if (strcmp(key, "$and") == 0 || strcmp(key, "$or") == 0 || strcmp(key, "$nor") == 0)
        return list_parse(f, key, v, ret, err);
    if (strcmp(key, "$not") == 0) {
        int rc = group_parse(f, v, ret, err);
        return rc == 0 ? node_negate(f, *ret, ret, err) : rc;
    }
    if (key[0] == '$')
        return err_set(err, ERR_SYNTAX, "unknown operator '%.40s'", key);
    if (strncmp(key, "tags.", strlen("tags.")) == 0)
        return tag_parse(f, key + strlen("tags."), v, ret, err);
    int rc = wandb_field_parse(&f->arena, key, &field, err);
    if (rc != 0)
        return rc;
    f->reads[field.part] = true;
    rc = tests_parse(f, &field, v, ret, err);
    return rc != 0 && err ? err_wrap(err, "%.100s", key) : rc;
}

static int group_parse(struct wandb_filter *f, const struct value *v, struct filter_node **ret,
                       struct err *err)
{
    if (v->kind != VALUE_DICT)
        return err_set(err, ERR_SYNTAX, "expected a filter such as {\"state\": \"finished\"}");
    int rc = node_new(f, OP_AND, ret, err);
    if (rc != 0)
        return rc;
    struct filter_node *node = *ret;
    node->items = arena_alloc(&f->arena, v->dict.n * sizeof(struct filter_node *) + 1);
    for (size_t i = 0; rc == 0 && i < v->dict.n; i++) {
        rc = entry_parse(f, v->dict.entries[i].key, v->dict.entries[i].value, &node->items[node->n],
                         err);
        node->n += rc == 0;
    }
    return rc;
}

int wandb_filter_parse(const char *text, size_t len, struct wandb_filter **ret, struct err *err)
{
    struct value *v = NULL;
    if (len > LIMIT_WANDB_FILTER_BYTES)
        return err_set(err, ERR_LIMIT, "a filter has at most %d bytes", LIMIT_WANDB_FILTER_BYTES);
    struct wandb_filter *f = mem_alloc(sizeof *f);
    *f = (struct wandb_filter){0};
    arena_init(&f->arena);
    int rc = len > 0 ? json_parse(&f->arena, text, len, &v, err) : 0;
    if (rc == 0 && (!v || v->kind == VALUE_NULL))
        v = value_dict(&f->arena);
    rc = rc == 0 ? group_parse(f, v, &f->root, err) : rc;
    if (rc == 0) {
        *ret = f;
        return 0;
    }
    wandb_filter_free(f);
    return err ? err_wrap(err, "filters") : rc;
}

void wandb_filter_free(struct wandb_filter *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->n_regexes; i++)
        regex_free(f->regexes[i]);
    arena_done(&f->arena);
    mem_free(f);
}

bool wandb_filter_reads(const struct wandb_filter *f, enum wandb_field_part part)
{
    return f->reads[part];
}

const char *wandb_filter_sweep(const struct wandb_filter *f)
{
    const struct filter_node *node = f->root;
    while (node->op == OP_AND && node->n == 1)
        node = node->items[0];
    bool named = node->op == OP_EQ && node->field.part == WANDB_FIELD_RUN &&
                 strcmp(node->field.name, "sweep") == 0 && node->literal->kind == VALUE_STR;
    return named ? node->literal->s.ptr : NULL;
}

static bool value_is(const struct filter_node *node, const struct value *v,
                     const struct value *literal)
{
    if (!v || v->kind == VALUE_NULL)
        return literal->kind == VALUE_NULL;
    struct wandb_scalar a = wandb_scalar_of(v, node->field.is_time),
                        b = wandb_scalar_of(literal, node->field.is_time);
    int order;
    if (wandb_scalar_compare(&a, &b, &order))
        return order == 0;
    return value_same(v, literal);
}

/* Of a list, one item is enough. */
static bool value_holds(const struct filter_node *node, const struct value *v,
                        const struct value *literal)
{
    if (value_is(node, v, literal))
        return true;
    for (size_t i = 0; v && v->kind == VALUE_LIST && i < v->list.n; i++)
        if (value_is(node, v->list.items[i], literal))
            return true;
    return false;
}

static bool value_compares(const struct filter_node *node, const struct value *v)
{
    int order;
    struct wandb_scalar a = wandb_scalar_of(v, node->field.is_time),
                        b = wandb_scalar_of(node->literal, node->field.is_time);
    if (!wandb_scalar_compare(&a, &b, &order))
        return false;
    return order < 0 ? node->below : order > 0 ? node->above : node->equal;
}

static int regex_holds(const struct wandb_filter *f, const struct filter_node *node,
                       const struct value *v)
{
    struct regex_span span;
    if (v && v->kind == VALUE_STR)
        return regex_match(f->regexes[node->regex], v->s.ptr, v->s.len, 0, &span, 1);
    int rc = 0;
    for (size_t i = 0; rc == 0 && v && v->kind == VALUE_LIST && i < v->list.n; i++)
        if (v->list.items[i]->kind == VALUE_STR)
            rc = regex_holds(f, node, v->list.items[i]);
    return rc;
}

static bool list_holds(const struct filter_node *node, const struct value *v)
{
    size_t held = 0, n = node->literal->list.n;
    for (size_t i = 0; i < n; i++) {
        bool holds = value_holds(node, v, node->literal->list.items[i]);
        if (holds && node->op == OP_IN)
            return true;
        held += holds;
    }
    return node->op == OP_ALL && held == n && n > 0;
}

static bool literal_is_true(const struct value *v)
{
    return v->kind == VALUE_BOOL ? v->b : value_is_number(v) && value_number(v) != 0;
}

static int test_match(const struct wandb_filter *f, const struct filter_node *node,
                      const struct value *v)
{
    switch (node->op) {
    case OP_EQ:
        return value_holds(node, v, node->literal);
    case OP_COMPARE:
        return value_compares(node, v);
    case OP_IN:
    case OP_ALL:
        return list_holds(node, v);
    case OP_EXISTS:
        return (v && v->kind != VALUE_NULL) == literal_is_true(node->literal);
    case OP_REGEX:
        return regex_holds(f, node, v);
    case OP_AND:
    case OP_OR:
    case OP_NOT:
        break;
    }
    return 0;
}

static int node_match(const struct wandb_filter *f, const struct filter_node *node,
                      const struct value *run)
{
    if (node->op == OP_NOT) {
        int rc = node_match(f, node->items[0], run);
        return rc < 0 ? rc : !rc;
    }
    if (node->op != OP_AND && node->op != OP_OR)
        return test_match(f, node, wandb_field_get(&node->field, run));
    for (size_t i = 0; i < node->n; i++) {
        int rc = node_match(f, node->items[i], run);
        if (rc < 0 || (rc == 1) == (node->op == OP_OR))
            return rc;
    }
    return node->op == OP_AND;
}

int wandb_filter_match(const struct wandb_filter *f, const struct value *run)
{
    return node_match(f, f->root, run);
}
