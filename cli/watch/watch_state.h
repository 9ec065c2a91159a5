/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the screen of `besom watch` shows, and how keys change that. Pure: what is to be read or done
 * is said by the result of watch_state_key(). New data never moves the chosen trial. */
#include "cli/watch/watch_data.h"

enum watch_pane {
    WATCH_TRIALS,
    WATCH_CURVES,
    WATCH_AGENTS,
    WATCH_FAILURES,
    WATCH_LOG,
    WATCH_PANES
};
enum watch_page {
    WATCH_SWEEPS, /* all of them: besom top */
    WATCH_SWEEP,  /* its panes */
    WATCH_TRIAL,  /* one trial */
    WATCH_EXPLAIN,
    WATCH_KEYS
};

enum {
    WATCH_TEXT = 120,
    WATCH_SAID = 400,
    WATCH_WIDE = 120,
    WATCH_WIDE_LINES = 20,
    WATCH_TALL = 32
};
enum {
    WATCH_OTHERS = 7
}; /* sweeps that a wide screen has above its trials, besides the one it shows */

struct watch {
    size_t lines, columns;
    bool ascii;
    enum watch_page page, before; /* before: the page that Esc returns to from WATCH_KEYS */
    enum watch_pane pane;
    char sweep[16];
    size_t sweep_row;  /* the chosen one of the sweeps; WATCH_ROW_OF_SWEEP: that of `sweep` */
    size_t others;     /* other sweeps that were read */
    uint64_t row, top; /* of the trials: the place of the chosen one, of the first that is shown */
    uint64_t chosen;   /* its number */
    bool has_chosen;
    size_t cause;  /* the chosen one of the failures */
    size_t scroll; /* of a page of text: lines that are above */
    size_t sort;   /* 0: by the metric */
    char filter[WATCH_TEXT], typed[WATCH_TEXT];
    bool typing;
    const char *op;        /* the action that is asked about; NULL: none */
    bool counted;          /* its effect is known: the next key decides */
    int64_t revision;      /* of the sweep when it was counted; -1: not known */
    char said[WATCH_SAID]; /* the question, or what came of the last action */
};

#define WATCH_ROW_OF_SWEEP SIZE_MAX

enum watch_wish {
    WATCH_NOTHING,
    WATCH_READ,  /* other data than before */
    WATCH_COUNT, /* the effect of `op` */
    WATCH_DO,    /* op */
    WATCH_QUIT
};

void watch_state_init(struct watch *w, const char *sweep); /* NULL: all sweeps */
/* key: as cli/screen/keys.h. d may be of an earlier moment. */
enum watch_wish watch_state_key(struct watch *w, const struct watch_data *d, int key);
/* New data has come: keeps the chosen trial where it is. */
void watch_state_settle(struct watch *w, const struct watch_data *d);
/* What the counting of an action has answered. */
void watch_state_counted(struct watch *w, bool possible, int64_t revision, const char *message);
void watch_state_done(struct watch *w, const char *message);

/* The key of the view that trials are sorted by, in which direction, and how people call it. */
struct watch_sorting {
    const char *key, *title; /* key NULL: the number */
    bool descending;
};
struct watch_sorting watch_state_sorting(const struct watch *w, const struct watch_data *d);
bool watch_state_is_wide(const struct watch *w); /* all panes at once */
/* Lines that a wide screen has for other sweeps, and all lines above its trials. */
size_t watch_state_others(const struct watch *w);
size_t watch_state_head(const struct watch *w);
/* Lines that the rows of trials have. */
size_t watch_state_room(const struct watch *w);
