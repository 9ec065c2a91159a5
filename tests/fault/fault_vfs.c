/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fault/fault_vfs.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/test.h"

enum { FILES_MAX = 16, SECTOR = 512 };

struct change { /* not synced yet */
    struct change *next;
    bool truncate;
    sqlite3_int64 at;
    int len;
    unsigned char bytes[];
};

struct image {
    char name[64];        /* within the folder */
    bool exists, durable; /* durable: a sync has made its name stay */
    unsigned char *bytes;
    sqlite3_int64 len, cap;
    struct change *first, **last;
};

struct file {
    sqlite3_file base;
    struct image *image; /* NULL: not watched */
    sqlite3_file *real;
};

static struct {
    sqlite3_vfs vfs, *real;
    char dir[PATH_MAX];
    struct image images[FILES_MAX];
    size_t n;
    uint64_t operations, at;
    enum fault_kind kind;
    bool fired;
    fault_cut_fn cut;
    void *arg;
} fault;

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct file *)f)->real;
}

static void forget_changes(struct image *im)
{
    for (struct change *c = im->first; c;) {
        struct change *next = c->next;
        free(c);
        c = next;
    }
    im->first = NULL;
    im->last = &im->first;
}

static void add_change(struct image *im, bool truncate, sqlite3_int64 at, int len,
                       const void *bytes)
{
    struct change *c = calloc(1, sizeof *c + (size_t)len);
    ASSERT(c);
    c->truncate = truncate;
    c->at = at;
    c->len = len;
    if (len)
        memcpy(c->bytes, bytes, (size_t)len);
    *im->last = c;
    im->last = &c->next;
}

static void set_length(struct image *im, sqlite3_int64 len)
{
    if (len > im->cap) {
        im->cap = 2 * len;
        im->bytes = realloc(im->bytes, (size_t)im->cap);
        ASSERT(im->bytes);
    }
    if (len > im->len)
        memset(im->bytes + im->len, 0, (size_t)(len - im->len));
    im->len = len;
}

static void apply(struct image *im, const struct change *c, struct rng *rng)
{
    if (c->truncate) {
        if (!rng || rng_below(rng, 2))
            set_length(im, c->at);
        return;
    }
    for (int i = 0; i < c->len; i += SECTOR) {
        int len = c->len - i < SECTOR ? c->len - i : SECTOR;
        if (rng && rng_below(rng, 2))
            continue;
        if (im->len < c->at + i + len)
            set_length(im, c->at + i + len);
        memcpy(im->bytes + c->at + i, c->bytes + i, (size_t)len);
    }
}

/* SQLITE_OK, or how the operation fails. The one that was armed for and all later ones do: a disk
 * that came back would hide a program that went on. */
static int operation(enum fault_kind as)
{
    if (fault.cut)
        fault.cut(fault.arg);
    bool hit = fault.kind != FAULT_NONE && fault.operations >= fault.at;
    fault.operations++;
    if (!hit)
        return SQLITE_OK;
    if (fault.kind == FAULT_DIE)
        _exit(9);
    if (fault.kind == FAULT_SYNC && as != FAULT_SYNC)
        return SQLITE_OK;
    fault.fired = true;
    return as == FAULT_SYNC           ? SQLITE_IOERR_FSYNC
           : fault.kind == FAULT_FULL ? SQLITE_FULL
                                      : SQLITE_IOERR_WRITE;
}

static int do_close(sqlite3_file *f)
{
    return real_of(f)->pMethods->xClose(real_of(f));
}

static int do_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}

static int do_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    struct image *im = ((struct file *)f)->image;
    int rc = im ? operation(FAULT_WRITE) : SQLITE_OK;
    if (rc != SQLITE_OK)
        return rc;
    if (im)
        add_change(im, false, at, n, from);
    return real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
}

static int do_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    struct image *im = ((struct file *)f)->image;
    int rc = im ? operation(FAULT_WRITE) : SQLITE_OK;
    if (rc != SQLITE_OK)
        return rc;
    if (im)
        add_change(im, true, size, 0, NULL);
    return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int do_sync(sqlite3_file *f, int flags)
{
    struct image *im = ((struct file *)f)->image;
    (void)flags;
    if (!im)
        return SQLITE_OK;
    int rc = operation(FAULT_SYNC);
    if (rc != SQLITE_OK)
        return rc;
    for (struct change *c = im->first; c; c = c->next)
        apply(im, c, NULL);
    forget_changes(im);
    im->durable = true;
    return SQLITE_OK;
}

static int do_size(sqlite3_file *f, sqlite3_int64 *ret)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), ret);
}

static int do_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int do_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int do_reserved(sqlite3_file *f, int *ret)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), ret);
}

static int do_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int do_sector(sqlite3_file *f)
{
    (void)f;
    return SECTOR;
}

/* Nothing is promised: no atomic write, no order, no power-safe overwrite of a neighbour. */
static int do_device(sqlite3_file *f)
{
    (void)f;
    return 0;
}

static int do_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, ret);
}

static int do_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static void do_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int do_shm_unmap(sqlite3_file *f, int remove_it)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), remove_it);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = do_close,
    .xRead = do_read,
    .xWrite = do_write,
    .xTruncate = do_truncate,
    .xSync = do_sync,
    .xFileSize = do_size,
    .xLock = do_lock,
    .xUnlock = do_unlock,
    .xCheckReservedLock = do_reserved,
    .xFileControl = do_control,
    .xSectorSize = do_sector,
    .xDeviceCharacteristics = do_device,
    .xShmMap = do_shm_map,
    .xShmLock = do_shm_lock,
    .xShmBarrier = do_shm_barrier,
    .xShmUnmap = do_shm_unmap,
};

static struct image *image_of(const char *path)
{
    size_t len = strlen(fault.dir);
    if (!path || strncmp(path, fault.dir, len) != 0 || path[len] != '/' ||
        strchr(path + len + 1, '/'))
        return NULL;
    for (size_t i = 0; i < fault.n; i++)
        if (strcmp(fault.images[i].name, path + len + 1) == 0)
            return &fault.images[i];
    ASSERT(fault.n < FILES_MAX && strlen(path + len + 1) < sizeof fault.images->name);
    struct image *im = &fault.images[fault.n++];
    *im = (struct image){.last = &im->first};
    snprintf(im->name, sizeof im->name, "%s", path + len + 1);
    return im;
}

static int do_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out)
{
    struct file *mine = (struct file *)f;
    (void)vfs;
    mine->image = image_of(path);
    mine->real = (sqlite3_file *)(mine + 1);
    int rc = fault.real->xOpen(fault.real, path, mine->real, flags, out);
    f->pMethods = rc == SQLITE_OK ? &methods : NULL;
    if (rc == SQLITE_OK && mine->image)
        mine->image->exists = true;
    return rc;
}

static int do_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    (void)vfs, (void)sync;
    struct image *im = image_of(path);
    int rc = im ? operation(FAULT_WRITE) : SQLITE_OK;
    if (rc != SQLITE_OK)
        return SQLITE_IOERR_DELETE;
    if (im) {
        forget_changes(im);
        im->len = 0;
        im->exists = im->durable = false;
    }
    return fault.real->xDelete(fault.real, path, 0);
}

/* The linker sends rename() here (--wrap): SQLite does not do it, a new store does. A name given so
 * stays: the folder is synced before the next operation. */
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

int __wrap_rename(const char *from, const char *to)
{
    struct image *old = image_of(from), *new = image_of(to);
    if (!old || !new)
        return __real_rename(from, to);
    if (operation(FAULT_WRITE) != SQLITE_OK) {
        errno = EIO;
        return -1;
    }
    forget_changes(new);
    free(new->bytes);
    char name[sizeof new->name];
    memcpy(name, new->name, sizeof name);
    *new = *old;
    memcpy(new->name, name, sizeof name);
    if (!new->first)
        new->last = &new->first;
    memcpy(name, old->name, sizeof name);
    *old = (struct image){.last = &old->first};
    memcpy(old->name, name, sizeof name);
    return __real_rename(from, to);
}

void fault_vfs_install(const char *dir)
{
    if (!fault.real) {
        fault.real = sqlite3_vfs_find(NULL);
        ASSERT(fault.real);
        fault.vfs = *fault.real;
        fault.vfs.zName = "fault";
        fault.vfs.szOsFile = (int)sizeof(struct file) + fault.real->szOsFile;
        fault.vfs.xOpen = do_open;
        fault.vfs.xDelete = do_delete;
        ASSERT_EQ(sqlite3_vfs_register(&fault.vfs, 1), SQLITE_OK);
    }
    for (size_t i = 0; i < fault.n; i++) {
        forget_changes(&fault.images[i]);
        free(fault.images[i].bytes);
    }
    fault.n = 0;
    fault.operations = 0;
    fault.cut = NULL;
    fault_vfs_disarm();
    snprintf(fault.dir, sizeof fault.dir, "%s", dir);
}

void fault_vfs_arm(enum fault_kind kind, uint64_t at)
{
    fault.kind = kind;
    fault.at = at;
    fault.fired = false;
}

void fault_vfs_disarm(void)
{
    fault.kind = FAULT_NONE;
}

uint64_t fault_vfs_operations(void)
{
    return fault.operations;
}

bool fault_vfs_fired(void)
{
    return fault.fired;
}

void fault_vfs_on_operation(fault_cut_fn fn, void *arg)
{
    fault.cut = fn;
    fault.arg = arg;
}

void fault_vfs_cut(const char *to, struct rng *rng)
{
    for (size_t i = 0; i < fault.n; i++) {
        struct image after = fault.images[i], *im = &fault.images[i];
        char path[PATH_MAX];
        if (!im->exists || (!im->durable && (!rng || rng_below(rng, 2))))
            continue;
        after.bytes = calloc(1, (size_t)im->len + 1);
        after.cap = im->len;
        ASSERT(after.bytes);
        if (im->len)
            memcpy(after.bytes, im->bytes, (size_t)im->len);
        for (const struct change *c = im->first; c && rng; c = c->next)
            apply(&after, c, rng);
        snprintf(path, sizeof path, "%s/%s", to, im->name);
        FILE *f = fopen(path, "w");
        ASSERT(f && fwrite(after.bytes, 1, (size_t)after.len, f) == (size_t)after.len);
        ASSERT_EQ(fclose(f), 0);
        free(after.bytes);
    }
}
