/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases without C: tests/data/spec/NAME.yaml is read, and what is said of it and what comes of it
 * must be NAME.expect. BESOM_ACCEPT=1 rewrites the expectations, for a person to look through. */
#include <dirent.h>
#include <limits.h>
#include "language/spec_read.h"
#include "tests/test.h"
#include "tests/unit/language/spec_dump.h"

static const char folder[] = TEST_SOURCE_DIR "/tests/data/spec";

static char *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    static char text[5 << 20];
    *len = fread(text, 1, sizeof text - 1, f);
    text[*len] = '\0';
    fclose(f);
    return text;
}

static void judge(struct buf *out, const char *text, size_t len)
{
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a, "sweep.yaml");
    struct spec *s = spec_read(text, len, &d);
    ASSERT((s != NULL) == (d.errors == 0));
    spec_dump_diags(out, &d);
    if (s) {
        spec_dump(out, s);
        spec_dump_check_content(s);
        buf_adds(out, "argv ");
        spec_dump_argv(out, s, spec_dump_probe(&a, &s->space));
    }
    spec_free(s);
    arena_done(&a);
}

static int judge_file(const char *name)
{
    char path[PATH_MAX];
    size_t len;
    struct buf got;
    buf_init(&got, SIZE_MAX);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = read_file(path, &len);
    ASSERT(text);
    judge(&got, text, len);
    snprintf(path, sizeof path, "%s/%.*s.expect", folder, (int)(strlen(name) - 5), name);
    if (getenv("BESOM_ACCEPT")) {
        FILE *f = fopen(path, "wb");
        ASSERT(f && fwrite(buf_str(&got), 1, got.len, f) == got.len && fclose(f) == 0);
    }
    text = read_file(path, &len);
    int failed = !text || strcmp(text, buf_str(&got)) != 0;
    if (failed)
        fprintf(stderr, "%s:\n--- want\n%s--- got\n%s", name, text ? text : "(no file)\n",
                buf_str(&got));
    buf_done(&got);
    return failed;
}

TEST(every_file_gives_its_expectation)
{
    struct dirent *e;
    int n = 0, failed = 0;
    DIR *dir = opendir(folder);
    ASSERT(dir);
    while ((e = readdir(dir))) {
        size_t len = strlen(e->d_name);
        if (len < 6 || strcmp(e->d_name + len - 5, ".yaml") != 0)
            continue;
        failed += judge_file(e->d_name);
        n++;
    }
    closedir(dir);
    printf("%d files, %d differ\n", n, failed);
    ASSERT(n > 20);
    ASSERT_EQ(failed, 0);
}

/* The files that people copy from: nothing may be said of them, and each is commented. */
TEST(configs_are_read_without_a_word)
{
    static const char configs[] = TEST_SOURCE_DIR "/configs";
    struct dirent *e;
    int n = 0;
    DIR *dir = opendir(configs);
    ASSERT(dir);
    while ((e = readdir(dir))) {
        char path[PATH_MAX];
        size_t name = strlen(e->d_name), len;
        if (name < 6 || strcmp(e->d_name + name - 5, ".yaml") != 0)
            continue;
        struct buf said;
        buf_init(&said, SIZE_MAX);
        snprintf(path, sizeof path, "%s/%s", configs, e->d_name);
        char *text = read_file(path, &len);
        ASSERT(text && strstr(text, "\n# "));
        judge(&said, text, len);
        if (strncmp(buf_str(&said), "method ", 7) != 0 || !strstr(buf_str(&said), "argv ["))
            FAIL("%s: %s", e->d_name, buf_str(&said));
        buf_done(&said);
        n++;
    }
    closedir(dir);
    ASSERT(n > 15);
}
