/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/duty.h"

#include <string.h>

static const char *const words[DUTIES] = {[DUTY_UP] = "up",
                                          [DUTY_DRAINING] = "draining",
                                          [DUTY_CORDONED] = "cordoned",
                                          [DUTY_FORGOTTEN] = "forgotten"};

const char *duty_name(enum duty d)
{
    return words[d];
}

int duty_find(const char *word)
{
    for (int d = 0; d < DUTIES; d++)
        if (strcmp(words[d], word) == 0)
            return d;
    return -1;
}
