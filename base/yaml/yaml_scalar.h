/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a plain YAML scalar means: PyYAML's implicit resolver, in its order, and the rule of our own
 * for numbers that YAML 1.1 does not know as such (1e-5, -.5). Knows only text. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum yaml_scalar_kind {
    YAML_SCALAR_TEXT,
    YAML_SCALAR_NULL,
    YAML_SCALAR_BOOL,
    YAML_SCALAR_INT,
    YAML_SCALAR_FLOAT,
    YAML_SCALAR_MERGE,     /* << */
    YAML_SCALAR_TIMESTAMP, /* a date to YAML 1.1 */
    YAML_SCALAR_EQUALS,    /* = : SafeLoader cannot construct it */
    YAML_SCALAR_TOO_LONG,  /* an integer beyond 64 bits */
    YAML_SCALAR_EMPTY_INT, /* 0x_ : matches the pattern of integers and holds no digit */
};

enum yaml_scalar_base { YAML_SCALAR_DECIMAL, YAML_SCALAR_OCTAL, YAML_SCALAR_BASE60 };

struct yaml_scalar {
    enum yaml_scalar_kind kind;
    enum yaml_scalar_base base; /* of an int or float, where people may not expect it */
    bool loose;                 /* a float by our own rule: PyYAML leaves it text */
    bool b;
    int64_t i;
    double f;
};

struct yaml_scalar yaml_scalar_plain(const char *s, size_t len);
/* The number that text reads as whole, int or float; TEXT where it is none, TOO_LONG beyond 64
 * bits. */
struct yaml_scalar yaml_scalar_number(const char *s, size_t len);
/* What !!float reads: as Python's float() of the text. TEXT where it is none. */
struct yaml_scalar yaml_scalar_float(const char *s, size_t len);
