/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_problem.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *problem, *message, *fix;
} known[] = {
    {"mapping values are not allowed in this context",
     "there is a second ': ' in this line, or the line is indented wrongly; quote text that "
     "contains ': '",
     NULL},
    {"did not find expected key",
     "the indentation does not fit the lines above, or a quote or comma is missing", NULL},
    {"did not find expected '-' indicator", "the indentation does not fit the list above", NULL},
    {"could not find expected ':'", "a key is not followed by ': '", "key: value"},
    {"found unexpected end of stream", "a quote or bracket is not closed", NULL},
    {"did not find expected ',' or ']'", "the list is not closed, or a comma is missing", "[1, 2]"},
    {"did not find expected ',' or '}'", "the mapping is not closed, or a comma is missing",
     "{a: 1, b: 2}"},
    {"did not find expected node content",
     "a value is missing here: there is a comma or bracket too many, or text that must be in "
     "quotes",
     NULL},
    {"did not find expected <document start>",
     "there is text after the document's end; perhaps the first line is indented", NULL},
    {"control characters are not allowed", "there is a control character here: remove it", NULL},
    {"found unexpected ':'",
     "within brackets, a ':' after a key needs a space after it, and text that contains a ':' "
     "must be in quotes",
     "{key: value}"},
    {"did not find expected alphabetic or numeric character",
     "put text that begins with * or & in quotes", NULL},
    {"found undefined tag handle", "unknown tag", NULL},
    {"found unknown escape character",
     "a backslash in double quotes begins an escape, and this one is unknown: put the text in "
     "single quotes",
     NULL},
};

struct yaml_problem yaml_problem_explain(struct arena *a, const char *context, const char *problem,
                                         char at)
{
    if (!problem)
        return (struct yaml_problem){"this is not YAML", NULL};
    if (strcmp(problem, "found character that cannot start any token") == 0)
        return at == '\t'
                   ? (struct yaml_problem){"a tab cannot indent YAML: use spaces", NULL}
                   : (struct yaml_problem){"text cannot begin with this character: quote it", NULL};
    if (strstr(problem, "UTF-8") || strstr(problem, "UTF-16") || strstr(problem, "Unicode") ||
        strstr(problem, "surrogate"))
        return (struct yaml_problem){"this is not valid UTF-8: save the file as UTF-8", NULL};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(problem, known[i].problem) == 0)
            return (struct yaml_problem){known[i].message, known[i].fix};
    return (struct yaml_problem){
        context ? arena_printf(a, "%s, %s", context, problem) : arena_strdup(a, problem), NULL};
}
