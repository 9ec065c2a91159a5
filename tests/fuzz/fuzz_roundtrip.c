/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes as the choices of a generator of specs (tests/spec_maker.h): what is read of its text,
 * printed as content and read back, is the same spec to the last field, and has the same print. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "tests/spec_maker.h"
#include "tests/test.h"
#include "tests/unit/language/spec_dump.h"
#include "language/spec_read.h"

_Noreturn void test_fail(const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text;
    struct arena a;
    struct diags d;
    buf_init(&text, SIZE_MAX);
    arena_init(&a);
    diags_init(&d, &a, "fuzz.yaml");
    spec_maker_make(&text, data, size);
    struct spec *s = spec_read(buf_str(&text), text.len, &d);
    if (s)
        spec_dump_check_content(s);
    spec_free(s);
    arena_done(&a);
    buf_done(&text);
    return 0;
}
