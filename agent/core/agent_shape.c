/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/core/agent_shape.h"

static bool shape_is(const struct value *v, enum value_kind kind)
{
    return v->kind == VALUE_NULL || v->kind == kind;
}

static bool shape_is_texts(const struct value *list)
{
    bool good = shape_is(list, VALUE_LIST);
    for (size_t i = 0; good && list->kind == VALUE_LIST && i < list->list.n; i++)
        good = list->list.items[i]->kind == VALUE_STR;
    return good;
}

static bool shape_is_named_texts(const struct value *dict)
{
    bool good = shape_is(dict, VALUE_DICT);
    for (size_t i = 0; good && dict->kind == VALUE_DICT && i < dict->dict.n; i++)
        good = dict->dict.entries[i].value->kind == VALUE_STR;
    return good;
}

bool agent_shape_is_good(const struct message *m)
{
    if (m->type == MESSAGE_SWEEP)
        return shape_is_texts(m->command) && shape_is_named_texts(m->env) &&
               shape_is_named_texts(m->wandb) && shape_is(m->report, VALUE_DICT);
    return m->type != MESSAGE_LAUNCH || shape_is(m->params, VALUE_DICT);
}
