/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The page of `besom run`: a server on loopback, with a key that is made here and ends with the process.
 * The link with the key is in the file `page-link` of the store, for its owner alone. A run that has
 * no page runs as well, so nothing here fails it. */
#include "orchestrator/server/server_config.h"

#define RUN_PAGE_FILE "page-link"

enum { RUN_PAGE_LINK_BYTES = 160 };

struct run_page;

struct run_page_config {
    struct uv_loop_s *loop;
    struct driver *driver;
    struct wandb_desk *desk;
    const char *dir;                             /* absolute: the store's */
    void (*warned)(void *arg, const char *text); /* told why it could not be opened */
    void *arg;
};

/* NULL if it could not be opened, or if besom was built without it. */
struct run_page *run_page_open(const struct run_page_config *c);
const char *run_page_link(const struct run_page *p); /* "" for NULL */
/* Call it before the driver is closed, while the loop still runs; takes NULL. Tells open pages that the run has
 * ended, and the state of the sweep (an id). A page that reads too slowly does not get the message. */
void run_page_close(struct run_page *p, const char *sweep);
void run_page_free(struct run_page *p); /* takes NULL */
/* Prints the link of a sweep's page on stderr if that is a terminal: in a file, others might read the
 * key. */
void run_page_say(const char *link, const char *sweep);
/* Removes what a killed run has left; for the process that holds the store's lock. */
void run_page_forget(const char *dir);
/* The link of the process that holds the store's lock; "" if it has none. */
void run_page_find(const char *dir, char out[RUN_PAGE_LINK_BYTES]);
