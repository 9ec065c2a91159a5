/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Expressions by themselves, for tests: names are the keys of a dict, their indices its places. */
#include "expr/expr.h"

struct expr_text {
    struct arena arena;
    const struct value *dict;
    const struct expr *expr; /* NULL where the text is wrong */
    size_t offset, len;      /* of what was said first */
    const char *message, *fix;
    size_t said;
};

void expr_text_init(struct expr_text *t, const struct value *dict, const char *text);
void expr_text_done(struct expr_text *t);
/* "3", "undefined: …" or "5:2 message | fix". */
void expr_text_answer(struct expr_text *t, struct buf *out);
/* The canonical text. */
void expr_text_print(const struct expr_text *t, struct buf *out);
