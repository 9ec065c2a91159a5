/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_initial.h"

#include "base/limits.h"
#include "base/mem.h"
#include "language/reader/spec_finding.h"
#include "sweep/completion.h"
#include "sweep/given.h"

struct initial {
    struct spec_reader *r;
    const struct spec_node *item; /* the configuration that is read */
};

/* Reports the fault at the node that holds the value; false if it is not below n. */
static bool fault_report(struct spec_reader *r, const struct spec_node *n,
                         const struct given_fault *fault)
{
    if (n->yaml->value == fault->at) {
        if (fault->unknown)
            spec_node_error_key(r, n, NULL, "%s", fault->text);
        else
            spec_node_error(r, n, NULL, "%s", fault->text);
        return true;
    }
    for (size_t i = 0; spec_node_kind(n) == VALUE_DICT && i < n->yaml->n; i++) {
        struct spec_node below = spec_node_entry(n, i);
        if (fault_report(r, &below, fault))
            return true;
    }
    return false;
}

static void on_fault(void *arg, const struct given_fault *fault)
{
    struct initial *in = arg;
    fault_report(in->r, in->item, fault);
}

static void check_whole(struct spec_reader *r, const struct spec *s, const struct spec_node *item,
                        struct value *const *values)
{
    struct rng rng;
    struct value *whole;
    struct err why = {0};
    rng_init(&rng, 0, 0, RNG_SAMPLE);
    if (completion_is_whole(&s->space, values) &&
        completion_draw(r->arena, &s->space, s->method == SPEC_GRID, values, &rng, &whole, &why))
        spec_node_error(r, item, NULL, "%s", why.text);
}

/* Reports a configuration that is the same as an earlier one. */
static void check_new(struct spec_reader *r, const struct spec *s, const struct spec_node *item,
                      struct value *const *values, uint64_t *hashes, size_t i)
{
    hashes[i] = value_hash(space_nest(r->arena, &s->space, values));
    for (size_t k = 0; k < i && s->unique != SPEC_UNIQUE_NO; k++)
        if (hashes[k] == hashes[i] && completion_is_whole(&s->space, values)) {
            spec_node_error(r, item, NULL,
                            "this configuration is the same as initial[%zu]: remove one of them",
                            k);
            return;
        }
}

void spec_initial_read(struct spec_reader *r, struct spec *s, const struct spec_node *n)
{
    struct given given;
    size_t count = n->yaml->n;
    if (count > LIMIT_INITIAL) {
        spec_node_error_key(r, n, NULL,
                            "`initial` has %zu configurations; at most %d are supported", count,
                            LIMIT_INITIAL);
        return;
    }
    struct value **values = mem_alloc((s->space.n + 1) * sizeof *values);
    uint64_t *hashes = mem_alloc((count + 1) * sizeof *hashes);
    given_init(&given, &s->space, s->method == SPEC_GRID);
    for (size_t i = 0; i < count; i++) {
        struct spec_node item = spec_node_item(n, i);
        struct initial in = {r, &item};
        if (spec_node_kind(&item) != VALUE_DICT || item.yaml->n == 0) {
            spec_node_error(r, &item,
                            SPEC_FOUND(WRONG_VALUE, .field = &language_top.fields[KEY_INITIAL]),
                            "each item of `initial` must be a mapping of values, not %s",
                            spec_node_kind(&item) == VALUE_DICT ? "an empty mapping"
                                                                : spec_node_kind_name(&item));
            continue;
        }
        if (given_read(&given, r->arena, item.yaml->value, values, on_fault, &in) > 0)
            continue;
        check_whole(r, s, &item, values);
        check_new(r, s, &item, values, hashes, i);
    }
    if (s->run_cap > 0 && count > (uint64_t)s->run_cap)
        spec_node_warn_key(r, n, NULL,
                           "`run_cap` is %lld: only the first %lld of the %zu configurations run",
                           (long long)s->run_cap, (long long)s->run_cap, count);
    s->initial = n->yaml->value;
    given_done(&given);
    mem_free(values);
    mem_free(hashes);
}
