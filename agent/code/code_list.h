/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A list of paths relative to a project's root, and why some files are not among them. Knows no
 * git and reads no file's content. */
#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "base/value.h"

struct code_list {
    struct arena arena;
    const char **paths; /* valid ones (sweep/code/code_path.h) */
    const char **whys;  /* NULL: it is among the files; else why it was left out */
    size_t n, cap;
};

void code_list_init(struct code_list *l);
void code_list_done(struct code_list *l);
void code_list_add(struct code_list *l, const char *path, const char *why);
/* The paths of a text, each ended by a NUL. */
void code_list_add_text(struct code_list *l, const char *text, size_t len);
/* Leaves out secrets and paths that no pack can hold. Sorts the list, each path once. */
void code_list_settle(struct code_list *l);
/* Adds all files below root that a pattern matches: a file, a folder with all in it, or a shell
 * pattern, whose '*' matches '/' too. Not what git and besom keep there, nor `store`. ERR_NOT_FOUND
 * names a pattern that no file matches. patterns: a list of texts. */
NODISCARD int code_list_find(struct code_list *l, const char *root, const char *store,
                             const struct value *patterns, struct err *err);
