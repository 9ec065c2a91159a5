/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What ${interpreter} stands for on this host. */

/* "python", or "python3" if no folder of $PATH has a python. */
const char *interpreter_find(void);
