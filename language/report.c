/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/report.h"

#include <string.h>

/* A number as programs print it, and what may follow it. */
#define NUMBER \
    "(?<value>[-+]?(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?|(?i:nan|inf(?:inity)?)))"
#define NAME "(?<name>[A-Za-z_][\\w./@-]*)"
/* The step, if the line names an epoch or the like, or is the progress bar of the epochs. */
#define STEP                                                             \
    "(?:.*?\\b(?|(?i:epochs?)[ =:]*+\\d+%\\|[^|]*\\|\\s*(?<step>\\d+)/|" \
    "(?i:step|epoch|iteration|iter)\\b[ =:#\\[]*+(?<step>\\d+)\\b(?!\\.\\d|%)))?"
/* name=value, name: value */
#define PAIRS "(?<![\\w./@-])" NAME "\\s*+[=:]\\s*+" NUMBER "(?=[\\s,;|)\\]}%]|$)"
/* …| 10/10 [00:01<00:00, 9.8it/s, or without a total: 10it [00:01, 9.8it/s */
#define BAR                                                                      \
    "(?:\\|\\s*[\\d.,]+[kMGT]?/[\\d.,?]+[kMGT]?|(?:^|\\s)\\d[\\d.,]*[A-Za-z]+) " \
    "\\[(?:\\d+:)*\\d\\d:\\d\\d"                                                 \
    "[^,\\]]*,[^,\\]]*"
#define BAR_PAIRS ",\\s*(?!v_num=)(?<name>[^=,\\[\\]\\s][^=,\\[\\]]*)=" NUMBER "(?=[,\\]])"

static const struct report_reader readers[] = {
    {"huggingface",
     "the lines of a Hugging Face Trainer: {'loss': 0.3, 'epoch': 1.0}",
     {{"(?=\\{'[^']*': .*\\}\\s*$)", "'(?<name>[^']+)': '?" NUMBER "'?(?=[,}])"}}},
    {"keras",
     "the bars of Keras, each when it is complete: 100/100 … - loss: 0.31 - val_loss: 0.4",
     {{"^\\s*(\\d+)/\\1\\s", " - (?<name>[^:\\s]+): " NUMBER "(?=\\s|$)"},
      {"^Epoch (?<step>\\d+)(?:/\\d+)?\\s*$", NULL}}},
    {"key=value", "key=value and key: value anywhere in a line", {{"^(?=" STEP ")", PAIRS}}},
    {"lightgbm",
     "the evaluations of LightGBM and XGBoost: [10] valid_0's l2: 0.4",
     {{"^(?:\\[LightGBM\\] \\[Info\\] )?(?|\\[(?<step>\\d+)\\]|Iteration:(?<step>\\d+),)(?=\\s)",
       "\\s+(?<name>[^\\s:,](?:[^\\t:,]*[^\\s:,])?)\\s?:\\s?" NUMBER "(?=[\\s,+]|$)"}}},
    {"lightning",
     "the progress bars and the result tables of Lightning",
     {{"^(?=" STEP ").*?" BAR, BAR_PAIRS},
      {"^\\s*+(?:│\\s*+)?(?=[\\w./@-]++(?:\\s{2,}|\\s+│\\s+)[-+.\\w]++\\s*+│?\\s*+$)",
       NAME "\\s++(?:│\\s++)?" NUMBER "\\s*│?\\s*$"}}},
    {"logging",
     "key=value and key: value after the level of a line of Python's logging",
     {{"^(?=" STEP ").*?\\b(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\\b", PAIRS}}},
    {"tqdm",
     "the values at the end of a tqdm bar: 100%|███| 10/10 [00:01<00:00, 9.8it/s, loss=0.3]",
     {{"^(?=" STEP ").*?" BAR, BAR_PAIRS}}},
};

const struct report_reader *report_readers(size_t *ret_n)
{
    *ret_n = sizeof readers / sizeof *readers;
    return readers;
}

const struct report_reader *report_reader_find(const char *name)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp(readers[i].name, name) == 0)
            return &readers[i];
    return NULL;
}

bool report_is_pattern(const char *text)
{
    return strpbrk(text, "()\\[{^$*+") != NULL;
}

int report_pattern(const char *text, bool beside_a_name, struct regex **ret, struct err *err)
{
    struct err why = {0};
    struct regex *r = NULL;
    size_t group;
    if (regex_new(text, &r, &why) != 0)
        return err_set(err, ERR_SYNTAX, "not a regular expression: %s", why.text);
    bool has = beside_a_name ? regex_groups(r) > 0 : regex_name(r, 0, &group) != NULL;
    if (has) {
        *ret = r;
        return 0;
    }
    regex_free(r);
    return err_set(
        err, ERR_SPEC,
        beside_a_name
            ? "the pattern has no group, so it finds no metric: put the number in parentheses"
            : "the pattern has no named group, so it finds no metric");
}

static void names_add(struct arena *a, struct value *names, const char *name)
{
    if (strcmp(name, REPORT_STEP) != 0 && !value_get(names, name))
        value_put(a, names, name, value_null(a));
}

static bool item_gives(struct arena *a, const struct value *item, struct value *names)
{
    struct regex *r = NULL;
    const char *name;
    size_t group;
    if (item->kind == VALUE_DICT)
        for (size_t i = 0; i < item->dict.n; i++)
            names_add(a, names, item->dict.entries[i].key);
    if (item->kind != VALUE_STR)
        return false;
    if (strcmp(item->s.ptr, REPORT_JSON) == 0 || report_reader_find(item->s.ptr))
        return true;
    if (report_pattern(item->s.ptr, false, &r, NULL) != 0)
        return true; /* the bad pattern is reported elsewhere */
    for (size_t i = 0; (name = regex_name(r, i, &group)); i++)
        names_add(a, names, name);
    regex_free(r);
    return false;
}

bool report_gives(struct arena *a, const struct value *report, struct value *names)
{
    bool open = false;
    for (size_t i = 0; i < report->dict.n; i++) {
        const struct value *of = report->dict.entries[i].value;
        if (of->kind != VALUE_LIST)
            open |= item_gives(a, of, names);
        for (size_t k = 0; of->kind == VALUE_LIST && k < of->list.n; k++)
            open |= item_gives(a, of->list.items[k], names);
    }
    return open;
}
