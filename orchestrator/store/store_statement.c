/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store_statement.h"

static const char *const texts[STORE_STATEMENTS] = {
    [STORE_BEGIN] = "BEGIN IMMEDIATE",
    [STORE_COMMIT] = "COMMIT",
    [STORE_ADD_FACT] = "INSERT INTO fact VALUES(?,?,?,?,?,?,?)",
    [STORE_ADD_CHUNK] = "INSERT INTO chunk VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
    [STORE_ADD_SWEEP] =
        "INSERT INTO sweep VALUES(?,?,?,?,?,?,?,?,?,'',NULL,NULL,NULL,0,'{}',0,NULL,"
        "NULL,NULL,0,NULL,0,NULL,NULL,0,?,?)",
    [STORE_ADD_SPEC] = "INSERT INTO spec VALUES(?,?)",
    [STORE_PUT_SWEEP] = "UPDATE sweep SET state=?2, reason=?3, text=?4, ended=?5, proposed=?6,"
                        " counts=?7, failure_streak=?8, best=?9, best_objective=?10,"
                        " failure_last=?11, metric_streak=?12, until=?13, busy=?14,"
                        " busy_from=?15, busy_to=?16, gpu_time=?17 WHERE n=?1",
    [STORE_EDIT_SWEEP] = "UPDATE sweep SET name=?2, path=?3, workdir=?4, total=?5, spec_place=?6"
                         " WHERE n=?1",
    [STORE_EDIT_SPEC] = "UPDATE spec SET content=?2 WHERE sweep=?1",
    [STORE_PUT_TRIAL] =
        "INSERT INTO trial "
        "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23)"
        " ON CONFLICT(id) DO UPDATE SET state=?2, reason=?3, attempts=?7, agent=?8, slot=?9,"
        " failed=?10, lost=?11, started=?13, ended=?14, objective=?15,"
        " objective_step=?16, step=?17, ran=?18, iterations=?19,"
        " iteration_step=?20, iteration_best=?21, lost_on=?22, current=?23",
    [STORE_PUT_ATTEMPT] = "INSERT OR REPLACE INTO attempt "
                          "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,NULL)",
    [STORE_DROP_ASIDES] = "UPDATE attempt SET aside=NULL WHERE trial=? AND aside IS NOT NULL",
    [STORE_PUT_ASIDE] = "UPDATE attempt SET aside=?3 WHERE trial=?1 AND number=?2",
    [STORE_PUT_RUNG] = "INSERT INTO rung VALUES(?,?,?,?,?,?,?)",
    [STORE_PUT_METRIC] = "INSERT INTO metric VALUES(?1,?2,?3,?4)"
                         " ON CONFLICT(trial, place) DO UPDATE SET value=?4",
    [STORE_DROP_AGENT] = "DELETE FROM agent WHERE name=?",
    [STORE_PUT_AGENT] = "INSERT INTO agent VALUES(?,?,?,?,?,?,?)",
    [STORE_DROP_METRICS] = "DELETE FROM metric WHERE trial=?",
    [STORE_PUT_TOKEN] = "INSERT INTO token VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)"
                        " ON CONFLICT(n) DO UPDATE SET used=?11, revoked=?12, revoked_by=?13",
    /* Two actions at once may not have seen each other's: the most that is allowed (LIMIT_TAGS) holds. */
    [STORE_ADD_TAG] = "INSERT OR IGNORE INTO tag SELECT ?1, ?2"
                      " WHERE (SELECT count(*) FROM tag WHERE thing=?1) < ?3",
    [STORE_DROP_TAG] = "DELETE FROM tag WHERE thing=? AND tag=?",
    /* The text of a spec may contain these words elsewhere: then nothing is joined, which does no
     * harm. */
    [STORE_FOLD_ORDERED] = "SELECT instr(content, '\"early_terminate\"')"
                           " OR instr(content, '\"bayes\"') OR instr(content, '\"tpe\"')"
                           " OR instr(content, '\"cmaes\"') FROM spec WHERE sweep=?",
    /* The index has all these columns, so the chunks themselves are not read. */
    [STORE_FOLD_FIND] =
        "SELECT trial, attempt, points, stream FROM chunk WHERE (trial, attempt) > (?1, ?2)"
        " ORDER BY trial, attempt LIMIT ?3",
    [STORE_FOLD_ENDED] = "SELECT state = 'ended' FROM attempt WHERE trial=? AND number=?",
    [STORE_FOLD_READ] = "SELECT seq, stream, from_byte, to_byte, points, bad_lines,"
                        " dropped_values, long_lines, data FROM chunk"
                        " WHERE trial=? AND attempt=? AND seq>? AND (stream=2)=? ORDER BY seq",
    [STORE_FOLD_DROP] =
        "DELETE FROM chunk WHERE trial=? AND attempt=? AND seq>=? AND seq<? AND (stream=2)=?",
    [STORE_FOLD_PUT] = "UPDATE chunk SET from_byte=?2, points=?3, bad_lines=?4,"
                       " dropped_values=?5, long_lines=?6, data=?7 WHERE seq=?1",
};

const char *store_statement_sql(enum store_statement statement)
{
    return texts[statement];
}
