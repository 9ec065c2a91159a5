/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "language/advice/advice_part.h"
#include "language/advice/advice_words.h"

enum { NAME_BYTES = 64 };

static bool is_one_of(const char *word, size_t len, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
            return true;
    return false;
}

#define ONE_OF(word, len, words) is_one_of(word, len, words, sizeof words / sizeof *(words))

static bool lower_name(const char *name, char out[NAME_BYTES])
{
    size_t len = strlen(name);
    if (len >= NAME_BYTES)
        return false;
    for (size_t i = 0; i <= len; i++)
        out[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i]);
    return true;
}

/* -1: smaller is better, 1: larger is, 0: the name does not say, or says both. */
static int better_direction(const char *name)
{
    static const char *const less[] = {"loss", "losses", "error",      "errors", "err", "mse",
                                       "rmse", "mae",    "mape",       "nll",    "bce", "wer",
                                       "cer",  "fid",    "perplexity", "ppl",    "bpc", "regret"};
    static const char *const more[] = {
        "acc",    "accuracy", "auc",  "auroc", "f1",    "precision", "recall", "iou",  "miou",
        "reward", "rewards",  "dice", "bleu",  "rouge", "psnr",      "ssim",   "ndcg", "mcc"};
    static const char *const opposite[] = {"neg", "negative", "minus", "inv", "inverse"};
    int says = 0;
    for (const char *p = name; *p;) {
        size_t len = strcspn(p, "/_-. ()[]@:");
        int here = ONE_OF(p, len, less) ? -1 : ONE_OF(p, len, more) ? 1 : 0;
        if (ONE_OF(p, len, opposite) || (here && says && here != says))
            return 0;
        says = here ? here : says;
        p += len;
        p += *p != '\0';
    }
    return says;
}

static void on_direction(struct spec_reader *r, const struct spec *s,
                         const struct spec_node *metric, const char *name)
{
    struct spec_node goal;
    int says = better_direction(name);
    if (says == 0 || (says > 0) == s->metric.maximize)
        return;
    const char *fix = says > 0 ? "goal: maximize" : "goal: minimize";
    const char *sought = says > 0 ? "lowest" : "highest";
    if (!spec_node_get(metric, "goal", &goal))
        diags_fix(r->diags,
                  spec_node_warn_key(r, metric, NULL,
                                     "without a goal, the %s `%s` counts as the best", sought,
                                     s->metric.name),
                  fix);
    else if (spec_node_kind(&goal) == VALUE_STR &&
             (strcmp(goal.yaml->value->s.ptr, "minimize") == 0 || s->metric.maximize))
        diags_fix(r->diags,
                  spec_node_warn(r, &goal, NULL,
                                 "the %s `%s` counts as the best: is that intended?", sought,
                                 s->metric.name),
                  fix);
}

void advice_on_metric(struct spec_reader *r, const struct spec *s, const struct spec_node *root)
{
    /* W&B's names for the axes of its charts. */
    static const char *const axes[] = {"step",
                                       "_step",
                                       "global_step",
                                       "trainer/global_step",
                                       "epoch",
                                       "_timestamp",
                                       "relative time (process)",
                                       "relative time (wall)",
                                       "wall time"};
    struct spec_node metric, name;
    char lower[NAME_BYTES];
    if (!s->metric.name || !spec_node_get(root, "metric", &metric) ||
        !spec_node_get(&metric, "name", &name) || !lower_name(s->metric.name, lower))
        return;
    if (ONE_OF(lower, strlen(lower), axes))
        diags_fix(
            r->diags,
            spec_node_warn(
                r, &name, NULL,
                "`%s` is an axis of charts, not a result: it does not show how good a trial is",
                s->metric.name),
            "name: loss");
    else
        on_direction(r, s, &metric, lower);
}

void advice_on_metric_name(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said,
              f->node->key ? "metric: {name: loss, goal: minimize}" : "{name: loss}");
}

void advice_on_meant(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const char *name = advice_words_item(r->arena, f->text, false);
    diags_fix(r->diags, said,
              f->node->key ? arena_printf(r->arena, "%s: %s", f->node->key, name) : name);
}

void advice_on_one_metric(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct spec_metric *m = f->metric;
    diags_fix(r->diags, said,
              arena_printf(r->arena, "metric: {name: %s, goal: %s}", m ? m->name : "loss",
                           m && m->maximize ? "maximize" : "minimize"));
}
