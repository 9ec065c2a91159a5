/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/spec_file.h"

#include <stdio.h>

#include "cli/spec_text.h"

int spec_file_read(const char *path, struct spec **ret, struct err *err)
{
    struct buf text;
    int rc = spec_text_read(path, &text, err);
    if (rc == 0) {
        struct arena arena;
        struct diags diags;
        arena_init(&arena);
        diags_init(&diags, &arena, path);
        *ret = spec_read(text.data, text.len, &diags);
        struct buf said;
        buf_init(&said, SIZE_MAX);
        diags_print(&said, &diags, DIAG_WARNING);
        fputs(said.data, stderr);
        buf_done(&said);
        if (!*ret)
            rc = err_set(err, ERR_SPEC, "%s: %zu error%s; nothing was done", path, diags.errors,
                         diags.errors == 1 ? "" : "s");
        arena_done(&arena);
    }
    buf_done(&text);
    return rc;
}
