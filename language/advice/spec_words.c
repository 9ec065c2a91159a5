/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/spec_words.h"

#include <string.h>
#include "base/buf.h"
#include "base/json.h"
#include "base/yaml/yaml_scalar.h"
#include "language/command.h"

enum { LINE_BYTES_MAX = 400 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The length of a macro at the start of s, 0 where there is none. In upper case it is a variable
 * of a shell. */
static size_t macro_length(const char *s)
{
    if (s[0] != '$' || s[1] != '{' || s[2] < 'a' || s[2] > 'z')
        return 0;
    size_t end = strcspn(s, "}\"' \t\n");
    return s[end] == '}' ? end + 1 : 0;
}

/* One word from *at on, without its quotes. */
static bool take_word(const char **at, struct buf *word)
{
    static const char unsure[] = "|&;<>()*?[]{}~#!`\\$\n\r";
    const char *p = *at;
    char quote = '\0';
    for (; *p && (quote || !is_blank(*p)); p++) {
        size_t macro = quote == '\'' ? 0 : macro_length(p);
        /* Within longer text in quotes it would be for the program that gets that text. */
        if (macro > 0 && quote && (p[-1] != quote || p[macro] != quote))
            return false;
        if (macro > 0) {
            buf_add(word, p, macro);
            p += macro - 1;
        } else if (!quote && (*p == '"' || *p == '\'')) {
            quote = *p;
        } else if (*p == quote) {
            quote = '\0';
        } else if (strchr(quote == '\'' ? "\n\r" : quote ? "$`\\\n\r" : unsure, *p)) {
            return false;
        } else {
            buf_addc(word, *p);
        }
    }
    *at = p;
    return !quote;
}

static bool is_assignment(const char *word)
{
    size_t len = strcspn(word, "=");
    return word[len] == '=' && len > 0 && !(word[0] >= '0' && word[0] <= '9') &&
           strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == len;
}

/* What a shell does itself, so that there is no program of that name to start. */
static bool is_built_in(const char *word)
{
    static const char *const names[] = {"cd", "export", "source", ".",    "exec", "set",
                                        "if", "for",    "while",  "eval", "time"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], word) == 0)
            return true;
    return false;
}

bool spec_words_split(struct arena *a, const char *line, struct value **ret)
{
    struct value *words = value_list(a);
    struct buf word;
    bool ok = strlen(line) <= LINE_BYTES_MAX;
    buf_init(&word, LINE_BYTES_MAX + 1);
    while (ok && *(line += strspn(line, " \t"))) {
        buf_clear(&word);
        ok = take_word(&line, &word);
        if (!ok)
            break;
        const char *text = arena_strndup(a, word.data, word.len);
        if (words->list.n == 0 && is_assignment(text))
            value_push(a, words, value_str(a, "${env}"));
        ok = words->list.n > 0 || !is_built_in(text);
        value_push(a, words, value_str(a, text));
    }
    buf_done(&word);
    *ret = words;
    return ok && words->list.n > 0;
}

/* An integer that is printed as it is written. */
static bool is_integer(const char *s)
{
    enum { DIGITS_MAX = 15 };
    size_t len = strlen(s);
    return strspn(s, "0123456789") == len && len > 0 && len <= DIGITS_MAX &&
           (*s != '0' || len == 1);
}

/* Text to YAML wherever it stands, and not mistakable by people either. */
static bool is_bare(const char *s)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=@%";
    size_t len = strlen(s), dashes = strspn(s, "-");
    char first = s[dashes];
    return len > 0 && strspn(s, safe) == len && dashes <= 2 &&
           (((first | 0x20) >= 'a' && (first | 0x20) <= 'z') || first == '/' || first == '_' ||
            (first == '.' && s[1] == '/')) &&
           yaml_scalar_plain(s, len).kind == YAML_SCALAR_TEXT;
}

static void print_item(struct buf *out, const char *s, bool in_brackets)
{
    for (const char *p = s; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f) {
            json_print_str(out, s, strlen(s));
            return;
        }
    }
    if (is_bare(s) || is_integer(s) || (!in_brackets && macro_length(s) == strlen(s) && *s)) {
        buf_adds(out, s);
        return;
    }
    buf_addc(out, '\'');
    for (const char *p = s; *p; p++) {
        buf_addc(out, *p);
        if (*p == '\'')
            buf_addc(out, *p);
    }
    buf_addc(out, '\'');
}

const char *spec_words_item(struct arena *a, const char *word, bool in_brackets)
{
    struct buf out;
    buf_init(&out, LINE_BYTES_MAX * 4);
    print_item(&out, word, in_brackets);
    const char *text = out.overflow ? "…" : arena_strndup(a, out.data, out.len);
    buf_done(&out);
    return text;
}

const char *spec_words_line(struct arena *a, const struct value *words)
{
    struct buf out;
    buf_init(&out, LINE_BYTES_MAX * 2);
    for (size_t i = 0; i < words->list.n && !out.overflow; i++) {
        buf_adds(&out, i ? ", " : "command: [");
        print_item(&out, words->list.items[i]->s.ptr, true);
    }
    buf_addc(&out, ']');
    const char *line = out.overflow ? NULL : arena_strndup(a, out.data, out.len);
    buf_done(&out);
    return line;
}

bool spec_words_is_sign(const char *word, size_t len)
{
    static const char *const signs[] = {"&&", "||", "|",    ";",  ">", ">>",
                                        "<",  "2>", "2>&1", "&>", "&"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strlen(signs[i]) == len && memcmp(signs[i], word, len) == 0)
            return true;
    return false;
}

bool spec_words_quote(struct buf *out, const char *word)
{
    bool plain = *word && !strpbrk(word, " \t|&;<>()*?[]{}~#!`\\$'\"\n");
    bool macro = macro_length(word) > 0 && macro_length(word) == strlen(word);
    if (!plain && !macro && strpbrk(word, "\"$`\\\n"))
        return false;
    buf_addf(out, plain || macro ? "%s" : "\"%s\"", word);
    return true;
}

/* What a macro that is a whole word becomes within a text for a shell; NULL where nothing can. */
static const char *in_shell(const char *macro, const char *program, const char **passed)
{
    if (command_passes_parameters(macro)) {
        bool again = *passed && strcmp(*passed, macro) != 0;
        *passed = macro;
        return again ? NULL : "\"$@\"";
    }
    if (strcmp(macro, "${env}") == 0)
        return "";
    if (strcmp(macro, "${interpreter}") == 0)
        return "python";
    if (strcmp(macro, "${program}") == 0 && program && !strpbrk(program, " \t'\"$`\\"))
        return program;
    return strncmp(macro, "${envvar:", 9) == 0 ? macro : NULL;
}

static bool for_shell(struct arena *a, struct buf *out, const char *line, const char *program,
                      const char **passed)
{
    for (const char *p = line; *p; p++) {
        size_t macro = macro_length(p);
        bool quoted = macro > 0 && p > line && p[-1] == '"' && p[macro] == '"';
        if (macro == 0) {
            if ((unsigned char)*p < ' ')
                return false;
            buf_addc(out, *p);
            continue;
        }
        const char *word = arena_strndup(a, p, macro);
        const char *text = in_shell(word, program, passed);
        if (!text || (text != word && !quoted &&
                      ((p > line && !is_blank(p[-1])) || !strchr(" \t;", p[macro]))))
            return false;
        if (quoted && command_passes_parameters(word))
            text = "$@";
        buf_adds(out, text);
        p += macro - 1;
        p += !*text && is_blank(p[1]);
    }
    return !out->overflow;
}

const char *spec_words_shell_line(struct arena *a, const char *line, const char *program)
{
    struct buf out;
    const char *passed = NULL, *ret = NULL;
    size_t len = strlen(line);
    while (len > 0 && strchr(" \t\n", line[len - 1]))
        len--;
    if (len == 0 || len > LINE_BYTES_MAX)
        return NULL;
    buf_init(&out, LINE_BYTES_MAX * 2);
    if (for_shell(a, &out, arena_strndup(a, line, len), program, &passed)) {
        struct value *words = value_list(a);
        value_push(a, words, value_str(a, "sh"));
        value_push(a, words, value_str(a, "-c"));
        value_push(a, words, value_str(a, arena_strndup(a, out.data, out.len)));
        if (passed) {
            value_push(a, words, value_str(a, "sh"));
            value_push(a, words, value_str(a, passed));
        }
        ret = spec_words_line(a, words);
    }
    buf_done(&out);
    return ret;
}

static bool ends_with(const char *s, const char *end)
{
    size_t len = strlen(s), n = strlen(end);
    return len > n && strcmp(s + len - n, end) == 0;
}

bool spec_words_is_script(const char *word)
{
    return ends_with(word, ".py") || ends_with(word, ".sh");
}

/* What runs scripts, by the last part of its path. */
bool spec_words_is_interpreter(const char *word)
{
    static const char *const names[] = {"python",     "python3", "bash",    "sh",
                                        "accelerate", "conda",   "torchrun"};
    const char *slash = strrchr(word, '/');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], slash ? slash + 1 : word) == 0)
            return true;
    return strncmp(slash ? slash + 1 : word, "python3.", 8) == 0;
}
