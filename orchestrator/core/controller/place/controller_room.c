/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/place/controller_room.h"

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t less_by(uint64_t from, uint64_t by)
{
    return from > by ? from - by : 0;
}

uint64_t controller_room_parallel(const struct schedule_sweep *turn, const struct book_sweep *s)
{
    uint64_t most = s->spec->max_parallel > 0 ? (uint64_t)s->spec->max_parallel : UINT64_MAX;
    return turn->most > 0 ? least_of(most, less_by(turn->most, turn->ended_n)) : most;
}

uint64_t controller_room_trials(const struct controller *c, const struct schedule_sweep *turn,
                                const struct book_sweep *s)
{
    /* MUTANT admitted: turn->admitted => true */
    /* MUTANT draining: !c->draining => true */
    /* MUTANT paused: s->state == SWEEP_RUNNING => true */
    bool may = turn->admitted && !c->draining && s->state == SWEEP_RUNNING && !s->fault;
    if (!may)
        return 0;
    /* MUTANT max-parallel: controller_room_parallel(turn, s) => UINT64_MAX */
    return less_by(controller_room_parallel(turn, s), s->counts[TRIAL_RUNNING]);
}

uint64_t controller_room_proposals(const struct schedule_sweep *turn, const struct book_sweep *s)
{
    uint64_t cap = s->spec->run_cap > 0 ? (uint64_t)s->spec->run_cap : UINT64_MAX;
    if (s->total > 0)
        cap = least_of(cap, s->total + s->enqueued);
    if (s->only_asked)
        return 0;
    /* MUTANT run-cap: s->proposed + turn->ready_n => s->proposed */
    return turn->exhausted ? 0 : less_by(cap, s->proposed + turn->ready_n);
}

struct fleet_class *controller_room_class(struct controller *c, struct schedule_sweep *turn,
                                          const struct book_sweep *s)
{
    if (turn->class == 0) {
        struct fleet_need need = fleet_need_of(s->spec);
        need.barred = turn->barred;
        turn->class = fleet_class_of(&c->fleet, &need)->number;
        turn->size = fleet_need_slots(&need);
    }
    return fleet_class_find(&c->fleet, turn->class);
}

void controller_room_forget(struct controller *c, struct schedule_sweep *turn)
{
    fleet_let_go(&c->fleet, turn->id);
    fleet_class_drop(&c->fleet, turn->class);
    turn->class = 0;
}
