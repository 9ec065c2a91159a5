/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/spec.h"

#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "language/language.h"

bool spec_is_random(const struct spec *s)
{
    return s->method != SPEC_GRID || s->order_random;
}

bool spec_draws_alike(const struct spec *s)
{
    return s->method == SPEC_RANDOM || s->method == SPEC_SOBOL ||
           (s->method == SPEC_GRID && s->order_random);
}

const char *spec_method_name(enum spec_method m)
{
    return language_methods[m];
}

struct spec *spec_new(void)
{
    struct spec *s = mem_alloc(sizeof *s);
    arena_init(&s->arena);
    s->resources.gpus = -1;
    s->retry.host = 3;
    return s;
}

void spec_free(struct spec *s)
{
    if (!s)
        return;
    arena_done(&s->arena);
    mem_free(s);
}

char *spec_content_text(struct arena *a, const struct spec *s)
{
    PRE(s->content);
    return json_text(a, s->content, JSON_PYTHON);
}

struct objective_rule spec_objective_rule(const struct spec *s)
{
    struct objective_rule rule = {.maximize = s->metric.maximize,
                                  .last = s->metric.reduce_last,
                                  .has_target = s->metric.has_target,
                                  .target = s->metric.target};
    for (size_t i = 1; i < s->metrics_n; i++)
        rule.others_maximize[rule.others_n++] = s->metrics[i].maximize;
    return rule;
}
