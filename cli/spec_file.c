/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/spec_file.h"

#include <stdio.h>

#include "base/diag_print.h"
#include "cli/spec_text.h"
#include "cli/terminal.h"
#include "sweep/spec_remains.h"

static void say(const struct diags *diags, const struct buf *text)
{
    struct diag_style style = {text->data, text->len, terminal_columns(stderr),
                               terminal_colour(stderr)};
    struct buf said;
    buf_init(&said, SIZE_MAX);
    diag_print(&said, diags, DIAG_WARNING, &style);
    fputs(said.data, stderr);
    buf_done(&said);
}

static int read_spec(const char *path, struct arena *remains, struct spec **ret, struct err *err)
{
    struct buf text;
    int rc = spec_text_read(path, &text, err);
    if (rc == 0) {
        struct arena arena;
        struct diags diags;
        arena_init(&arena);
        diags_init(&diags, &arena, path);
        *ret = spec_read(text.data, text.len, &diags);
        say(&diags, &text);
        if (!*ret && remains)
            *ret = spec_remains(remains, text.data, text.len);
        if (!*ret)
            rc = err_set(err, ERR_SPEC, "%s: %zu error%s; nothing was done", path, diags.errors,
                         diags.errors == 1 ? "" : "s");
        arena_done(&arena);
    }
    buf_done(&text);
    return rc;
}

int spec_file_read(const char *path, struct spec **ret, struct err *err)
{
    return read_spec(path, NULL, ret, err);
}

int spec_file_read_command(const char *path, struct arena *a, struct spec **ret, struct err *err)
{
    return read_spec(path, a, ret, err);
}
