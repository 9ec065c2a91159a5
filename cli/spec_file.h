/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A spec for a subcommand: reads and checks the named file, and prints its diagnostics on stderr. */
#include "language/obeyed.h"
#include "language/spec.h"

/* Warnings and errors are printed in the order of the file; err then has only their number. root:
 * the key that holds the spec, or NULL. The caller frees *ret. */
NODISCARD int spec_file_read(const char *path, const char *root, struct spec **ret,
                             struct err *err);
/* As above, for its command alone: for a spec that has errors, its usable parts (spec_remains.h).
 * The arena must outlive *ret. */
NODISCARD int spec_file_read_command(const char *path, const char *root, struct arena *a,
                                     struct spec **ret, struct err *err);
/* The same before the spec is used: an unsupported key is an error too. */
NODISCARD int spec_file_read_for(const char *path, const char *root, enum obeyed_use use,
                                 struct spec **ret, struct err *err);
/* Whether the program and the folder that a spec just read names are here; ERR_SPEC otherwise. here: trials
 * run on this machine; else a missing file is a warning. */
NODISCARD int spec_file_check_program(const char *path, const struct spec *s, bool here,
                                      struct err *err);
