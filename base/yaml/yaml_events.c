/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_events.h"

#include <string.h>
#include <yaml.h>
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/yaml/yaml_problem.h"

struct yaml_events {
    yaml_parser_t parser;
    yaml_event_t now; /* the event that the caller looks at */
    const char *text, *nul;
    size_t len, fed; /* bytes of text, and how many of them libyaml has */
};

bool yaml_events_is_utf16(const char *text, size_t len)
{
    return len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
}

/* libyaml compares each %TAG with all before it: thousands of them would take too long. */
static bool too_many_directives(const yaml_parser_t *p)
{
    return p->tag_directives.top - p->tag_directives.start > LIMIT_YAML_DIRECTIVES;
}

static int parser_feed(void *arg, unsigned char *bytes, size_t size, size_t *ret_size)
{
    struct yaml_events *e = arg;
    size_t left = e->len - e->fed;
    *ret_size = size < left ? size : left;
    if (*ret_size)
        memcpy(bytes, e->text + e->fed, *ret_size);
    e->fed += *ret_size;
    return !too_many_directives(&e->parser);
}

struct yaml_events *yaml_events_new(const char *text, size_t len)
{
    struct yaml_events *e = mem_alloc(sizeof *e);
    *e = (struct yaml_events){.text = text, .len = len};
    if (len <= LIMIT_SPEC_BYTES && !yaml_events_is_utf16(text, len))
        e->nul = memchr(text, '\0', len);
    int ok = yaml_parser_initialize(&e->parser);
    POST(ok);
    yaml_parser_set_input(&e->parser, parser_feed, e);
    return e;
}

void yaml_events_free(struct yaml_events *e)
{
    yaml_event_delete(&e->now);
    yaml_parser_delete(&e->parser);
    mem_free(e);
}

static struct yaml_event event_of(const yaml_event_t *ev)
{
    struct yaml_event r = {
        .kind = YAML_EVENTS_OTHER,
        .at = {(int)ev->start_mark.line + 1, (int)ev->start_mark.column + 1,
               (int)ev->end_mark.line + 1, (int)ev->end_mark.column + 1},
        .start = ev->start_mark.index,
        .end = ev->end_mark.index,
    };
    switch (ev->type) {
    case YAML_STREAM_END_EVENT:
        r.kind = YAML_EVENTS_END;
        break;
    case YAML_DOCUMENT_START_EVENT:
        r.kind = YAML_EVENTS_DOCUMENT;
        break;
    case YAML_ALIAS_EVENT:
        r.kind = YAML_EVENTS_ALIAS;
        r.text = (const char *)ev->data.alias.anchor;
        r.len = strlen(r.text);
        break;
    case YAML_SCALAR_EVENT:
        r.kind = YAML_EVENTS_SCALAR;
        r.text = (const char *)ev->data.scalar.value;
        r.len = ev->data.scalar.length;
        r.anchor = (const char *)ev->data.scalar.anchor;
        r.tag = (const char *)ev->data.scalar.tag;
        r.plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        break;
    case YAML_SEQUENCE_START_EVENT:
        r.kind = YAML_EVENTS_LIST;
        r.anchor = (const char *)ev->data.sequence_start.anchor;
        r.tag = (const char *)ev->data.sequence_start.tag;
        break;
    case YAML_SEQUENCE_END_EVENT:
        r.kind = YAML_EVENTS_LIST_END;
        break;
    case YAML_MAPPING_START_EVENT:
        r.kind = YAML_EVENTS_DICT;
        r.anchor = (const char *)ev->data.mapping_start.anchor;
        r.tag = (const char *)ev->data.mapping_start.tag;
        break;
    case YAML_MAPPING_END_EVENT:
        r.kind = YAML_EVENTS_DICT_END;
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return r;
}

bool yaml_events_next(struct yaml_events *e, struct yaml_event *ret)
{
    yaml_event_delete(&e->now);
    if (e->len > LIMIT_SPEC_BYTES || e->nul || !yaml_parser_parse(&e->parser, &e->now))
        return false;
    *ret = event_of(&e->now);
    return true;
}

/* The byte at a mark (libyaml counts characters, and lines as YAML 1.1 breaks them). */
static char byte_at(const struct yaml_events *e, yaml_mark_t mark)
{
    size_t i = 0;
    for (size_t line = 0; line < mark.line && i < e->len; i++)
        if (e->text[i] == '\n' ||
            (e->text[i] == '\r' && (i + 1 == e->len || e->text[i + 1] != '\n')))
            line++;
    for (size_t column = 0; i < e->len; i++) {
        if (((unsigned char)e->text[i] & 0xC0) == 0x80)
            continue;
        if (column++ == mark.column)
            return e->text[i];
    }
    return '\0';
}

/* The mark of a byte offset, for errors that libyaml gives an offset for. */
static yaml_mark_t mark_at(const struct yaml_events *e, size_t offset)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < offset && i < e->len; i++) {
        mark.column = e->text[i] == '\n' ? 0 : mark.column + 1;
        mark.line += e->text[i] == '\n';
    }
    return mark;
}

static struct yaml_slip fault_at(yaml_mark_t mark, const char *fix, const char *message)
{
    int line = (int)mark.line + 1, column = (int)mark.column + 1;
    return (struct yaml_slip){.at = {line, column, line, column}, .message = message, .fix = fix};
}

/* Whether the error is a known slip. */
static bool find_slip(const struct yaml_events *e, struct arena *a, struct yaml_slip *ret)
{
    const yaml_parser_t *p = &e->parser;
    bool context = p->context != NULL;
    struct yaml_trouble trouble = {
        .problem = p->problem,
        .context = p->context,
        .line = (int)p->problem_mark.line + 1,
        .column = (int)p->problem_mark.column + 1,
        .context_line = context ? (int)p->context_mark.line + 1 : 0,
        .context_column = context ? (int)p->context_mark.column + 1 : 0,
    };
    return p->error != YAML_READER_ERROR && p->problem && !yaml_events_is_utf16(e->text, e->len) &&
           yaml_slip_find(a, e->text, e->len, &trouble, ret);
}

void yaml_events_fault(const struct yaml_events *e, struct arena *a, struct yaml_slip *ret)
{
    const yaml_parser_t *p = &e->parser;
    if (e->len > LIMIT_SPEC_BYTES) {
        const char *message =
            arena_printf(a, "the file has %zu bytes; %d are allowed", e->len, LIMIT_SPEC_BYTES);
        *ret = fault_at((yaml_mark_t){0}, NULL, message);
    } else if (e->nul) {
        *ret = fault_at(mark_at(e, (size_t)(e->nul - e->text)), NULL,
                        "there is a NUL byte here: this is not text, or not UTF-8");
    } else if (too_many_directives(p)) {
        *ret = fault_at(p->mark, NULL, "too many %TAG directives: remove them");
    } else if (!find_slip(e, a, ret)) {
        yaml_mark_t mark =
            p->error == YAML_READER_ERROR ? mark_at(e, p->problem_offset) : p->problem_mark;
        struct yaml_problem found =
            yaml_problem_explain(a, p->context, p->problem, byte_at(e, mark));
        *ret = fault_at(mark, found.fix, found.message);
    }
}
