/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What an agent may do, by the word of a person or of the controller. */
enum duty {
    DUTY_UP,
    DUTY_DRAINING,  /* no new attempts; its process ends when the running ones have */
    DUTY_CORDONED,  /* no new attempts; it stays */
    DUTY_FORGOTTEN, /* it does not return: nothing is known of it any more, nor held for it */
    DUTIES
};

const char *duty_name(enum duty d);
int duty_find(const char *word); /* -1 if none */
