/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A folder of the test's own, gone when the test ends. */

const char *scratch_dir(void);       /* made at the first call */
void scratch_clear(const char *dir); /* removes what is in it */
