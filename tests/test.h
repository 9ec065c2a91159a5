/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A small test kit. TEST(name) at the start of a line registers a test; CMake finds it by that line
 * and runs each in a process of its own. An ASSERT prints both sides and ends the process. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test {
    const char *name;
    void (*run)(void);
    struct test *next;
};

void test_register(struct test *t);
_Noreturn void test_fail(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void test_skip(const char *why); /* exits 77: CTest counts it as skipped */

#define TEST(id)                                                 \
    static void test_##id(void);                                 \
    __attribute__((constructor)) static void register_##id(void) \
    {                                                            \
        static struct test t = {#id, test_##id, NULL};           \
        test_register(&t);                                       \
    }                                                            \
    static void test_##id(void)

#define FAIL(...) test_fail(__FILE__, __LINE__, __VA_ARGS__)
#define ASSERT(c)           \
    do {                    \
        if (!(c))           \
            FAIL("%s", #c); \
    } while (0)
#define ASSERT_EQ(a, b)                                       \
    do {                                                      \
        long long va_ = (long long)(a), vb_ = (long long)(b); \
        if (va_ != vb_)                                       \
            FAIL("%s == %s: %lld != %lld", #a, #b, va_, vb_); \
    } while (0)
#define ASSERT_STR(a, b)                                                                  \
    do {                                                                                  \
        const char *va_ = (a), *vb_ = (b);                                                \
        if (!va_ || !vb_ || strcmp(va_, vb_) != 0)                                        \
            FAIL("%s == %s:\n  got  \"%s\"\n  want \"%s\"", #a, #b, va_ ? va_ : "(null)", \
                 vb_ ? vb_ : "(null)");                                                   \
    } while (0)
#define ASSERT_NEAR(a, b, rel)                                      \
    do {                                                            \
        double va_ = (a), vb_ = (b);                                \
        if (!(fabs(va_ - vb_) <= (rel)*fmax(fabs(va_), fabs(vb_)))) \
            FAIL("%s ~ %s: %.17g != %.17g", #a, #b, va_, vb_);      \
    } while (0)
