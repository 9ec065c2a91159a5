/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lint/lint_program.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag/nearest.h"
#include "base/json.h"
#include "language/advice/advice_words.h"
#include "language/reader/spec_node.h"

struct scene {
    struct spec_reader r;
    /* How to report a missing file: as a warning, or as an error if the sweep is about to run. */
    SPEC_NODE_SAY((*say));
    const struct spec *spec;
    char workdir[PATH_MAX], folder[PATH_MAX]; /* folder: the spec's */
};

static void folder_of(const char *named, char out[PATH_MAX])
{
    const char *slash = strcmp(named, "-") == 0 ? NULL : strrchr(named, '/');
    int len = slash ? (int)(slash - named) : 0;
    snprintf(out, PATH_MAX, "%.*s", slash && !len ? 1 : slash ? len : 1, slash ? named : ".");
}

/* The path of name, seen from dir; empty if it is too long. */
static void path_join(char out[PATH_MAX], const char *dir, const char *name)
{
    int n = name[0] == '/'           ? snprintf(out, PATH_MAX, "%s", name)
            : strcmp(name, ".") == 0 ? snprintf(out, PATH_MAX, "%s", dir)
            : strcmp(dir, ".") == 0  ? snprintf(out, PATH_MAX, "%s", name)
                                     : snprintf(out, PATH_MAX, "%s/%s", dir, name);
    if (n >= PATH_MAX)
        *out = '\0';
}

static bool path_exists(const char *path)
{
    return *path && access(path, F_OK) == 0;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return *path && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void workdir_of(const struct spec *s, const char *named, char out[PATH_MAX])
{
    char folder[PATH_MAX];
    folder_of(named, folder);
    if (s->workdir)
        path_join(out, folder, s->workdir);
    else
        snprintf(out, PATH_MAX, ".");
}

/* The name in the folder of `name` that is most similar, with that folder in front; or NULL. */
static const char *near_file(const struct scene *c, const char *name)
{
    enum { NAMES_MAX = 1000 };
    char path[PATH_MAX];
    const char *names[NAMES_MAX], *slash = strrchr(name, '/');
    size_t n = 0, prefix = slash ? (size_t)(slash - name) + 1 : 0;
    path_join(path, c->workdir, prefix ? arena_strndup(c->r.arena, name, prefix) : ".");
    DIR *dir = *path ? opendir(path) : NULL;
    for (struct dirent *e; dir && n < NAMES_MAX && (e = readdir(dir));)
        if (e->d_name[0] != '.')
            names[n++] = arena_strdup(c->r.arena, e->d_name);
    if (dir)
        closedir(dir);
    const char *near = nearest_name(name + prefix, names, n, sizeof *names);
    return near ? arena_printf(c->r.arena, "%.*s%s", (int)prefix, name, near) : NULL;
}

static const char *workdir_shown(const struct scene *c)
{
    return strcmp(c->workdir, ".") == 0 ? "here" : arena_printf(c->r.arena, "in %s", c->workdir);
}

static const char *mended_line(struct scene *c, const struct spec_node *n, const char *name)
{
    return n->key ? arena_printf(c->r.arena, "%s: %s", n->key, name)
                  : advice_words_argument(&c->r, n, name);
}

static void say_missing(struct scene *c, const struct spec_node *n, const char *name)
{
    char path[PATH_MAX];
    path_join(path, c->folder, name);
    if (!c->spec->workdir && path_exists(path)) {
        diags_fix(c->r.diags,
                  c->say(&c->r, n, NULL,
                         "there is no %s here, but there is one beside the sweep file: trials run "
                         "in the current directory unless the sweep file has `workdir: .`",
                         name),
                  "workdir: .");
        return;
    }
    path_join(path, c->workdir, name + strspn(name, "/"));
    if (name[0] == '/' && path_exists(path)) {
        const char *relative = name + strspn(name, "/");
        diags_fix(
            c->r.diags,
            c->say(&c->r, n, NULL,
                   "there is no %s: a path with a leading / starts at the root of the file system",
                   name),
            mended_line(c, n, relative));
        return;
    }
    const char *near = near_file(c, name);
    diags_fix(c->r.diags,
              c->say(&c->r, n, NULL, "there is no %s %s", name,
                     name[0] == '/' ? "on this machine" : workdir_shown(c)),
              near ? mended_line(c, n, near) : NULL);
}

/* Whether a statement of the Python text imports the module: `import a, wandb as w`, `from wandb
 * …`. */
static bool text_imports(const char *text, const char *module)
{
    static const char import[] = "import ", from[] = "from ";
    size_t len = strlen(module);
    for (const char *p = text; p; p = strpbrk(p, "\n;")) {
        p += strspn(p, "\n; \t");
        bool many = strncmp(p, import, strlen(import)) == 0;
        if (!many && strncmp(p, from, strlen(from)) != 0)
            continue;
        for (p += strlen(many ? import : from);; p++) {
            p += strspn(p, " \t");
            if (strncmp(p, module, len) == 0 && strchr(" .,;#\t\r\n", p[len]))
                return true;
            p += strcspn(p, many ? ",;#\n" : ";\n");
            if (*p != ',')
                break;
        }
    }
    return false;
}

/* "besom.log({"loss": loss})" for the sweep's metric. */
static const char *log_line(struct scene *c)
{
    const char *metric = c->spec->metric.name ? c->spec->metric.name : "loss";
    bool word = (metric[0] < '0' || metric[0] > '9') &&
                metric[strspn(metric, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                                      "0123456789")] == '\0';
    return arena_printf(c->r.arena, "besom.log({%s: %s})",
                        json_text(c->r.arena, value_str(c->r.arena, metric), JSON_COMPACT),
                        word ? metric : "value");
}

/* A script that reports nothing to besom would end without an objective. */
static void check_reports(struct scene *c, const struct spec_node *n, const char *path)
{
    enum { LOOKED_AT_BYTES = 1 << 18 };
    size_t len = strlen(path);
    bool python = len > 3 && strcmp(path + len - 3, ".py") == 0;
    if (!(python || (len > 3 && strcmp(path + len - 3, ".sh") == 0)) || c->spec->report)
        return;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    char *text = arena_alloc(c->r.arena, LOOKED_AT_BYTES);
    ssize_t got = fd >= 0 ? read(fd, text, LOOKED_AT_BYTES - 1) : 0;
    if (fd >= 0)
        close(fd);
    text[got > 0 ? got : 0] = '\0';
    if (strstr(text, "BESOM_METRICS") || text_imports(text, "besom"))
        return;
    if (python && text_imports(text, "wandb") && !c->spec->wandb_off)
        return;
    if (python && text_imports(text, "wandb"))
        diags_fix(c->r.diags,
                  spec_node_warn(&c->r, n, NULL,
                                 "this script reports with wandb, and because of `wandb: off` "
                                 "besom does not see it"),
                  arena_printf(c->r.arena,
                               "%s beside wandb.log in the script, after import besom (pip install "
                               "./python in besom's checkout)",
                               log_line(c)));
    else if (c->spec->metric.name && got > 0 && got < LOOKED_AT_BYTES - 1 && !strstr(text, "besom"))
        diags_fix(c->r.diags,
                  spec_node_note(&c->r, n, NULL,
                                 "this script does not use besom, and without `report` besom reads "
                                 "nothing from its output"),
                  "report: {stdout: json}, or the name of a reader, or patterns");
}

static void check_file(struct scene *c, const struct spec_node *n, const char *name)
{
    char path[PATH_MAX];
    path_join(path, c->workdir, name);
    if (!path_exists(path))
        say_missing(c, n, name);
    else
        check_reports(c, n, path);
}

/* An argument that is surely a file. */
static bool is_script(const char *word)
{
    size_t len = strlen(word);
    return len > 3 && word[0] != '-' && !strpbrk(word, " ={") &&
           (strcmp(word + len - 3, ".py") == 0 || strcmp(word + len - 3, ".sh") == 0);
}

/* Skips a value for which the reader has reported a mistake. */
static bool is_judged(const struct diags *d, const char *path)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].severity > DIAG_NOTE && strcmp(d->items[i].path, path) == 0)
            return true;
    return false;
}

static void check_command(struct scene *c, const struct spec_node *root)
{
    const struct value *command = c->spec->command;
    struct spec_node program, list;
    bool module = false, has_list = spec_node_get(root, "command", &list) &&
                                    spec_node_kind(&list) == VALUE_LIST &&
                                    list.yaml->n == command->list.n;
    for (size_t i = 0; i < command->list.n; i++) {
        const char *word = command->list.items[i]->s.ptr;
        if (strcmp(word, "${program}") == 0) {
            /* If the command executes the program by its bare name, $PATH is searched for it. */
            bool file = is_script(c->spec->program ? c->spec->program : "") ||
                        strchr(c->spec->program ? c->spec->program : "", '/');
            if (file && !module && !is_judged(c->r.diags, "program") &&
                spec_node_get(root, "program", &program))
                check_file(c, &program, c->spec->program);
        } else if (has_list && !module && is_script(word) && word[0] != '$') {
            struct spec_node item = spec_node_item(&list, i);
            check_file(c, &item, word);
        }
        module = strcmp(word, "-m") == 0 || strcmp(word, "-c") == 0;
    }
}

/* Whether $PATH has the program. besom is always found: its folder is on a trial's $PATH. */
static bool is_on_path(const char *name)
{
    char path[PATH_MAX];
    const char *at = getenv("PATH");
    if (!at || strcmp(name, "besom") == 0)
        return true;
    for (;; at++) {
        size_t len = strcspn(at, ":");
        int n = snprintf(path, sizeof path, "%.*s%s%s", (int)len, at, len ? "/" : "./", name);
        if (n > 0 && (size_t)n < sizeof path && access(path, X_OK) == 0)
            return true;
        at += len;
        if (*at == '\0')
            return false;
    }
}

/* Checks the word that is executed: the first, or the one that env starts. */
static void check_executed(struct scene *c, const struct spec_node *root)
{
    const struct value *command = c->spec->command;
    struct spec_node node, list = {0};
    size_t i = 0;
    while (i < command->list.n && strcmp(command->list.items[i]->s.ptr, "${env}") == 0)
        i++;
    const char *word = i < command->list.n ? command->list.items[i]->s.ptr : "";
    bool is_program = strcmp(word, "${program}") == 0;
    if (is_program)
        word = c->spec->program ? c->spec->program : "";
    bool listed = spec_node_get(root, is_program ? "program" : "command", &list);
    node = list;
    if (listed && !is_program && spec_node_kind(&list) == VALUE_LIST && list.yaml->n > i)
        node = spec_node_item(&list, i);
    else if (!is_program)
        listed = false;
    if (!listed || *word == '\0' || strpbrk(word, "$=") || is_script(word) ||
        (c->spec->env && value_get(c->spec->env, "PATH")))
        return;
    if (strchr(word, '/') && !is_program)
        check_file(c, &node, word);
    else if (!strchr(word, '/') && !is_on_path(word))
        c->say(&c->r, &node, NULL, "the program %s is not on $PATH", word);
}

void lint_program_check(struct diags *d, const char *named, const struct spec *s, bool about_to_run)
{
    struct scene c = {
        .r = {d->arena, d}, .spec = s, .say = about_to_run ? spec_node_error : spec_node_warn};
    struct spec_node root = {.yaml = s->tree, .line = 1, .column = 1}, workdir;
    if (!s->tree || s->tree->value->kind != VALUE_DICT || !s->command)
        return;
    folder_of(named, c.folder);
    workdir_of(s, named, c.workdir);
    if (s->workdir && !is_folder(c.workdir) && spec_node_get(&root, "workdir", &workdir))
        c.say(&c.r, &workdir, NULL, "there is no folder %s",
              *c.workdir ? c.workdir : spec_node_shown(&c.r, &workdir));
    else {
        check_command(&c, &root);
        /* A spec that is only checked may be meant for another machine. */
        if (about_to_run)
            check_executed(&c, &root);
    }
    diags_sort(d, 0);
}
