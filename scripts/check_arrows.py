#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Include arrows: a file includes its own layer and those below; each dependency has one owner."""

import fnmatch
import re

import tree

# header -> who may include it; the first pattern that fits the header counts.
OWNERS = {
    # net/, and the shells: what puts a core on the loop.
    "uv.h": [
        "net/*", "orchestrator/driver.c", "orchestrator/control.c", "orchestrator/followers.c",
        "orchestrator/log_relay.c", "orchestrator/peers.c", "agent/shell/agent_inside.h",
        "agent/agent_signals.c", "agent/attempts.c", "agent/code/code_fetch.c",
        "agent/gpu/gpu_slots.c", "agent/gpu/gpu_watcher.c", "agent/metrics/spool_keeper.c", "agent/telemetry/sampler.c", "agent/wandb/wandb_forward.c", "cli/earlier/wandb_sink.c",
        "cli/run/local.c",
        "cli/screen/keyboard.c",
        "cli/watch/watch_screen.c",
        "orchestrator/server/*", "orchestrator/wandb/wandb_desk.c", "orchestrator/wandb/agents/*",
        "orchestrator/alert/*", "cli/fleet/agent.c", "cli/fleet/serve.c", "cli/remote/remote.c"
    ],
    "http_parser.h": ["net/http/http_parse.c"],
    "openssl/*": ["net/tls/openssl.h"],
    "cjson/*": ["base/json.c"],
    "yaml.h": ["base/yaml/yaml_events.c"],
    "gsl/*": ["base/number/dist.c", "strategies/*"],
    "nlopt.h": ["strategies/model/minimum.c"],
    "sqlite3.h": ["orchestrator/store/*"],
    "zstd.h": ["base/compress/compress.c"],
    "zlib.h": ["base/compress/inflate.c"],
    "pcre2.h": ["base/regex.c"],
}

LIBC = set(
    """assert ctype dirent dlfcn errno fcntl fenv float fnmatch getopt ifaddrs inttypes langinfo limits locale math
    netdb poll pthread pwd sched signal spawn stdalign stdarg stdatomic stdbool stddef stdint stdio
    stdlib stdnoreturn string strings syslog termios threads time unistd wchar wctype""".split()
)
LIBC_FOLDERS = ("sys/", "linux/", "netinet/", "arpa/")

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


# Within a layer: a folder that must not include another. The reader says what is wrong, the advice what to write.
NOT_WITHIN = [("language/reader/", "language/advice/")]


def check_ours(findings, path, line, header):
    layer, target = path.split("/")[0], header.split("/")[0]
    if "/" not in header or target not in tree.LAYERS:
        findings.add(path, line, f'"{header}" names no layer: write "base/err.h", from the root')
    elif target != layer and target not in tree.LAYERS[layer]:
        below = ", ".join(tree.LAYERS[layer]) or "nothing"
        findings.add(path, line, f"{layer}/ may not include {target}/ (it may: itself, {below})")
    for folder, other in NOT_WITHIN:
        if path.startswith(folder) and header.startswith(other):
            findings.add(path, line, f"{folder} may not include {other}")


def check_system(findings, path, line, header):
    for pattern, owners in OWNERS.items():
        if fnmatch.fnmatch(header, pattern):
            if not any(fnmatch.fnmatch(path, owner) for owner in owners):
                findings.add(path, line, f"<{header}> belongs to {', '.join(owners)} alone")
            return
    if header[:-2] not in LIBC and not header.startswith(LIBC_FOLDERS):
        findings.add(path, line, f"<{header}> is no dependency of ours: see docs/DEPENDENCIES.md")


def run(root):
    findings = tree.Findings("arrows")
    paths = tree.files(root, ".c", ".h", under=tree.LAYERS)
    for path in paths:
        text = tree.read(root, path)
        for m in INCLUDE.finditer(text):
            line = text.count("\n", 0, m.start(2)) + 1
            check = check_ours if m.group(1) == '"' else check_system
            check(findings, path, line, m.group(2))
    return findings.end(f"{len(paths)} files")


if __name__ == "__main__":
    tree.main(run)
