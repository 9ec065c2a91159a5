/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The paths of a project's files, relative to its root: which of them a pack may hold, in which
 * order, and which name secrets. Pure: knows no file. */
#include <stdbool.h>
#include <stddef.h>

enum { CODE_PATH_BYTES = 4096, CODE_PATH_NAME_BYTES = 256 };

/* A path that cannot lead out of the root or be read in two ways: names joined by single slashes,
 * none of them "." or "..", each shorter than CODE_PATH_NAME_BYTES. */
bool code_path_is_good(const char *path);
/* The order of a pack: by bytes, but '/' before all others. So what lies in a folder follows the
 * folder's own name at once. */
int code_path_compare(const char *a, const char *b);
/* Whether `path` lies in the folder `folder`. */
bool code_path_is_below(const char *path, const char *folder);
/* Whether a symbolic link at `path` with this target stays inside the root, whatever other links of
 * this kind there are: the target has ".." only at its beginning, and not too many. */
bool code_path_link_is_inside(const char *path, const char *target);

/* Names of files and folders that usually hold secrets: "NAME/" is a folder with all in it, "*"
 * stands for any characters, a name with a slash inside is the end of a path. Letters match in both
 * cases. NULL after the last one. */
const char *code_path_secret(size_t i);
bool code_path_is_secret(const char *path);
