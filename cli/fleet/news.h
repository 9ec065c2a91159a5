/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What besom serve and besom agent print on stderr as they run: one line with its time for each
 * change that people look for in a journal: agents come and go, sweeps begin and end. */
#include "orchestrator/driver.h"

/* Prints the time and the text, which is cleaned, and cut after 1023 bytes. */
__attribute__((format(printf, 1, 2))) void news_say(const char *format, ...);
/* Of driver_config.agent; the first argument is not used. */
void news_agent(void *arg, const char *name, enum effect_news news, uint32_t n, uint32_t left_out);
/* What the agent of an attempt had not sent is lost. */
void news_given_up(void *arg, const char *sweep, uint64_t trial, uint64_t attempt, const char *why);
/* Prints changes of sweeps, and of what agents may do, from now on until the driver ends. */
void news_follow(struct driver *driver);
