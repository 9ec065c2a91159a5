/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_finding.h"

void spec_finding_tell(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                       const struct spec_finding *f)
{
    if (said && r->advise)
        r->advise(r, said, n, f);
}
