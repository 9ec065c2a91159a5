/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/spec_file.h"

#include <stdio.h>

#include "base/diag/diag_print.h"
#include "cli/lint/lint_program.h"
#include "cli/spec_text.h"
#include "cli/print/terminal.h"
#include "language/spec_remains.h"
#include "language/spec_read.h"

struct reading {
    const char *path, *root;
    struct arena *remains; /* for a spec with errors, of which a part is enough; NULL: refuse it */
    const enum obeyed_use *use;
};

static void print_diagnostics(const struct diags *diags, const struct buf *text)
{
    struct diag_style style = {buf_peek(text), text->len, terminal_columns(stderr),
                               terminal_colour(stderr)};
    struct buf said;
    buf_init(&said, SIZE_MAX);
    diag_print(&said, diags, DIAG_WARNING, &style);
    fputs(buf_str(&said), stderr);
    buf_done(&said);
}

static int problems_refuse(const char *path, const struct diags *diags, bool ok, struct err *err)
{
    return ok ? 0
              : err_set(err, ERR_SPEC, "%s: %zu error%s; nothing was done", path, diags->errors,
                        diags->errors == 1 ? "" : "s");
}

static int read_spec(const struct reading *r, struct spec **ret, struct err *err)
{
    struct buf text;
    int rc = spec_text_read(r->path, &text, err);
    if (rc == 0) {
        struct arena arena;
        struct diags diags;
        arena_init(&arena);
        diags_init(&diags, &arena, r->path);
        *ret = spec_look(buf_peek(&text), text.len, r->root, &diags);
        if (diags.errors > 0) {
            spec_free(*ret);
            *ret = NULL;
        }
        bool ok = *ret && (!r->use || obeyed_check(*ret, *r->use, &diags));
        print_diagnostics(&diags, &text);
        if (!*ret && r->remains) {
            *ret = spec_remains(r->remains, buf_peek(&text), text.len, r->root);
            ok = *ret != NULL;
        }
        rc = problems_refuse(r->path, &diags, ok, err);
        arena_done(&arena);
    } else
        err_wrap(err, "%s", r->path);
    buf_done(&text);
    return rc;
}

int spec_file_read(const char *path, const char *root, struct spec **ret, struct err *err)
{
    return read_spec(&(struct reading){.path = path, .root = root}, ret, err);
}

int spec_file_read_for(const char *path, const char *root, enum obeyed_use use, struct spec **ret,
                       struct err *err)
{
    return read_spec(&(struct reading){path, root, NULL, &use}, ret, err);
}

int spec_file_check_program(const char *path, const struct spec *s, bool here, struct err *err)
{
    struct buf text;
    struct arena arena;
    struct diags diags;
    int rc = spec_text_read(path, &text, err);
    if (rc != 0) {
        buf_done(&text);
        return err_wrap(err, "%s", path);
    }
    arena_init(&arena);
    diags_init(&diags, &arena, path);
    lint_program_check(&diags, path, s, here);
    print_diagnostics(&diags, &text);
    rc = problems_refuse(path, &diags, diags.errors == 0, err);
    arena_done(&arena);
    buf_done(&text);
    return rc;
}

int spec_file_read_command(const char *path, const char *root, struct arena *a, struct spec **ret,
                           struct err *err)
{
    return read_spec(&(struct reading){.path = path, .root = root, .remains = a}, ret, err);
}
