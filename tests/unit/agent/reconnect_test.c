/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A controller that listens and an agent that connects, in one process: a link that is cut comes
 * back, and nothing that ran is lost. */
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "agent/agent.h"
#include "agent/backoff.h"
#include "base/mem.h"
#include "language/spec_read.h"
#include "net/link.h"
#include "orchestrator/driver.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

enum { GIVE_UP_MS = 100000 };

static struct scene {
    uv_loop_t loop, controller; /* of the agent, and of the controller, which may end alone */
    char dir[100], socket[120], gate[120];
    struct driver *driver;
    struct agent *agent;
    int cut;                          /* a descriptor of the agent's connection */
    size_t connects, ended, finished; /* attempts that ended; trials that finished */
    bool refuse;                      /* no connection can be made */
    uv_timer_t give_up;
} scene;

static void scene_failed(void *arg, const struct err *err)
{
    (void)arg;
    FAIL("%s", err->text);
}

static void scene_changed(void *arg)
{
    (void)arg;
}

static void scene_warned(void *arg, const char *text)
{
    (void)arg;
    FAIL("%s", text);
}

static void scene_on_give_up(uv_timer_t *timer)
{
    (void)timer;
    FAIL("it took too long");
}

static int scene_connect(void *arg, const struct link_handler *handler, struct link **ret,
                         struct err *err)
{
    struct scene *s = arg;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    s->connects++;
    if (s->refuse)
        return link_connect(&s->loop, "unix:/nowhere/at/all", handler, ret, err);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", s->socket);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT(connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    if (s->cut >= 0)
        close(s->cut);
    s->cut = dup(fd);
    return link_open(&s->loop, fd, handler, ret, err);
}

static void scene_start_driver(void)
{
    struct store *store = NULL;
    struct err err = {0};
    char address[140];
    int port;
    struct driver_config config = {.loop = &scene.controller,
                                   .dir = scene.dir,
                                   .changed = scene_changed,
                                   .failed = scene_failed};
    /* As besom does: a link that is cut while it is written to is an error, not a signal. */
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    ASSERT_EQ(uv_loop_init(&scene.controller), 0);
    if (store_open(scene.dir, true, &store, &err) != 0 ||
        driver_start(&config, store, NULL, &scene.driver, &err) != 0)
        FAIL("%s", err.text);
    snprintf(address, sizeof address, "unix:%s", scene.socket);
    if (driver_listen(scene.driver, address, &port, &err) != 0)
        FAIL("%s", err.text);
}

static void scene_end_driver(void)
{
    driver_close(scene.driver);
    uv_run(&scene.controller, UV_RUN_DEFAULT);
    driver_free(scene.driver);
    ASSERT_EQ(uv_loop_close(&scene.controller), 0);
    scene.driver = NULL;
}

static void scene_turn(void)
{
    uv_run(&scene.loop, UV_RUN_NOWAIT);
    if (scene.driver)
        uv_run(&scene.controller, UV_RUN_NOWAIT);
    poll(NULL, 0, 1);
}

static void scene_start(void)
{
    struct err err = {0};
    scene.cut = -1;
    snprintf(scene.dir, sizeof scene.dir, "%s/store", scratch_dir());
    snprintf(scene.socket, sizeof scene.socket, "%s/agents", scratch_dir());
    snprintf(scene.gate, sizeof scene.gate, "%s/go", scratch_dir());
    ASSERT_EQ(uv_loop_init(&scene.loop), 0);
    uv_timer_init(&scene.loop, &scene.give_up);
    uv_timer_start(&scene.give_up, scene_on_give_up, GIVE_UP_MS, 0);
    scene_start_driver();
    struct agent_config config = {.loop = &scene.loop,
                                  .name = "box",
                                  .dir = scene.dir,
                                  .shim = SHIM_PATH,
                                  .bin = scene.dir,
                                  .slots = 1,
                                  .grace_ms = 1000,
                                  .connect = scene_connect,
                                  .changed = scene_changed,
                                  .warned = scene_warned,
                                  .full = scene_failed,
                                  .arg = &scene};
    if (agent_start(&config, &scene.agent, &err) != 0)
        FAIL("%s", err.text);
}

/* One trial that waits for the gate. */
static void scene_create(void)
{
    struct arena a;
    struct diags diags;
    char yaml[400];
    snprintf(yaml, sizeof yaml,
             "method: grid\nparameters: {x: {values: [1]}}\n"
             "command: [sh, -c, 'while [ ! -e %s ]; do sleep 0.02; done']\n",
             scene.gate);
    arena_init(&a);
    diags_init(&diags, &a, "sweep.yaml");
    struct spec *spec = spec_read(yaml, strlen(yaml), &diags);
    if (!spec)
        FAIL("%s", diags.items[0].message);
    struct fact create = {.kind = FACT_SWEEP_CREATED,
                          .sweep = "aaaa",
                          .path = "/sweep.yaml",
                          .workdir = "/",
                          .content = spec->content,
                          .seed = 1,
                          .total = 1};
    driver_ask(scene.driver, &(struct event){.kind = EVENT_CREATE, .create = &create},
               &(struct driver_asker){0});
    spec_free(spec);
    arena_done(&a);
}

static bool scene_runs(void)
{
    const struct book_sweep *s = books_sweep(driver_books(scene.driver), "aaaa");
    return s && s->counts[TRIAL_RUNNING] == 1;
}

static bool scene_is_over(void)
{
    const struct book_sweep *s = books_sweep(driver_books(scene.driver), "aaaa");
    return (!s || s->state == SWEEP_FINISHED) && agent_is_done(scene.agent, NULL);
}

static void scene_cut(void)
{
    ASSERT_EQ(shutdown(scene.cut, SHUT_RDWR), 0);
    while (agent_is_linked(scene.agent))
        scene_turn();
}

static void scene_back(size_t connects)
{
    while (scene.connects < connects || !agent_is_welcome(scene.agent))
        scene_turn();
}

static void scene_on_fact(void *arg, const struct fact *f)
{
    (void)arg;
    scene.ended += f->kind == FACT_ENDED;
    scene.finished += f->kind == FACT_ENDED && f->state == TRIAL_FINISHED;
}

/* Lets the trial end, and holds it to one attempt that finished. */
static void scene_finish(void)
{
    FILE *gate = fopen(scene.gate, "w");
    ASSERT(gate && fclose(gate) == 0);
    driver_follow(scene.driver, 1, scene_on_fact, NULL, &scene);
    while (!scene_is_over() || scene.finished == 0)
        scene_turn();
    ASSERT_EQ(scene.ended, 1);
    ASSERT_EQ(scene.finished, 1);
    agent_close(scene.agent);
    uv_close((uv_handle_t *)&scene.give_up, NULL);
    uv_run(&scene.loop, UV_RUN_DEFAULT);
    agent_free(scene.agent);
    scene_end_driver();
    ASSERT_EQ(uv_loop_close(&scene.loop), 0);
    close(scene.cut);
}

TEST(reconnect_after_a_cut_keeps_what_runs)
{
    scene_start();
    scene_create();
    while (!scene_runs())
        scene_turn();
    scene_cut();
    scene_back(2);
    scene.refuse = true; /* and again, while nobody can be reached for a while */
    scene_cut();
    while (scene.connects < 4)
        scene_turn();
    scene.refuse = false;
    scene_back(5);
    ASSERT(scene_runs());
    const struct book_sweep *s = books_sweep(driver_books(scene.driver), "aaaa");
    ASSERT_EQ(books_trial(s, 0)->attempt.number, 1);
    scene_finish();
}

TEST(reconnect_to_a_controller_that_was_restarted)
{
    scene_start();
    scene_create();
    while (!scene_runs())
        scene_turn();
    scene.refuse = true;
    scene_end_driver();
    while (agent_is_linked(scene.agent))
        scene_turn();
    scene_start_driver();
    scene.refuse = false;
    scene_back(2);
    ASSERT(scene_runs());
    const struct book_sweep *s = books_sweep(driver_books(scene.driver), "aaaa");
    ASSERT_EQ(books_trial(s, 0)->attempt.number, 1);
    scene_finish();
}

TEST(backoff_doubles_to_its_bound_and_scatters)
{
    int64_t most = BACKOFF_MS_MIN, differ = 0;
    for (uint32_t tries = 0; tries < 100; tries++) {
        for (uint64_t seed = 0; seed < 20; seed++) {
            int64_t ms = backoff_ms(seed, tries);
            ASSERT(ms >= most / 2 && ms <= most);
            ASSERT_EQ(ms, backoff_ms(seed, tries));
            differ += ms != backoff_ms(seed + 1, tries);
        }
        most = most * 2 < BACKOFF_MS_MAX ? most * 2 : BACKOFF_MS_MAX;
    }
    ASSERT(differ > 1900);
}
