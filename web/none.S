/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No page was built: page_assets of orchestrator/server/page/page_assets.h without an entry. */
    .section .data.rel.ro, "aw"
    .balign 8
    .globl page_assets
page_assets:
    .quad 0, 0, 0, 0, 0
    .section .note.GNU-stack, "", %progbits
