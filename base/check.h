/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* check() ends the process at a bug of besom, in release builds too; the store makes a crash safe.
 * Never use it for input from outside: return an error instead. */
_Noreturn void check_failed(const char *file, int line, const char *condition);
#define check(c) ((c) ? (void)0 : check_failed(__FILE__, __LINE__, #c))
#define PRE(c) check(c)
#define POST(c) check(c)
