/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request, in steps on the loop and on the desk's thread:
 *
 *     create    read the spec -> its row in runs.db -> the sweep
 *     change    its row is looked up -> pause, resume, stop, cancel; or edit -> its row
 */
#include "orchestrator/wandb/sweeps/desk_upsert.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "net/tls/secret.h"
#include "orchestrator/driver.h"
#include "orchestrator/runs/runs_sweep.h"
#include "orchestrator/wandb/sweeps/wandb_prior.h"
#include "orchestrator/wandb/sweeps/wandb_spec.h"
#include "protocol/wandb/wandb_answer_sweep.h"
#include "strategies/strategy.h"

enum { ID_CHARS = 8, SEED_BYTES = 4, TITLE_BYTES_MAX = 512 };
#define SWEEP_PATH "wandb sweep" /* instead of that of its file */

struct upsert {
    struct desk_later *later;
    struct driver *driver;
    struct arena arena;
    struct runs_sweep row; /* as it is, then as it will be */
    bool known;            /* wandb's client made it */
    struct spec *spec;
    struct value *warnings;
    struct fact fact;
    const struct value *prior;  /* names of runs; NULL: none */
    const char *config, *state; /* NULL: stays */
};

static const char *upsert_text(const struct upsert *u, const char *name)
{
    const char *text = value_get_str(u->later->variables, name, NULL);
    return text && *text ? text : NULL;
}

static void upsert_end(struct upsert *u, int code, const char *text)
{
    const struct wandb_answer_sweep answer = {.id = u->row.id,
                                              .entity = u->row.entity,
                                              .project = u->row.project,
                                              .state = u->state ? u->state : "PENDING",
                                              .config = u->row.config,
                                              .display = u->row.name,
                                              .description = u->row.description};
    struct desk_later *l = u->later;
    bool fault = code == ERR_FULL || code == ERR_IO || code == ERR_BUSY || code == ERR_DAMAGED;
    if (code != 0)
        desk_later_refuse(l, fault ? 503 : 200, text && *text ? text : err_sentence(code));
    else
        desk_later_answer(l, wandb_answer_sweep_upsert(l->arena, &answer, u->warnings));
    spec_free(u->spec);
    arena_done(&u->arena);
    mem_free(u);
}

static void upsert_on_replied(void *arg, int code, const char *text, const struct value *answer)
{
    (void)answer;
    upsert_end(arg, code, text);
}

static void upsert_ask(struct upsert *u, const struct event *ev, driver_reply_fn fn)
{
    const struct driver_asker asker = {u->later->ask->by, "wandb", fn, u};
    driver_ask(u->driver, ev, &asker);
}

static int row_put(void *arg, struct desk_call *c, struct err *err)
{
    struct upsert *u = arg;
    u->row.created = u->row.created ? u->row.created : c->now_ms;
    return runs_sweep_put(c->runs, &u->row, err);
}

static int row_create(void *arg, struct desk_call *c, struct err *err)
{
    struct upsert *u = arg;
    struct value *prior = NULL;
    int rc = 0;
    if (u->prior)
        rc = wandb_prior_read(c, &u->arena, u->prior, &u->row, u->spec, u->warnings, &prior, err);
    u->fact.prior = prior;
    return rc ? rc : row_put(u, c, err);
}

static int row_find(void *arg, struct desk_call *c, struct err *err)
{
    struct upsert *u = arg;
    const char *id = u->row.id;
    int rc = runs_sweep_find(c->runs, &u->arena, id, &u->row, err);
    u->known = rc == 0;
    if (rc == ERR_NOT_FOUND) { /* made by besom sweep: its state may change */
        u->row = (struct runs_sweep){.id = id, .entity = DESK_ENTITY, .project = DESK_PROJECT};
        u->row.config = "";
        rc = 0;
    }
    return rc;
}

static void row_do(struct upsert *u, int (*work)(void *arg, struct desk_call *c, struct err *err),
                   void (*done)(void *arg, int code, const char *text))
{
    const struct desk_work job = {work, done, u, work != row_find};
    desk_later_do(u->later->host, &job);
}

/* Numbers that besom sweep draws too. */
static int spec_count(const struct spec *spec, uint64_t seed, uint64_t *ret, struct err *err)
{
    struct strategy *strategy = NULL;
    int rc = strategy_new(spec, seed, &strategy, err);
    if (rc != 0)
        return rc;
    uint64_t total = strategy_total(strategy), cap = (uint64_t)spec->run_cap;
    *ret = total == 0 || (cap > 0 && cap < total) ? cap : total;
    strategy_free(strategy);
    return 0;
}

static int upsert_read(struct upsert *u, struct err *err)
{
    const struct book_sweep *s = books_sweep(driver_books(u->driver), u->row.id);
    struct wandb_spec as = {u->row.id, u->row.entity, u->row.project, u->row.name, NULL};
    if (u->prior)
        as.prior = wandb_prior_sources(&u->arena);
    else if (s) /* it stays */
        as.prior = value_get(s->spec->content, "prior");
    int rc = wandb_spec_read(&u->arena, u->config, &as, u->warnings, &u->spec, err);
    if (rc != 0)
        return rc;
    u->fact = (struct fact){.kind = FACT_SWEEP_CREATED,
                            .sweep = u->row.id,
                            .name = u->spec->name,
                            .path = SWEEP_PATH,
                            .workdir = ".",
                            .content = u->spec->content,
                            .seed = u->spec->seed};
    if (!u->row.name)
        u->row.name = u->spec->name ? arena_strdup(&u->arena, u->spec->name) : NULL;
    return 0;
}

static void create_on_recorded(void *arg, int code, const char *text)
{
    struct upsert *u = arg;
    if (code != 0)
        upsert_end(u, code, text);
    else
        upsert_ask(u, &(struct event){.kind = EVENT_CREATE, .sweep = u->row.id, .create = &u->fact},
                   upsert_on_replied);
}

static const char *sweep_id_new(struct arena *a)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    unsigned char bytes[ID_CHARS];
    char id[ID_CHARS + 1] = "";
    secret_random(bytes, sizeof bytes);
    for (size_t i = 0; i < ID_CHARS; i++)
        id[i] = letters[bytes[i] % 32];
    return arena_strdup(a, id);
}

static int upsert_create(struct upsert *u, struct err *err)
{
    unsigned char seed[SEED_BYTES];
    const char *entity = upsert_text(u, "entityName"), *project = upsert_text(u, "projectName");
    const char *prior = upsert_text(u, "priorRunsFilters");
    if (!u->config)
        return err_set(err, ERR_USAGE, "UpsertSweep: `config` is missing");
    u->row.id = sweep_id_new(&u->arena);
    u->row.entity = entity ? entity : DESK_ENTITY;
    u->row.project = project ? project : DESK_PROJECT;
    u->row.config = u->config;
    int rc = prior ? wandb_prior_names(&u->arena, prior, &u->prior, err) : 0;
    if (rc == 0)
        rc = upsert_read(u, err);
    if (rc != 0)
        return rc;
    if (!u->spec->has_seed) {
        secret_random(seed, sizeof seed);
        memcpy(&u->fact.seed, seed, sizeof seed);
    }
    rc = spec_count(u->spec, u->fact.seed, &u->fact.total, err);
    if (rc == 0)
        row_do(u, row_create, create_on_recorded);
    return rc;
}

static int state_command(const char *state, enum controller_command *ret, struct err *err)
{
    static const struct {
        const char *word;
        enum controller_command command;
    } words[] = {{"PAUSED", COMMAND_PAUSE},
                 {"RUNNING", COMMAND_RESUME},
                 {"FINISHED", COMMAND_STOP},
                 {"CANCELED", COMMAND_CANCEL},
                 {"CANCELLED", COMMAND_CANCEL}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, state) == 0) {
            *ret = words[i].command;
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "the state of a sweep is RUNNING, PAUSED, FINISHED or CANCELED, not %.40s",
                   state);
}

static void edit_on_recorded(void *arg, int code, const char *text)
{
    upsert_end(arg, code, text);
}

static void edit_on_replied(void *arg, int code, const char *text, const struct value *answer)
{
    struct upsert *u = arg;
    (void)answer;
    if (code != 0)
        upsert_end(u, code, text);
    else
        row_do(u, row_put, edit_on_recorded);
}

static int upsert_edit(struct upsert *u, struct err *err)
{
    const struct book_sweep *s = books_sweep(driver_books(u->driver), u->row.id);
    const char *name = upsert_text(u, "displayName"), *notes = upsert_text(u, "description");
    if (!u->known)
        return err_set(err, ERR_STATE, "sweep %s was made by besom sweep: change it by besom edit",
                       u->row.id);
    u->row.name = name ? name : u->config ? NULL : u->row.name;
    u->row.description = notes ? notes : u->row.description;
    if (!u->config) {
        row_do(u, row_put, edit_on_recorded);
        return 0;
    }
    u->row.config = u->config;
    int rc = upsert_read(u, err);
    if (rc == 0 && !s)
        rc = err_set(err, ERR_STATE, "sweep %s has ended", u->row.id);
    if (rc == 0)
        rc = spec_count(u->spec, s->seed, &u->fact.total, err);
    if (rc != 0)
        return rc;
    u->fact.kind = FACT_SWEEP_EDITED;
    upsert_ask(u, &(struct event){.kind = EVENT_EDIT, .sweep = u->row.id, .create = &u->fact},
               edit_on_replied);
    return 0;
}

static void change_on_found(void *arg, int code, const char *text)
{
    struct upsert *u = arg;
    struct err err = {0};
    enum controller_command command = COMMAND_PAUSE;
    int rc = code;
    if (rc == 0 && u->state)
        rc = state_command(u->state, &command, &err);
    else if (rc == 0)
        rc = upsert_edit(u, &err);
    if (rc != 0)
        upsert_end(u, rc, code ? text : err.text);
    else if (u->state)
        upsert_ask(u,
                   &(struct event){.kind = EVENT_COMMAND, .sweep = u->row.id, .command = command},
                   upsert_on_replied);
}

void desk_upsert_sweep(struct desk_later *l)
{
    struct upsert *u = mem_alloc(sizeof *u);
    struct err err = {0};
    int rc = 0;
    u->later = l;
    u->driver = l->host->driver;
    arena_init(&u->arena);
    u->warnings = value_list(&u->arena);
    u->config = upsert_text(u, "config");
    u->state = upsert_text(u, "state");
    u->row.name = upsert_text(u, "displayName");
    u->row.description = upsert_text(u, "description");
    const char *controller = upsert_text(u, "controller"), *id = upsert_text(u, "id");
    if (controller || upsert_text(u, "scheduler"))
        rc = err_set(&err, ERR_UNSUPPORTED,
                     "besom proposes the runs itself: wandb controller and sweep-scheduler are not "
                     "supported");
    else if (id) {
        u->row.id = id;
        row_do(u, row_find, change_on_found);
    } else
        rc = upsert_create(u, &err);
    if (rc != 0)
        upsert_end(u, rc, err.text);
}
