/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/steer/steer_alone.h"

#include <stdio.h>

#include "cli/run/local.h"

static const struct {
    enum sweep_state to;
    const char *text;
} commands[] = {
    [COMMAND_PAUSE] = {SWEEP_PAUSED, "paused"},
    [COMMAND_RESUME] = {SWEEP_RUNNING, "goes on with the next besom run of its spec"},
    [COMMAND_STOP] = {SWEEP_STOPPING, "stops: what runs goes on to its end, nothing new is begun"},
    [COMMAND_CANCEL] = {SWEEP_CANCELLED, "cancelled"},
};

struct steering {
    const char *sweep;
    enum controller_command command;
};

static bool changed(void *arg, const struct books *books, const struct fact *facts, size_t n)
{
    const struct steering *steering = arg;
    const struct book_sweep *s = books_sweep(books, steering->sweep);
    (void)facts, (void)n;
    if (steering->command == COMMAND_STOP)
        return s->state == SWEEP_STOPPING || s->state == SWEEP_FINISHED;
    if (s->state != (int)commands[steering->command].to)
        return false;
    return steering->command != COMMAND_CANCEL || s->counts[TRIAL_RUNNING] == 0;
}

static void warned(void *arg, const char *text)
{
    (void)arg;
    fprintf(stderr, "besom: %s\n", text);
}

/* Whether the books allow it; ERR_EXISTS where it is so already. */
static int may(struct store *store, const struct steering *steering, struct err *err)
{
    struct books books;
    enum sweep_state to = commands[steering->command].to;
    books_init(&books);
    int rc = store_load(store, steering->sweep, &books, err);
    const struct book_sweep *s = rc == 0 ? books_sweep(&books, steering->sweep) : NULL;
    if (rc == 0 && !s)
        rc = err_set(err, ERR_NOT_FOUND, "there is no sweep %s in this store", steering->sweep);
    else if (rc == 0 && s->state == (int)to)
        rc = ERR_EXISTS;
    else if (rc == 0 && !machine_may_move(sweep_states, s->state, (int)to))
        rc = err_set(err, ERR_STATE, "sweep %s is %s", s->id, sweep_states[s->state].name);
    books_done(&books);
    return rc;
}

int steer_alone(const char *store_dir, const char *sweep, enum controller_command command,
                const char **ret_text, struct err *err)
{
    struct steering steering = {sweep, command};
    struct store *store = NULL;
    struct local *l = NULL;
    struct local_config config = {.dir = store_dir,
                                  .sweep = sweep,
                                  .slots = 0,
                                  .changed = changed,
                                  .warned = warned,
                                  .leave = command != COMMAND_CANCEL,
                                  .arg = &steering};
    *ret_text = commands[command].text;
    int rc = store_open(store_dir, false, &store, err);
    if (rc != 0)
        return rc;
    rc = may(store, &steering, err);
    if (rc != 0) {
        store_close(store);
        return rc == ERR_EXISTS ? 0 : rc;
    }
    rc = local_start(&config, store, &l, err);
    if (rc != 0)
        return rc;
    driver_command(local_driver(l), sweep, command);
    local_run(l);
    local_free(l);
    return 0;
}
