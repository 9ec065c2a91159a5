/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The language as a JSON schema (draft 7) for editors, printed from the tables that the reader
 * uses (language/language.h, language/reader/parameter/spec_draft.h,
 * language/reader/parameter/spec_kind.h). It refuses what the reader calls an error, as far as a
 * schema can know; what the reader only warns of is valid, and carries `deprecationMessage`, which
 * editors show as a warning. */
#include "base/value.h"

/* The whole document, as committed in configs/. */
char *language_schema_text(struct arena *a);
