/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/arrays/flat.h"

#include <string.h>

#include "base/buf.h"
#include "tests/test.h"

struct told {
    struct buf found, taken; /* the names that were looked up; the values of the row */
};

static void *name_find(void *arg, const char *name)
{
    struct told *t = arg;
    buf_addf(&t->found, "%s ", name);
    return strcmp(name, "secret") == 0 ? NULL : (void *)(uintptr_t)name;
}

static void value_take(void *arg, void *found, struct json_span value)
{
    struct told *t = arg;
    buf_addf(&t->taken, "%s=%.*s ", (const char *)found, (int)(value.end - value.at), value.at);
}

static const char *row(struct told *t, struct flat *f, const char *text)
{
    buf_clear(&t->taken);
    flat_dict(f, text, strlen(text), value_take);
    return buf_str(&t->taken);
}

TEST(flat_looks_each_name_up_once)
{
    struct told t;
    struct flat f;
    buf_init(&t.found, SIZE_MAX);
    buf_init(&t.taken, SIZE_MAX);
    flat_init(&f, name_find, &t);
    ASSERT_STR(
        row(&t, &f, "{\"lr\": 0.1, \"model\": {\"a\": [1], \"in\": {\"b\": \"x\"}}, \"n\": {}}"),
        "lr=0.1 model.a=[1] model.in.b=\"x\" n={} ");
    ASSERT_STR(buf_str(&t.found), "lr model model.a model.in model.in.b n ");
    /* Another order, members that are missing, a dict in place of a value. */
    ASSERT_STR(row(&t, &f, "{\"n\":{\"a\":1},\"lr\":2}"), "n.a=1 lr=2 ");
    ASSERT_STR(row(&t, &f, "{\"model\":5,\"secret\":1,\"in.b\":6}"), "model=5 in.b=6 ");
    ASSERT_STR(row(&t, &f, "{\"model\":{\"in\":7},\"lr\":3}"), "model.in=7 lr=3 ");
    ASSERT_STR(buf_str(&t.found), "lr model model.a model.in model.in.b n n.a secret in.b ");
    buf_clear(&t.found);
    for (int i = 0; i < 100; i++)
        row(&t, &f, i % 2 ? "{\"a\":1,\"b\":2}" : "{\"b\":1,\"\\u0061\":2}");
    ASSERT_STR(buf_str(&t.found), "b a ");             /* though one is written with an escape */
    ASSERT_STR(row(&t, &f, "{\"a\":1,\"b\""), "a=1 "); /* what is malformed ends it */
    ASSERT_STR(row(&t, &f, "[1]"), "");
    ASSERT_STR(flat_name(&f, 0, "\"lr"), "\"lr");
    flat_done(&f);
    buf_done(&t.found);
    buf_done(&t.taken);
}
