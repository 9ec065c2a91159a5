/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/tags/view_tags.h"

#include <inttypes.h>

#include "orchestrator/view/view_inside.h"
#include "sweep/tag/tag.h"

static const char select_tags[] =
    "SELECT " VIEW_TAGS_OF("(n << 40 | ?2)") " FROM sweep WHERE id = ?1";

int view_tags_had(struct view *v, struct arena *a, const char *sweep, const struct value *trials,
                  const struct value **ret, struct err *err)
{
    struct value *had = value_dict(a);
    sqlite3_stmt *st = NULL;
    const int64_t itself = (int64_t)STORE_TAG_NUMBER;
    int rc = store_sql_use(v->db, &st, select_tags, err);
    for (size_t i = 0; rc >= 0 && i < (trials ? trials->list.n : 1); i++) {
        int64_t number = trials ? trials->list.items[i]->i : itself;
        store_sql_text(st, 1, sweep);
        sqlite3_bind_int64(st, 2, number & itself);
        rc = store_sql_step(st, err);
        const char *text = rc > 0 ? store_sql_get_text_or_null(st, 0) : NULL;
        if (text)
            value_put(a, had, trials ? arena_printf(a, "%" PRId64, number) : "",
                      tag_list_of(a, text));
        sqlite3_reset(st);
    }
    sqlite3_finalize(st);
    *ret = had;
    return rc < 0 ? rc : 0;
}
