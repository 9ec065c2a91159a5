/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "orchestrator/store/check/store_check.h"

#include <sqlite3.h>
#include <unistd.h>

#include "base/json.h"
#include "orchestrator/store/store.h"
#include "orchestrator/view/view.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/past.h"
#include "tests/unit/orchestrator/scratch.h"

static struct past history;
static struct store *store;

static void more(int facts)
{
    struct err err;
    for (int i = 0; i < facts; i++) {
        if (store_append(store, past_next(&history), &err) < 0)
            FAIL("%s", err.text);
        if (i % 4 != 3 && i + 1 != facts)
            continue;
        if (store_commit(store, &history.books, &err) < 0)
            FAIL("%s", err.text);
        books_sweep_out(&history.books);
    }
}

static void begin(const char *dir, uint64_t seed)
{
    struct err err;
    past_init(&history, seed);
    if (store_open(dir, true, &store, &err) < 0)
        FAIL("%s", err.text);
}

static void end(void)
{
    store_close(store);
    past_done(&history);
}

static void collect(void *arg, bool counts, const char *problem)
{
    (void)counts;
    buf_addf(arg, "%s\n", problem);
}

static int checked(const char *dir, struct store_check *found, struct buf *out)
{
    struct err err = {0};
    buf_clear(out);
    int rc = store_check(dir, collect, out, found, &err);
    if (rc < 0)
        buf_addf(out, "%s\n", err.text);
    return rc;
}

TEST(store_check_finds_nothing_wrong_with_what_the_store_wrote)
{
    const char *dir = scratch_dir();
    struct store_check found;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    /* 107 retries a trial whose earlier attempt had returned. */
    static const uint64_t seeds[] = {40, 41, 42, 107};
    for (size_t at = 0; at < sizeof seeds / sizeof *seeds; at++) {
        scratch_clear(dir);
        begin(dir, seeds[at]);
        for (int i = 0; i < 4; i++) {
            more(300);
            while (i % 2 && store_tidy(store))
                ;
            if (checked(dir, &found, &out) < 0)
                FAIL("%s", buf_str(&out));
        }
        ASSERT(found.facts > 100 && found.chunks > 20 && found.points > 20 && found.trials > 5);
        end();
        ASSERT_EQ(checked(dir, &found, &out), 0);
    }
    buf_done(&out);
}

static int change(const char *dir, const char *sql)
{
    char path[300];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/besom.db", dir);
    ASSERT_EQ(sqlite3_open(path, &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    int changes = sqlite3_changes(db);
    sqlite3_close(db);
    return changes;
}

TEST(store_check_finds_each_row_that_the_facts_do_not_give)
{
    static const struct {
        const char *sql, *says;
    } damages[] = {
        {"UPDATE trial SET state='finished' WHERE id=(SELECT min(id) FROM trial WHERE "
         "state='failed')",
         "state is finished, the facts say failed"},
        {"UPDATE trial SET objective=7-objective WHERE id=(SELECT max(id) FROM trial WHERE"
         " typeof(objective)='real')",
         "objective is"},
        {"UPDATE metric SET value=value+1 WHERE trial=(SELECT max(trial) FROM metric WHERE"
         " typeof(value)='real' AND abs(value)<1e9)",
         "value is"},
        {"UPDATE metric SET key=substr(key, 1, length(key) - 1) WHERE place=0", "key is"},
        {"DELETE FROM metric WHERE trial=(SELECT max(trial) FROM metric)", "its row is missing"},
        {"DELETE FROM trial WHERE id=(SELECT max(id) FROM trial)", "its row is missing"},
        {"INSERT INTO trial SELECT "
         "id+1000,state,reason,cursor,params,why,attempts,agent,slot,failed,"
         "lost,created,started,ended,objective,objective_step,step,ran,iterations,"
         "iteration_step,iteration_best,lost_on,current FROM trial ORDER BY "
         "id "
         "DESC LIMIT 1",
         "there is no fact for it"},
        {"DELETE FROM attempt WHERE trial=(SELECT max(trial) FROM attempt)", "its row is missing"},
        {"UPDATE attempt SET file_bytes=file_bytes+1 WHERE trial=(SELECT max(trial) FROM attempt)",
         "file_bytes is"},
        {"DELETE FROM tag WHERE thing=(SELECT max(thing) FROM tag)", "its row is missing"},
        {"UPDATE tag SET tag=tag||'z' WHERE thing=(SELECT max(thing) FROM tag)",
         "there is no fact for it"},
        {"DELETE FROM rung WHERE trial=(SELECT max(trial) FROM rung)", "its row is missing"},
        {"UPDATE rung SET value=value+1 WHERE trial=(SELECT max(trial) FROM rung)", "value is"},
        {"UPDATE trial SET iterations=7 WHERE id=(SELECT max(id) FROM trial WHERE iterations=1)",
         "iterations is 7"},
        {"UPDATE trial SET iteration_best=99 WHERE id=(SELECT max(id) FROM trial WHERE"
         " iterations>0)",
         "iteration_best is 99.0"},
        {"UPDATE sweep SET counts='{}' WHERE n=1", "counts is {}"},
        {"UPDATE sweep SET best=NULL, best_objective=NULL WHERE n=(SELECT min(n) FROM sweep WHERE "
         "best"
         " IS NOT NULL)",
         "best is absent"},
        {"UPDATE spec SET content='{}' WHERE sweep=1", "content is {}"},
        {"DELETE FROM fact WHERE seq=(SELECT max(seq) FROM fact WHERE kind='launched')", "fact "},
        {"UPDATE fact SET time=time+1 WHERE seq=(SELECT max(seq) FROM fact)", "the column time"},
        {"UPDATE fact SET kind='ended' WHERE seq=(SELECT max(seq) FROM fact WHERE kind='launched')",
         "the column kind"},
        {"UPDATE fact SET sweep='other' WHERE seq=(SELECT max(seq) FROM fact)", "the column sweep"},
        {"UPDATE fact SET trial=NULL WHERE seq=(SELECT max(seq) FROM fact WHERE kind='launched')",
         "the column trial"},
        {"UPDATE fact SET attempt=attempt+1 WHERE seq=(SELECT max(seq) FROM fact WHERE"
         " kind='launched')",
         "the column attempt"},
        {"UPDATE meta SET value=0 WHERE key='epoch'", "meta: epoch"},
        {"UPDATE meta SET value=upper(value)||'x' WHERE key='id'", "meta: id"},
        {"DELETE FROM meta WHERE key='id'", "id or epoch is missing"},
        {"INSERT INTO meta VALUES('else', 1)", "meta: else"},
        {"UPDATE fact SET body='{' WHERE seq=(SELECT max(seq) FROM fact)", "cannot be read"},
        {"DELETE FROM chunk WHERE seq=(SELECT min(seq) FROM chunk WHERE to_byte>from_byte)", " "},
        {"UPDATE chunk SET data=zeroblob(length(data)) WHERE seq=(SELECT max(seq) FROM chunk)",
         "is damaged"},
        {"UPDATE chunk SET points=points+1 WHERE seq=(SELECT max(seq) FROM chunk)", "its row says"},
        {"UPDATE chunk SET trial=trial+(1<<50) WHERE seq=(SELECT max(seq) FROM chunk)",
         "belongs to no sweep"},
    };
    const char *dir = scratch_dir();
    struct store_check found;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        int changes = 0;
        /* Not each past has such a row. */
        for (uint64_t seed = 1; changes == 0 && seed < 30; seed++) {
            scratch_clear(dir);
            begin(dir, seed);
            more(700);
            end();
            ASSERT_EQ(checked(dir, &found, &out), 0);
            changes = change(dir, damages[i].sql);
        }
        if (changes <= 0)
            FAIL("%s", damages[i].sql);
        int rc = checked(dir, &found, &out);
        if (rc != ERR_DAMAGED || found.problems == 0 || !strstr(buf_str(&out), damages[i].says))
            FAIL("%s: %d\n%s", damages[i].sql, rc, buf_str(&out));
    }
    buf_done(&out);
}

/* A byte that changed on the disk is found, or it was one that means nothing. */
TEST(store_check_finds_damaged_pages)
{
    const char *dir = scratch_dir();
    struct store_check found;
    struct rng rng;
    struct buf out;
    char path[300];
    int missed = 0;
    buf_init(&out, SIZE_MAX);
    rng_init(&rng, 1, 0, RNG_TEST);
    begin(dir, 63);
    more(600);
    end();
    snprintf(path, sizeof path, "%s/besom.db", dir);
    FILE *f = fopen(path, "r+");
    ASSERT(f && fseek(f, 0, SEEK_END) == 0);
    long pages = ftell(f) / 4096;
    for (int i = 0; i < 40; i++) {
        static char page[4096], zeros[4096];
        long at = 4096 * (long)rng_below(&rng, (uint64_t)pages);
        ASSERT(fseek(f, at, SEEK_SET) == 0 && fread(page, sizeof page, 1, f) == 1);
        ASSERT(fseek(f, at, SEEK_SET) == 0 && fwrite(zeros, sizeof zeros, 1, f) == 1);
        fflush(f);
        missed += checked(dir, &found, &out) == 0;
        ASSERT(fseek(f, at, SEEK_SET) == 0 && fwrite(page, sizeof page, 1, f) == 1);
        fflush(f);
    }
    fclose(f);
    ASSERT_EQ(missed, 0);
    if (checked(dir, &found, &out) != 0)
        FAIL("%s", buf_str(&out));
    buf_done(&out);
}

static int add_text(void *arg, const struct value *v)
{
    json_print(arg, v, JSON_COMPACT);
    buf_addc(arg, '\n');
    return 0;
}

/* All that looking shows; false where looking fails. */
static bool look(const char *dir, struct buf *out)
{
    struct view *v;
    struct arena a;
    struct value *sweeps;
    arena_init(&a);
    buf_clear(out);
    if (view_open(dir, &v, &(struct err){0}) < 0)
        return false;
    struct err err;
    bool ok = view_sweeps(v, &a, &sweeps, &err) == 0;
    for (size_t i = 0; ok && i < sweeps->list.n; i++) {
        const char *id = value_get_str(sweeps->list.items[i], "id", "");
        add_text(out, sweeps->list.items[i]);
        ok = view_trials(v, id, &(struct view_query){0}, add_text, out, &err) == 0;
        for (int64_t t = 0; ok && t < value_get_int(sweeps->list.items[i], "proposed", 0); t++)
            ok = view_points(v, id, (uint64_t)t, 0, add_text, out, &err) == 0;
    }
    view_close(v);
    arena_done(&a);
    return ok;
}

static void flip(const char *path, struct rng *rng, long size)
{
    FILE *f = fopen(path, "r+");
    ASSERT(f);
    for (uint64_t n = 1 + rng_below(rng, 3); n > 0; n--) {
        long at = (long)rng_below(rng, (uint64_t)size);
        ASSERT_EQ(fseek(f, at, SEEK_SET), 0);
        int c = fgetc(f);
        ASSERT(c != EOF && fseek(f, at, SEEK_SET) == 0);
        fputc(c ^ (1 << rng_below(rng, 8)), f);
    }
    fclose(f);
}

/* Bits that turned are found, or show nowhere; whatever is there is read without a crash. */
TEST(store_check_lets_no_flipped_bit_show)
{
    const char *dir = scratch_dir();
    struct store_check found;
    struct rng rng;
    struct buf out, want, got;
    char path[300], *whole;
    int caught = 0;
    buf_init(&out, SIZE_MAX);
    buf_init(&want, SIZE_MAX);
    buf_init(&got, SIZE_MAX);
    rng_init(&rng, 2, 0, RNG_TEST);
    begin(dir, 63);
    more(400);
    end();
    ASSERT(look(dir, &want));
    snprintf(path, sizeof path, "%s/besom.db", dir);
    FILE *f = fopen(path, "r");
    ASSERT(f && fseek(f, 0, SEEK_END) == 0);
    long size = ftell(f);
    whole = malloc((size_t)size);
    rewind(f);
    ASSERT(whole && fread(whole, (size_t)size, 1, f) == 1);
    fclose(f);
    for (int i = 0; i < 150; i++) {
        flip(path, &rng, size);
        bool sound = checked(dir, &found, &out) == 0, seen = look(dir, &got);
        caught += !sound;
        if (sound && (!seen || strcmp(buf_str(&got), buf_str(&want)) != 0))
            FAIL("mutation %d: the check found nothing, but what it shows has changed", i);
        f = fopen(path, "w");
        ASSERT(f && fwrite(whole, (size_t)size, 1, f) == 1);
        fclose(f);
    }
    ASSERT(caught > 50);
    free(whole);
    buf_done(&out);
    buf_done(&want);
    buf_done(&got);
}

TEST(store_backup_is_a_sound_store_of_its_own)
{
    const char *dir = scratch_dir();
    struct store_check found, copied;
    struct store *copy;
    struct buf out;
    struct err err = {0};
    char from[300], to[300];
    buf_init(&out, SIZE_MAX);
    snprintf(from, sizeof from, "%s/from", dir);
    snprintf(to, sizeof to, "%s/a/to", dir);
    ASSERT_EQ(store_backup(from, to, &err), ERR_NOT_FOUND);
    begin(from, 70);
    more(400);
    if (checked(from, &found, &out) < 0)
        FAIL("%s", buf_str(&out));
    ASSERT_EQ(store_append(store, past_next(&history), &err), 0);
    if (store_backup(from, to, &err) < 0)
        FAIL("%s", err.text);
    if (checked(to, &copied, &out) < 0)
        FAIL("%s", buf_str(&out));
    ASSERT(copied.facts == found.facts && copied.chunks == found.chunks);
    ASSERT_EQ(store_backup(from, to, &err), ERR_EXISTS);
    ASSERT_EQ(store_open(to, false, &copy, &err), 0);
    ASSERT(strcmp(store_id(copy), store_id(store)) != 0);
    ASSERT(store_epoch(copy) > store_epoch(store));
    store_close(copy);
    end();
    buf_done(&out);
}

/* That is nobody's fault: it is told of, and its rows are let be. */
TEST(store_check_tells_of_a_spec_that_it_cannot_read)
{
    const char *dir = scratch_dir();
    struct store_check found;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    begin(dir, 5);
    more(150);
    end();
    ASSERT(change(dir, "UPDATE spec SET content=replace(content, '\"method\"', '\"methode\"')"
                       " WHERE sweep=1") == 1);
    ASSERT(change(dir, "UPDATE fact SET body=replace(body, '\"method\"', '\"methode\"') WHERE"
                       " kind IN ('sweep_created', 'sweep_edited') AND"
                       " sweep=(SELECT id FROM sweep WHERE n=1)") > 0);
    if (checked(dir, &found, &out) < 0)
        FAIL("%s", buf_str(&out));
    ASSERT(found.unreadable == 1 && found.problems == 0);
    ASSERT(strstr(buf_str(&out), "cannot read the spec"));
    buf_done(&out);
}
