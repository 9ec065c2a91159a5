/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The state of a working tree according to git. Each call runs git, bounded in time and output; a
 * repository that git refuses counts as none. Changes nothing. */
#include "agent/code/code_list.h"
#include "base/buf.h"

struct code_git {
    char *root;   /* absolute */
    char *commit; /* NULL: there is none yet */
    char *branch; /* NULL: detached */
};

/* ERR_NOT_FOUND, with the reason, if the folder is not in a working tree or git is not installed. */
NODISCARD int code_git_open(const char *folder, struct code_git *ret, struct err *err);
void code_git_done(struct code_git *g);

/* Tracked files, and those that are neither tracked nor ignored. */
NODISCARD int code_git_list(const struct code_git *g, struct code_list *out, struct err *err);
/* Tracked files that differ from a commit. untracked: and those of code_git_list() that are not
 * tracked. */
NODISCARD int code_git_changed(const struct code_git *g, const char *commit, bool untracked,
                               struct code_list *out, struct err *err);
/* Appends the difference between the commit and the files, without those that may hold secrets, as
 * far as out has room. */
NODISCARD int code_git_diff(const struct code_git *g, struct buf *out, struct err *err);
