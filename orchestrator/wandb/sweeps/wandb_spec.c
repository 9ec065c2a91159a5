/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/sweeps/wandb_spec.h"

#include <string.h>

#include "base/limits.h"
#include "language/obeyed.h"
#include "language/spec_read.h"

static const char *finding_text(struct arena *a, const struct diag *d)
{
    const char *path = d->path && *d->path ? arena_printf(a, "%s: ", d->path) : "";
    return d->fix ? arena_printf(a, "%s%s; write: %s", path, d->message, d->fix)
                  : arena_printf(a, "%s%s", path, d->message);
}

/* Function agents need none. */
static bool finding_is_program(const struct diag *d)
{
    return strstr(d->message, "there is nothing to run") != NULL;
}

static int findings_judge(struct arena *a, const struct diags *diags, struct value *warnings,
                          struct err *err)
{
    const char *errors = NULL;
    for (size_t i = 0; i < diags->n; i++) {
        const struct diag *d = &diags->items[i];
        if (d->severity == DIAG_ERROR)
            errors =
                errors ? arena_printf(a, "%s\n%s", errors, finding_text(a, d)) : finding_text(a, d);
        else if (d->severity == DIAG_WARNING && !finding_is_program(d))
            value_push(a, warnings, value_str(a, finding_text(a, d)));
    }
    return errors ? err_set(err, ERR_SPEC, "Invalid sweep config: %s", errors) : 0;
}

/* W&B's ways to have another program propose: here the controller does. */
static int content_judge(const struct value *content, struct err *err)
{
    const char *type = value_get_str(value_get(content, "controller"), "type", "cloud");
    if (strcmp(type, "local") == 0)
        return err_set(err, ERR_SPEC,
                       "besom proposes the runs itself: leave out `controller: {type: local}`");
    if (value_get(content, "scheduler"))
        return err_set(err, ERR_SPEC,
                       "besom proposes the runs itself: leave out `scheduler`, and choose a "
                       "`method` (bayes, tpe, cmaes, sobol, random, grid)");
    if (value_get(content, "prior"))
        return err_set(err, ERR_SPEC,
                       "`prior` is not supported here: make the sweep by besom sweep, or use "
                       "wandb sweep --prior_run");
    if (value_get_str(value_get(content, "budget"), "until", NULL))
        return err_set(err, ERR_SPEC,
                       "`budget.until` is not supported here: make the sweep by besom sweep");
    return 0;
}

static const struct value *content_for(struct arena *a, const struct value *content,
                                       const struct wandb_spec *as)
{
    struct value *v = value_copy(a, content);
    struct value *resources = value_dict(a), *labels = value_list(a);
    const struct value *given = value_get(v, "resources"), *known = value_get(given, "labels");
    for (size_t i = 0; given && given->kind == VALUE_DICT && i < given->dict.n; i++)
        value_put(a, resources, given->dict.entries[i].key, given->dict.entries[i].value);
    for (size_t i = 0; known && known->kind == VALUE_LIST && i < known->list.n; i++)
        value_push(a, labels, known->list.items[i]);
    value_push(a, labels, value_str(a, arena_printf(a, "wandb:%s", as->sweep)));
    value_put(a, resources, "labels", labels);
    value_put(a, v, "resources", resources);
    value_put(a, v, "entity", value_str(a, as->entity));
    value_put(a, v, "project", value_str(a, as->project));
    if (as->prior)
        value_put(a, v, "prior", value_copy(a, as->prior));
    if (as->name)
        value_put(a, v, "name", value_str(a, as->name));
    return v;
}

int wandb_spec_read(struct arena *a, const char *yaml, const struct wandb_spec *as,
                    struct value *warnings, struct spec **ret, struct err *err)
{
    struct diags diags;
    if (strlen(yaml) > LIMIT_SPEC_BYTES)
        return err_set(err, ERR_SPEC, "it is larger than a spec may be (%d bytes)",
                       LIMIT_SPEC_BYTES);
    diags_init(&diags, a, "sweep.yaml");
    struct spec *given = spec_look(yaml, strlen(yaml), NULL, &diags);
    int rc = given->content ? content_judge(given->content, err) : 0;
    if (rc == 0 && diags.errors == 0)
        obeyed_check(given, OBEYED_FLEET, &diags);
    if (rc == 0)
        rc = findings_judge(a, &diags, warnings, err);
    if (rc == 0) {
        struct diags again;
        diags_init(&again, a, "sweep.yaml");
        *ret = spec_read_content(content_for(a, given->content, as), &again);
        if (!*ret)
            rc = findings_judge(a, &again, value_list(a), err);
    }
    spec_free(given);
    return rc;
}
