# SPDX-License-Identifier: GPL-3.0-or-later
"""The argv that W&B's agent builds from a sweep's command and a run's arguments."""
import json
import os
import re

DEFAULT = ["${env}", "${interpreter}", "${program}", "${args}"]


def pairs(args, form):
    return [form % (k, v) for k, v in args.items()]


def booleans_bare(args):
    return [("--%s" % k if v else None) if isinstance(v, bool) else "--%s=%s" % (k, v)
            for k, v in args.items()]


MACROS = {
    "${env}": lambda s, a: ["/usr/bin/env"],
    "${interpreter}": lambda s, a: ["python"],
    "${program}": lambda s, a: [s["program"]],
    "${args}": lambda s, a: pairs(a, "--%s=%s"),
    "${args_no_equals}": lambda s, a: [x for k, v in a.items() for x in ("--" + k, str(v))],
    "${args_no_hyphens}": lambda s, a: pairs(a, "%s=%s"),
    "${args_append_hydra}": lambda s, a: pairs(a, "+%s=%s"),
    "${args_override_hydra}": lambda s, a: pairs(a, "++%s=%s"),
    "${args_no_boolean_flags}": lambda s, a: [x for x in booleans_bare(a) if x],
    "${args_json}": lambda s, a: [json.dumps(a)],
    "${args_dict}": lambda s, a: list(a),
}


def argv(config, args):
    """args: nested, in the order of their names."""
    made = []
    for word in config.get("command") or DEFAULT:
        word = re.sub(r"\$\{envvar:([A-Z0-9_]*)\}", lambda m: os.environ.get(m.group(1), m.group(1)),
                      str(word))
        if word.startswith("${") and word.endswith("}"):
            made += MACROS.get(word, lambda s, a: [])(config, args)
        else:
            made.append(word)
    return [str(word) for word in made]
