/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* All that explains a trial, as a list: what `besom explain` prints, and a controller answers. */
#include "orchestrator/view/view.h"

/* [[label, text], …]: of explain_trial(), then "failed" and "suspect" where they apply. */
NODISCARD int explain_lines(struct view *v, struct arena *a, const struct value *trial,
                            struct value **ret, struct err *err);
