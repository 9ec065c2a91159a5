/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A spec as a subcommand takes it: the file that was named, read and checked, with what is to be
 * said about it said on stderr. */
#include "language/obeyed.h"
#include "language/spec.h"

/* Warnings and errors are printed as they stand in the file; err then says only how many there
 * were. root: the key that the spec stands under, or NULL. The caller frees *ret. */
NODISCARD int spec_file_read(const char *path, const char *root, struct spec **ret,
                             struct err *err);
/* As above, for its command alone: of a spec that has errors, what remains of it (spec_remains.h).
 * The arena must outlive *ret. */
NODISCARD int spec_file_read_command(const char *path, const char *root, struct arena *a,
                                     struct spec **ret, struct err *err);
/* The same for who is about to act on it: what would not be obeyed is an error too. */
NODISCARD int spec_file_read_for(const char *path, const char *root, enum obeyed_use use,
                                 struct spec **ret, struct err *err);
/* Whether the program and the folder that a spec just read names are there; ERR_SPEC otherwise. */
NODISCARD int spec_file_check_program(const char *path, const struct spec *s, struct err *err);
