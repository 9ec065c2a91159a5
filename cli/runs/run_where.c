/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/runs/run_where.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "protocol/wandb/wandb_field.h"

static const char form[] = "write tests such as --where 'lr < 0.01 and state = finished'";

static const struct where_op {
    const char *sign, *word;
    bool negated;
} ops[] = {{"!=", "$eq", true},   {"!~", "$regex", true}, {"<=", "$lte", false},
           {">=", "$gte", false}, {"==", "$eq", false},   {"=", "$eq", false},
           {"<", "$lt", false},   {">", "$gt", false},    {"~", "$regex", false}};

struct where {
    struct arena *arena;
    const char *at;
    struct err *err;
};

static void space_skip(struct where *w)
{
    while (isspace((unsigned char)*w->at))
        w->at++;
}

static const struct where_op *op_find(const char *at)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strncmp(at, ops[i].sign, strlen(ops[i].sign)) == 0)
            return &ops[i];
    return NULL;
}

/* A word in quotes, of either kind, or up to a space; a name ends at an operator too. NULL: none. */
static const char *word_read(struct where *w, bool name, bool *ret_quoted)
{
    space_skip(w);
    char quote = *w->at == '"' || *w->at == '\'' ? *w->at : '\0';
    const char *from = w->at + (quote != '\0'), *end = from;
    while (*end &&
           (quote ? *end != quote : !isspace((unsigned char)*end) && !(name && op_find(end))))
        end++;
    *ret_quoted = quote != '\0';
    if (quote ? *end != quote : end == from)
        return NULL;
    w->at = end + (quote != '\0');
    return arena_strndup(w->arena, from, (size_t)(end - from));
}

static struct value *dict_wrap(struct arena *a, const char *key, struct value *v)
{
    struct value *ret = value_dict(a);
    value_put(a, ret, key, v);
    return ret;
}

/* true, 0.01 and null are what they look like; fields of a run that hold texts are compared with texts. */
static struct value *literal_of(struct arena *a, const char *text, bool quoted, bool is_text)
{
    struct value *v = NULL;
    if (!quoted && !is_text && json_parse(a, text, strlen(text), &v, NULL) == 0 &&
        v->kind != VALUE_DICT && v->kind != VALUE_LIST)
        return v;
    return value_str(a, text);
}

static bool field_is_text(const struct wandb_field *f)
{
    return f->part == WANDB_FIELD_RUN && strcmp(f->name, "rows") != 0 &&
           strcmp(f->name, "duration") != 0 && strcmp(f->name, "exit_code") != 0;
}

static int test_read(struct where *w, struct value **ret)
{
    bool quoted;
    struct wandb_field field;
    struct arena *a = w->arena;
    const char *name = word_read(w, true, &quoted);
    space_skip(w);
    const struct where_op *op = name ? op_find(w->at) : NULL;
    w->at += op ? strlen(op->sign) : 0;
    const char *text = op ? word_read(w, false, &quoted) : NULL;
    if (!text)
        return err_set(w->err, ERR_USAGE, "--where: %s after '%.40s': %s",
                       !name ? "a name is missing"
                       : op  ? "a value is missing"
                             : "one of = != < <= > >= ~ !~ is missing",
                       name ? name : "", form);
    bool known = wandb_field_parse(a, name, &field, NULL) == 0;
    struct value *test =
        dict_wrap(a, op->word,
                  literal_of(a, text, quoted,
                             (known && field_is_text(&field)) || strcmp(op->word, "$regex") == 0));
    if (known) {
        *ret = dict_wrap(a, name, test);
    } else {
        struct value *either = value_list(a);
        value_push(a, either, dict_wrap(a, arena_printf(a, "config.%s", name), test));
        value_push(a, either, dict_wrap(a, arena_printf(a, "summary_metrics.%s", name), test));
        *ret = dict_wrap(a, "$or", either);
    }
    if (op->negated)
        *ret = dict_wrap(a, "$not", *ret);
    return 0;
}

static bool word_take(struct where *w, const char *word)
{
    size_t n = strlen(word);
    space_skip(w);
    if (strncasecmp(w->at, word, n) != 0 || !isspace((unsigned char)w->at[n]))
        return false;
    w->at += n;
    return true;
}

static int tests_read(struct where *w, struct value **ret)
{
    struct arena *a = w->arena;
    struct value *any = value_list(a), *all = value_list(a), *test = NULL;
    for (;;) {
        int rc = test_read(w, &test);
        if (rc != 0)
            return rc;
        value_push(a, all, test);
        if (word_take(w, "and"))
            continue;
        value_push(a, any, dict_wrap(a, "$and", all));
        all = value_list(a);
        if (!word_take(w, "or"))
            break;
    }
    space_skip(w);
    if (*w->at)
        return err_set(w->err, ERR_USAGE, "--where: expected `and` or `or` at '%.40s': %s", w->at,
                       form);
    *ret = dict_wrap(a, "$or", any);
    return 0;
}

int run_where_parse(struct arena *a, const char *text, struct value **ret, struct err *err)
{
    struct where w = {a, text, err};
    space_skip(&w);
    if (*w.at != '{')
        return tests_read(&w, ret);
    struct err why = {0};
    if (json_parse(a, w.at, strlen(w.at), ret, &why) != 0)
        return err_set(err, ERR_USAGE, "--where: %s", why.text);
    return 0;
}

const char *run_where_order(struct arena *a, const char *name, bool descending)
{
    struct wandb_field field;
    char sign = descending ? '-' : '+';
    if (wandb_field_parse(a, name, &field, NULL) == 0)
        return arena_printf(a, "%c%s", sign, name);
    return arena_printf(a, "%csummary_metrics.%s,%cconfig.%s", sign, name, sign, name);
}
