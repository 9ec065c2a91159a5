/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/log_fold.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { STYLE_BACK = 5, STYLE_FLAGS = 10, COLOUR_MASK = 31, REPLACEMENT = 0xfffd, TAB = 8 };
enum flag { BOLD = 1, DIM = 2, ITALIC = 4, UNDERLINED = 8, REVERSED = 16 };

static uint32_t letter_lower(uint32_t c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* How much of the text is found at c, after the first n of its characters, of which there are more.
 * The search never goes back in a line: text that repeats itself takes no longer than other text. */
static size_t wanted_next(const struct log_fold *f, size_t n, uint32_t c)
{
    while (n > 0 && f->wanted[n] != c)
        n = f->borders[n - 1];
    return n + (f->wanted[n] == c);
}

void log_fold_begin(struct log_fold *f, struct arena *a, uint64_t offset, const char *find)
{
    *f = (struct log_fold){
        .arena = a, .find = find ? find : "", .begin = offset, .at = offset, .line = offset};
    f->rows = value_list(a);
    f->cells = arena_alloc(a, LOG_FOLD_CHARS * sizeof *f->cells);
    f->styles = arena_alloc(a, LOG_FOLD_CHARS * sizeof *f->styles);
    f->wanted = arena_alloc(a, (strlen(f->find) + 1) * sizeof *f->wanted);
    for (const char *at = f->find; *at;) {
        uint32_t c = REPLACEMENT;
        size_t n = utf8_decode(at, strlen(at), &c);
        f->wanted[f->wanted_n++] = letter_lower(c);
        at += n ? n : 1;
    }
    f->borders = arena_alloc(a, (f->wanted_n + 1) * sizeof *f->borders);
    f->borders[0] = 0;
    for (size_t i = 1; i < f->wanted_n; i++)
        f->borders[i] = wanted_next(f, f->borders[i - 1], f->wanted[i]);
}

static void line_clear(struct log_fold *f)
{
    f->n = 0;
    f->cut = 0;
    f->redraw = false;
}

static void cell_put(struct log_fold *f, uint32_t c)
{
    if (f->redraw)
        line_clear(f);
    if (f->n == LOG_FOLD_CHARS) {
        f->cut++;
        return;
    }
    f->cells[f->n] = c;
    f->styles[f->n++] = f->style;
}

static bool line_is_wanted(const struct log_fold *f)
{
    size_t found = 0;
    for (size_t i = 0; i < f->n && found < f->wanted_n; i++)
        found = wanted_next(f, found, letter_lower(f->cells[i]));
    return found == f->wanted_n;
}

/* Runs of one style; NULL where all is plain. */
static struct value *line_styles(const struct log_fold *f, size_t *ret_runs)
{
    struct value *runs = NULL;
    *ret_runs = 0;
    for (size_t i = 0; i < f->n && !runs; i++)
        if (f->styles[i])
            runs = value_list(f->arena);
    for (size_t i = 0; runs && i < f->n;) {
        uint16_t style = f->styles[i];
        int64_t units = 0;
        for (; i < f->n && f->styles[i] == style; i++)
            units += f->cells[i] > 0xffff ? 2 : 1;
        struct value *run = value_list(f->arena);
        value_push(f->arena, run, value_int(f->arena, units));
        value_push(f->arena, run, value_int(f->arena, style));
        value_push(f->arena, runs, run);
        ++*ret_runs;
    }
    return runs;
}

static void row_add(struct log_fold *f)
{
    struct buf text;
    size_t runs_n;
    struct value *row = value_list(f->arena), *runs = line_styles(f, &runs_n);
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < f->n; i++) {
        char bytes[UTF8_BYTES_MAX];
        buf_add(&text, bytes, utf8_encode(bytes, f->cells[i]));
    }
    value_push(f->arena, row, value_int(f->arena, (int64_t)f->line));
    value_push(f->arena, row, value_strn(f->arena, buf_peek(&text), text.len));
    if (runs || f->cut) {
        value_push(f->arena, row, runs ? runs : value_list(f->arena));
        value_push(f->arena, row, value_int(f->arena, (int64_t)f->cut));
    }
    value_push(f->arena, f->rows, row);
    f->bytes += text.len + 32 + 16 * runs_n;
    buf_done(&text);
}

static void line_end(struct log_fold *f)
{
    if (line_is_wanted(f))
        row_add(f);
    line_clear(f);
    f->style = 0;
    f->state = LOG_FOLD_TEXT;
    f->utf8_n = 0;
}

/* The nearest of the 16 colours: which of red, green and blue are strong, and whether one is bright. */
static unsigned colour_of_rgb(unsigned r, unsigned g, unsigned b)
{
    unsigned most = r > g ? r : g;
    most = b > most ? b : most;
    unsigned least = r < g ? r : g;
    least = b < least ? b : least;
    if (most - least < 32) /* a grey */
        return most < 48 ? 1 : most < 128 ? 9 : most < 208 ? 8 : 16;
    unsigned half = (most + least) / 2;
    return 1u + (r > half ? 1u : 0) + (g > half ? 2u : 0) + (b > half ? 4u : 0) +
           (most > 208 ? 8u : 0);
}

static unsigned colour_of_256(unsigned n)
{
    static const unsigned levels[] = {0, 95, 135, 175, 215, 255};
    if (n < 16)
        return n + 1;
    if (n >= 232)
        return n > 255 ? 0
                       : colour_of_rgb(8 + 10 * (n - 232), 8 + 10 * (n - 232), 8 + 10 * (n - 232));
    n -= 16;
    return colour_of_rgb(levels[n / 36], levels[n / 6 % 6], levels[n % 6]);
}

static void style_colour(struct log_fold *f, unsigned colour, bool back)
{
    unsigned shift = back ? STYLE_BACK : 0;
    f->style = (uint16_t)((f->style & ~((unsigned)COLOUR_MASK << shift)) | colour << shift);
}

static void style_flag(struct log_fold *f, enum flag flag, bool on)
{
    unsigned bit = (unsigned)flag << STYLE_FLAGS;
    f->style = (uint16_t)(on ? f->style | bit : f->style & ~bit);
}

/* 38 or 48: 5;N or 2;R;G;B follow. Returns how many numbers that takes. */
static size_t style_extended(struct log_fold *f, const unsigned *p, size_t n, bool back)
{
    if (n >= 2 && p[0] == 5) {
        style_colour(f, colour_of_256(p[1]), back);
        return 2;
    }
    if (n >= 4 && p[0] == 2) {
        style_colour(f, colour_of_rgb(p[1] & 255, p[2] & 255, p[3] & 255), back);
        return 4;
    }
    return n;
}

static void style_basic(struct log_fold *f, unsigned p)
{
    static const struct {
        unsigned code;
        unsigned flags;
        bool on;
    } flags[] = {{1, BOLD, true},       {2, DIM, true},          {3, ITALIC, true},
                 {4, UNDERLINED, true}, {7, REVERSED, true},     {22, BOLD | DIM, false},
                 {23, ITALIC, false},   {24, UNDERLINED, false}, {27, REVERSED, false}};
    if (p == 0)
        f->style = 0;
    else if ((p >= 30 && p <= 37) || (p >= 40 && p <= 47))
        style_colour(f, p % 10 + 1, p >= 40);
    else if ((p >= 90 && p <= 97) || (p >= 100 && p <= 107))
        style_colour(f, p % 10 + 9, p >= 100);
    else if (p == 39 || p == 49)
        style_colour(f, 0, p == 49);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].code == p)
            style_flag(f, flags[i].flags, flags[i].on);
}

static void sgr_take(struct log_fold *f)
{
    enum { NUMBERS = LOG_FOLD_ESCAPE_BYTES };
    unsigned numbers[NUMBERS];
    size_t n = 0;
    for (size_t i = 0; n < NUMBERS; i++) {
        unsigned number = 0;
        for (; i < f->escape_n && f->escape[i] >= '0' && f->escape[i] <= '9'; i++)
            number = number < 10000 ? number * 10 + (unsigned)(f->escape[i] - '0') : number;
        if (i < f->escape_n && f->escape[i] != ';' && f->escape[i] != ':')
            return; /* private, or malformed */
        numbers[n++] = number;
        if (i >= f->escape_n)
            break;
    }
    for (size_t i = 0; i < n; i++)
        if (numbers[i] == 38 || numbers[i] == 48)
            i += style_extended(f, &numbers[i + 1], n - i - 1, numbers[i] == 48);
        else
            style_basic(f, numbers[i]);
}

/* Colours, and what erases the line that a progress bar is about to draw again. */
static void csi_end(struct log_fold *f, char final)
{
    bool whole = f->escape_n == 1 && f->escape[0] == '2';
    if (final == 'm')
        sgr_take(f);
    if (final == 'K' && (whole || f->redraw))
        line_clear(f);
    f->state = LOG_FOLD_TEXT;
}

static void escape_add(struct log_fold *f, unsigned char c)
{
    switch (f->state) {
    case LOG_FOLD_TEXT:
        break;
    case LOG_FOLD_ESC:
        f->escape_n = 0;
        f->state = c == '['                                                   ? LOG_FOLD_CSI
                   : c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X' ? LOG_FOLD_STRING
                   : c >= ' ' && c <= '/'                                     ? LOG_FOLD_ESC
                                                                              : LOG_FOLD_TEXT;
        break;
    case LOG_FOLD_CSI:
        if (c >= '@' && c <= '~')
            csi_end(f, (char)c);
        else if (c < ' ' || c > '?' || f->escape_n == LOG_FOLD_ESCAPE_BYTES)
            f->state = LOG_FOLD_TEXT;
        else
            f->escape[f->escape_n++] = (char)c;
        break;
    case LOG_FOLD_STRING: /* ends with BEL, or with an escape (its "\" is one of two bytes) */
        if (c == '\a')
            f->state = LOG_FOLD_TEXT;
        break;
    }
}

static void control_add(struct log_fold *f, unsigned char c)
{
    if (c == '\n')
        line_end(f);
    else if (c == 0x1b)
        f->state = LOG_FOLD_ESC;
    else if (f->state != LOG_FOLD_TEXT)
        escape_add(f, c);
    else if (c == '\r')
        f->redraw = true;
    else if (c == '\b' && f->n > 0 && f->cut == 0 && !f->redraw)
        f->n--;
    else if (c == '\t')
        do
            cell_put(f, ' ');
        while (f->n % TAB != 0 && f->n < LOG_FOLD_CHARS);
}

static size_t utf8_need(unsigned char lead)
{
    return lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 1;
}

/* A byte of a character of several. An invalid one is shown as such, and the byte looked at anew. */
static void wide_add(struct log_fold *f, unsigned char c)
{
    uint32_t code;
    if (f->utf8_n > 0 && (c & 0xc0) != 0x80) {
        cell_put(f, REPLACEMENT);
        f->utf8_n = 0;
    }
    if (c < 0x80)
        return;
    f->utf8[f->utf8_n++] = (char)c;
    if (f->utf8_n < utf8_need((unsigned char)f->utf8[0]))
        return;
    size_t n = utf8_decode(f->utf8, f->utf8_n, &code);
    f->utf8_n = 0;
    if (n == 0)
        cell_put(f, REPLACEMENT);
    else if (code >= 0xa0) /* C1 controls are left out */
        cell_put(f, code);
}

static bool fold_is_full(const struct log_fold *f)
{
    return f->bytes >= LOG_FOLD_BYTES || f->rows->list.n >= LOG_FOLD_ROWS ||
           f->at - f->begin >= LOG_FOLD_SOME_BYTES;
}

size_t log_fold_add(struct log_fold *f, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x80 && f->utf8_n > 0)
            wide_add(f, c);
        if (c < ' ' || c == 0x7f)
            control_add(f, c);
        else if (f->state != LOG_FOLD_TEXT)
            escape_add(f, c);
        else if (c < 0x80)
            cell_put(f, c);
        else
            wide_add(f, c);
        f->at++;
        if (c != '\n')
            continue;
        f->line = f->at;
        if (fold_is_full(f))
            return i + 1;
    }
    return len;
}

void log_fold_end(struct log_fold *f)
{
    if (f->at > f->line)
        line_end(f);
}

/* Where the last lines before the end begin. */
static size_t text_tail(const char *bytes, size_t end, uint64_t lines)
{
    size_t at = end;
    if (at > 0 && bytes[at - 1] == '\n')
        at--;
    for (; at > 0; at--)
        if (bytes[at - 1] == '\n' && --lines == 0)
            break;
    return at;
}

void log_fold_answer(struct arena *a, const char *bytes, size_t len, uint64_t begin,
                     const struct message *ask, struct message *answer)
{
    struct log_fold f;
    uint64_t size = begin + len, stop = ask->to && ask->to < size ? ask->to : size;
    size_t end = stop > begin ? (size_t)(stop - begin) : 0;
    size_t from = ask->from > begin ? (size_t)(ask->from - begin) : 0;
    from = ask->lines > 0 ? text_tail(bytes, end, ask->lines) : from < end ? from : end;
    bool part = end - from > LOG_FOLD_READ_BYTES;
    end = part ? from + LOG_FOLD_READ_BYTES : end;
    log_fold_begin(&f, a, begin + from, ask->find);
    size_t used = log_fold_add(&f, bytes + from, end - from);
    uint64_t line = f.line;
    bool whole = used == end - from && !part, long_line = part && line == begin + from;
    if (whole || long_line)
        log_fold_end(&f);
    answer->from = begin + from;
    answer->to = long_line || (whole && stop < size) ? f.at : line;
    answer->end = whole && stop == size;
    answer->size = size;
    answer->rows = f.rows;
}
