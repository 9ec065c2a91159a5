/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_metrics.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/machine.h"
#include "orchestrator/core/books.h"
#include "orchestrator/server/reply/server_reply.h"

static void metric_begin(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void metric_single(struct buf *out, const char *name, const char *type, const char *help,
                          uint64_t value)
{
    metric_begin(out, name, type, help);
    buf_addf(out, "%s %" PRIu64 "\n", name, value);
}

/* Sweeps and trials of the sweeps that have not ended, by state. */
static void metrics_sweeps(struct buf *out, const struct books *books)
{
    uint64_t sweeps[SWEEP_STATES] = {0}, trials[TRIAL_STATES] = {0};
    void *value;
    for (size_t at = 0; map_next(&books->sweeps, &at, &value);) {
        const struct book_sweep *s = value;
        sweeps[s->state]++;
        for (int i = 0; i < TRIAL_STATES; i++)
            trials[i] += s->counts[i];
    }
    metric_begin(out, "besom_sweeps", "gauge", "Sweeps that have not ended, or ended just now.");
    for (int i = 0; i < SWEEP_STATES; i++)
        buf_addf(out, "besom_sweeps{state=\"%s\"} %" PRIu64 "\n", sweep_states[i].name, sweeps[i]);
    metric_begin(out, "besom_trials", "gauge", "Trials of these sweeps.");
    for (int i = 0; i < TRIAL_STATES; i++)
        buf_addf(out, "besom_trials{state=\"%s\"} %" PRIu64 "\n", trial_states[i].name, trials[i]);
}

static void metric_label(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_addc(out, '\\');
        buf_adds(out, *text == '\n' ? "\\n" : (char[]){*text, '\0'});
    }
}

/* Of agents that are connected. */
static void metrics_disks(struct buf *out, struct driver *driver)
{
    static const struct {
        const char *name, *key, *help;
    } kinds[] = {
        {"besom_agent_disk_free_bytes", "free", "Free on the disk of an agent's folder."},
        {"besom_agent_disk_bytes", "total", "Size of that disk."},
    };
    struct arena a;
    arena_init(&a);
    const struct value *agents = driver_agents(driver, &a);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        metric_begin(out, kinds[k].name, "gauge", kinds[k].help);
        for (size_t i = 0; i < agents->list.n; i++) {
            const struct value *agent = agents->list.items[i];
            const struct value *disk = value_get(value_get(agent, "load"), "disk");
            if (disk && disk->kind == VALUE_DICT) {
                buf_addf(out, "%s{agent=\"", kinds[k].name);
                metric_label(out, value_get_str(agent, "name", ""));
                buf_addf(out, "\"} %" PRId64 "\n", value_get_int(disk, kinds[k].key, 0));
            }
        }
    }
    arena_done(&a);
}

void server_metrics_answer(struct server *s, const struct server_request *r)
{
    const struct driver_size size = driver_size(s->config.driver);
    const struct books *books = driver_books(s->config.driver);
    struct buf out;
    buf_init(&out, SIZE_MAX);
    metrics_sweeps(&out, books);
    metric_single(&out, "besom_agents", "gauge", "Agents that are connected.", size.agents);
    metric_single(&out, "besom_slots", "gauge", "Slots that they offer.", size.slots);
    metric_single(&out, "besom_slots_free", "gauge", "Slots without a trial.", size.free);
    metric_single(&out, "besom_facts_total", "counter", "Facts in the store.", books->seq);
    metric_single(&out, "besom_connections", "gauge", "HTTP connections.",
                  http_server_connections(s->http));
    metrics_disks(&out, s->config.driver);
    server_reply_made(s, r->http->id, "text/plain; version=0.0.4", &out);
    buf_done(&out);
}
