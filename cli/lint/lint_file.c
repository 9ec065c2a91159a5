/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lint/lint_file.h"

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/spec_text.h"

/* For a folder that was named instead of its files; NULL if it is not one. */
static const char *fix_for_folder(struct lint_file *f)
{
    struct stat st;
    size_t len = strlen(f->named);
    if (stat(f->named, &st) != 0 || !S_ISDIR(st.st_mode))
        return NULL;
    return arena_printf(&f->arena, "besom lint %s%s*.yaml", f->named,
                        len && f->named[len - 1] == '/' ? "" : "/");
}

void lint_file_open(struct lint_file *f, const char *named)
{
    bool is_stdin = strcmp(named, "-") == 0;
    struct err err = {0};
    *f = (struct lint_file){.named = named, .shown = is_stdin ? "<stdin>" : named};
    arena_init(&f->arena);
    diags_init(&f->diags, &f->arena, f->shown);
    int rc =
        is_stdin ? spec_text_read_stdin(&f->text, &err) : spec_text_read(named, &f->text, &err);
    if (rc == 0)
        return;
    buf_clear(&f->text);
    diags_add(&f->diags, DIAG_ERROR, 0, 0, "", is_stdin ? NULL : fix_for_folder(f), "%s", err.text);
}

void lint_file_close(struct lint_file *f)
{
    spec_free(f->spec);
    arena_done(&f->arena);
    buf_done(&f->text);
}
