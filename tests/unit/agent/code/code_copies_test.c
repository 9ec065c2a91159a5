/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/code/code_copies.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/code/code_unpack.h"
#include "base/compress/compress.h"
#include "base/limits.h"
#include "base/number/rng.h"
#include "net/tls/secret.h"
#include "sweep/code/code_pack.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static char *path_in(struct arena *a, const char *folder, const char *name)
{
    return arena_printf(a, "%s/%s", folder, name);
}

static void file_put(const char *path, const void *bytes, size_t len, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    ASSERT(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
    fchmod(fd, mode);
    close(fd);
}

/* Each path of a tree with what is there, in the order of a pack. */
static void tree_print(struct arena *a, const char *root, struct buf *out)
{
    struct code_list list;
    struct err err = {0};
    struct value *all = value_list(a);
    value_push(a, all, value_str(a, "."));
    code_list_init(&list);
    ASSERT_EQ(code_list_find(&list, root, "/nowhere", all, &err), 0);
    code_list_settle(&list);
    for (size_t i = 0; i < list.n; i++) {
        char mark[CODE_GATHER_MARK_BYTES];
        code_gather_mark(root, list.paths[i], mark);
        buf_addf(out, "%s %s\n", list.paths[i], mark);
    }
    code_list_done(&list);
}

static void snapshot_take(struct arena *a, const char *root, struct code_snapshot *ret)
{
    struct code_list list;
    struct err err = {0};
    struct value *all = value_list(a);
    value_push(a, all, value_str(a, "."));
    code_list_init(&list);
    ASSERT_EQ(code_list_find(&list, root, "/nowhere", all, &err), 0);
    code_list_settle(&list);
    if (code_gather(root, &list, LIMIT_CODE_PACK_BYTES, ret, &err) != 0)
        FAIL("%s", err.text);
    code_list_done(&list);
}

/* A random tree: names that sort badly, empty and large files, links, programs. */
static void tree_make(struct arena *a, const char *root, uint64_t seed)
{
    static const char *const names[] = {"a",        "b",        "a-",  "a.b",
                                        "\xc3\xa4", "\xff\x01", "x y", "z'\"$(rm)"};
    char bytes[70000];
    struct rng rng;
    rng_init(&rng, seed, 0, RNG_TEST);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)rng_u64(&rng);
    for (int i = 0; i < 40; i++) {
        char *folder = arena_strdup(a, root);
        for (uint64_t depth = rng_u64(&rng) % 4; depth > 0; depth--) {
            folder = path_in(a, folder, names[rng_u64(&rng) % 8]);
            mkdir(folder, 0755);
        }
        struct stat st;
        char *path = path_in(a, folder, names[rng_u64(&rng) % 8]);
        if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode) || lstat(path, &st) == 0)
            continue;
        uint64_t kind = rng_u64(&rng) % 5;
        if (kind == 0)
            (void)!symlink("b", path);
        else
            file_put(path, bytes, rng_u64(&rng) % (kind == 1 ? sizeof bytes : 30),
                     kind == 2 ? 0755 : 0644);
    }
    file_put(path_in(a, root, "always"), "x", 1, 0644);
}

TEST(unpacked_copy_is_the_same_tree)
{
    struct arena a;
    struct err err = {0};
    arena_init(&a);
    for (uint64_t seed = 0; seed < 6; seed++) {
        char *from = arena_printf(&a, "%s/from-%d", scratch_dir(), (int)seed), copy[PATH_MAX];
        char *dir = arena_printf(&a, "%s/dir-%d", scratch_dir(), (int)seed);
        struct code_snapshot one, two;
        struct buf is, was;
        mkdir(from, 0755);
        mkdir(dir, 0755);
        tree_make(&a, from, seed);
        snapshot_take(&a, from, &one);
        ASSERT_EQ(code_copies_keep(dir, &one, &err), 0);
        ASSERT_EQ(code_copies_keep(dir, &one, &err), 0); /* again */
        if (code_copies_use(dir, one.hash, copy, &err) != 0)
            FAIL("seed %d: %s", (int)seed, err.text);
        buf_init(&is, SIZE_MAX);
        buf_init(&was, SIZE_MAX);
        tree_print(&a, from, &was);
        tree_print(&a, copy, &is);
        ASSERT_STR(buf_str(&is), buf_str(&was));
        snapshot_take(&a, copy, &two); /* the same content has the same name */
        ASSERT_STR(two.hash, one.hash);
        ASSERT(code_unpack_is_untouched(copy));
        code_unpack_remove(copy);
        ASSERT(access(copy, F_OK) != 0);
        buf_done(&is);
        buf_done(&was);
        code_gather_done(&one);
        code_gather_done(&two);
    }
    arena_done(&a);
}

/* A frame around any text, with its right hash. */
static int text_unpack(const char *text, size_t len, const char *path, struct err *err)
{
    char hash[SECRET_HASH_TEXT_BYTES];
    struct buf packed;
    buf_init(&packed, SIZE_MAX);
    struct compress *c = compress_new();
    compress_add(c, 1, text, len, &packed);
    compress_free(c);
    secret_hash_text(text, len, hash);
    int rc = code_unpack(buf_str(&packed), packed.len, hash, path, err);
    buf_done(&packed);
    return rc;
}

TEST(hostile_snapshot_writes_nothing)
{
    static const char through[] = "besom code 1\nla\0\1\0\0\0\0\0\0\0.\0fa/b\0\1\0\0\0\0\0\0\0x";
    static const char upwards[] = "besom code 1\nf../b\0\1\0\0\0\0\0\0\0x";
    char path[PATH_MAX];
    struct err err = {0};
    snprintf(path, sizeof path, "%s/out", scratch_dir());
    ASSERT_EQ(text_unpack(through, sizeof through, path, &err), ERR_DAMAGED);
    ASSERT_EQ(text_unpack(upwards, sizeof upwards, path, &err), ERR_DAMAGED);
    ASSERT_EQ(text_unpack("nothing", 7, path, &err), ERR_DAMAGED);
    ASSERT_EQ(code_unpack("nothing", 7, "", path, &err), ERR_DAMAGED);
    ASSERT_EQ(code_unpack("", 0, "", path, &err), ERR_DAMAGED);
    ASSERT(access(path, F_OK) != 0);
}

TEST(bomb_is_refused_before_memory_is_taken_for_it)
{
    char path[PATH_MAX];
    struct err err = {0};
    size_t len = (size_t)LIMIT_CODE_BYTES + 1;
    char *zeroes = calloc(len, 1);
    snprintf(path, sizeof path, "%s/out", scratch_dir());
    ASSERT_EQ(text_unpack(zeroes, len, path, &err), ERR_LIMIT);
    /* a frame that says 2^60 bytes */
    static const char lies[] = "\x28\xb5\x2f\xfd\xe0\0\0\0\0\0\0\0\x10\1\0\0";
    ASSERT_EQ(code_unpack(lies, sizeof lies - 1, "", path, &err), ERR_LIMIT);
    ASSERT(access(path, F_OK) != 0);
    free(zeroes);
}

TEST(damaged_or_exchanged_pack_is_refused)
{
    struct arena a;
    struct code_snapshot s;
    struct err err = {0};
    char copy[PATH_MAX];
    arena_init(&a);
    char *from = path_in(&a, scratch_dir(), "from"), *dir = path_in(&a, scratch_dir(), "dir");
    mkdir(from, 0755);
    mkdir(dir, 0755);
    file_put(path_in(&a, from, "train.py"), "print(1)\n", 9, 0644);
    snapshot_take(&a, from, &s);
    ASSERT_EQ(code_copies_use(dir, s.hash, copy, &err), ERR_NOT_FOUND);
    ASSERT_EQ(code_copies_use(dir, "../../etc", copy, &err), ERR_DAMAGED);
    char real = s.hash[5];
    s.hash[5] = real == '0' ? '1' : '0';
    ASSERT_EQ(code_copies_keep(dir, &s, &err), 0); /* another content under this name */
    ASSERT_EQ(code_copies_use(dir, s.hash, copy, &err), ERR_DAMAGED);
    ASSERT(access(copy, F_OK) != 0);
    code_gather_done(&s);
    arena_done(&a);
}

static bool none_wanted(void *arg, const char *hash)
{
    (void)arg;
    (void)hash;
    return false;
}

TEST(copies_unused_for_longest_are_removed)
{
    struct arena a;
    struct err err = {0};
    enum { COPIES = LIMIT_CODE_COPIES + 4 };
    char copies[COPIES][PATH_MAX], hashes[COPIES][CODE_HASH_TEXT_BYTES];
    arena_init(&a);
    char *from = path_in(&a, scratch_dir(), "from"), *dir = path_in(&a, scratch_dir(), "dir");
    mkdir(from, 0755);
    mkdir(dir, 0755);
    for (int i = 0; i < COPIES; i++) {
        struct code_snapshot s;
        file_put(path_in(&a, from, "train.py"), &i, sizeof i, 0644);
        snapshot_take(&a, from, &s);
        snprintf(hashes[i], sizeof hashes[i], "%s", s.hash);
        ASSERT_EQ(code_copies_keep(dir, &s, &err), 0);
        ASSERT_EQ(code_copies_use(dir, s.hash, copies[i], &err), 0);
        utimensat(AT_FDCWD, copies[i], (struct timespec[]){{i, 0}, {i, 0}}, 0);
        if (i == 0) { /* an attempt runs in it */
            mkdir(path_in(&a, dir, "run"), 0755);
            mkdir(path_in(&a, dir, "run/s-0-1"), 0755);
            file_put(path_in(&a, dir, "run/s-0-1/code"), s.hash, strlen(s.hash), 0644);
        }
        if (i == 1) { /* what a training has left there stays */
            file_put(path_in(&a, copies[i], "model.pt"), "x", 1, 0644);
            utimensat(AT_FDCWD, copies[i], (struct timespec[]){{i, 0}, {i, 0}}, 0);
        }
        code_gather_done(&s);
    }
    for (int i = 0; i < COPIES; i++)
        ASSERT_EQ(access(copies[i], F_OK) == 0, i != 2 && i != 3);
    ASSERT_EQ(code_copies_use(dir, hashes[2], copies[2], &err), 0); /* it comes back */
    ASSERT(access(copies[2], F_OK) == 0);
    code_copies_drop(dir, none_wanted, NULL);
    for (int i = 0; i < COPIES; i++)
        ASSERT_EQ(access(copies[i], F_OK) == 0, i == 0 || i == 1);
    ASSERT_EQ(code_copies_use(dir, hashes[5], copies[5], &err), ERR_NOT_FOUND);
    code_unpack_remove(copies[0]);
    code_unpack_remove(copies[1]);
    arena_done(&a);
}

TEST(too_large_a_snapshot_names_the_largest_files)
{
    struct arena a;
    struct code_list list;
    struct code_snapshot s;
    struct err err = {0};
    arena_init(&a);
    char *from = path_in(&a, scratch_dir(), "from"), bytes[4096];
    struct rng rng;
    rng_init(&rng, 1, 0, RNG_TEST);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)rng_u64(&rng);
    mkdir(from, 0755);
    file_put(path_in(&a, from, "small"), "x", 1, 0644);
    file_put(path_in(&a, from, "large"), bytes, sizeof bytes, 0644);
    code_list_init(&list);
    code_list_add(&list, "small", NULL);
    code_list_add(&list, "large", NULL);
    code_list_settle(&list);
    ASSERT_EQ(code_gather(from, &list, 1000, &s, &err), ERR_LIMIT);
    if (!strstr(err.text, "the largest are large (0.0 MiB), small"))
        FAIL("%s", err.text);
    code_gather_done(&s);
    code_list_done(&list);
    arena_done(&a);
}

TEST(what_cannot_be_packed_is_left_out_and_said)
{
    static const char *const wants[] = {"may hold secrets", "a link that leads outside",
                                        "not a file", NULL};
    static const char *const paths[] = {".env", "out", "pipe", "train.py"};
    struct arena a;
    struct code_list list;
    struct code_snapshot s;
    struct err err = {0};
    arena_init(&a);
    char *from = path_in(&a, scratch_dir(), "from");
    mkdir(from, 0755);
    file_put(path_in(&a, from, ".env"), "TOKEN=1", 7, 0644);
    file_put(path_in(&a, from, "train.py"), "x", 1, 0644);
    ASSERT(symlink("/etc/passwd", path_in(&a, from, "out")) == 0);
    ASSERT(mkfifo(path_in(&a, from, "pipe"), 0644) == 0);
    code_list_init(&list);
    for (size_t i = 0; i < 4; i++)
        code_list_add(&list, paths[i], NULL);
    code_list_add(&list, "gone", NULL);
    code_list_add(&list, "train.py", NULL);
    code_list_settle(&list);
    ASSERT_EQ(code_gather(from, &list, LIMIT_CODE_PACK_BYTES, &s, &err), 0);
    ASSERT_EQ(s.files, 1);
    ASSERT_EQ(list.n, 4);
    for (size_t i = 0; i < 4; i++) {
        ASSERT_STR(list.paths[i], paths[i]);
        ASSERT_STR(list.whys[i] ? list.whys[i] : "", wants[i] ? wants[i] : "");
    }
    code_gather_done(&s);
    code_list_done(&list);
    arena_done(&a);
}
