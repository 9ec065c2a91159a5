/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store_statement.h"

static const char *const texts[STORE_STATEMENTS] = {
    [STORE_ADD_FACT] = "INSERT INTO fact VALUES(?,?,?,?,?,?,?)",
    [STORE_ADD_CHUNK] = "INSERT INTO chunk VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STORE_ADD_SWEEP] = "INSERT INTO sweep VALUES(?,?,?,?,?,?,?,?,'',NULL,NULL,NULL,0,'{}',0,NULL,"
                        "NULL,NULL)",
    [STORE_ADD_SPEC] = "INSERT INTO spec VALUES(?,?)",
    [STORE_PUT_SWEEP] = "UPDATE sweep SET state=?2, reason=?3, text=?4, ended=?5, proposed=?6,"
                        " counts=?7, failure_streak=?8, best=?9, best_objective=?10,"
                        " failure_last=?11 WHERE n=?1",
    [STORE_PUT_TRIAL] =
        "INSERT INTO trial "
        "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20)"
        " ON CONFLICT(id) DO UPDATE SET state=?2, reason=?3, attempts=?7, agent=?8, slot=?9,"
        " failed=?10, lost=?11, started=?13, ended=?14, objective=?15,"
        " objective_step=?16, step=?17, ran=?18, iterations=?19,"
        " iteration_step=?20",
    [STORE_PUT_ATTEMPT] =
        "INSERT OR REPLACE INTO attempt VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STORE_PUT_RUNG] = "INSERT INTO rung VALUES(?,?,?)",
    [STORE_PUT_METRIC] = "INSERT INTO metric VALUES(?1,?2,?3,?4)"
                         " ON CONFLICT(trial, place) DO UPDATE SET value=?4",
    [STORE_DROP_METRICS] = "DELETE FROM metric WHERE trial=?",
    [STORE_READ_METRICS] = "SELECT key, value FROM metric WHERE trial=? ORDER BY place",
    /* Text of a spec may hold these words elsewhere: then nothing is joined, which is as well. */
    [STORE_FOLD_ORDERED] = "SELECT instr(content, '\"early_terminate\"')"
                           " OR instr(content, '\"bayes\"') OR instr(content, '\"tpe\"')"
                           " OR instr(content, '\"cmaes\"') FROM spec WHERE sweep=?",
    /* What was folded has few chunks for its points: two neighbours have more than fit into one. */
    [STORE_FOLD_FIND] =
        "SELECT c.trial, c.attempt, sum(n), ifnull(a.state, 'ended') = 'ended',"
        " sum(n) > 1 + 2 * sum(c.points) / 1000 FROM"
        " (SELECT trial, attempt, 1 AS n, points FROM chunk WHERE (trial, attempt) > (?1, ?2)"
        " ORDER BY trial, attempt LIMIT ?3) c"
        " LEFT JOIN attempt a ON a.trial = c.trial AND a.number = c.attempt"
        " GROUP BY c.trial, c.attempt ORDER BY c.trial, c.attempt",
    [STORE_FOLD_READ] = "SELECT seq, stream, from_byte, to_byte, points, bad_lines,"
                        " dropped_values, long_lines, data FROM chunk"
                        " WHERE trial=? AND attempt=? AND seq>? ORDER BY seq",
    [STORE_FOLD_DROP] = "DELETE FROM chunk WHERE trial=? AND attempt=? AND seq>=? AND seq<?",
    [STORE_FOLD_PUT] = "UPDATE chunk SET from_byte=?2, points=?3, bad_lines=?4,"
                       " dropped_values=?5, long_lines=?6, data=?7 WHERE seq=?1",
};

const char *store_statement_sql(enum store_statement statement)
{
    return texts[statement];
}
