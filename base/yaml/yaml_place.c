/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_place.h"

void yaml_place_print(struct buf *out, const struct yaml_place *at)
{
    if (!at)
        return;
    yaml_place_print(out, at->up);
    if (at->key && out->len > 0)
        buf_addc(out, '.');
    if (at->key)
        buf_adds(out, at->key);
    else
        buf_addf(out, "[%zu]", at->index);
}
