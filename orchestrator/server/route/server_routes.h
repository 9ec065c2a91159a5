/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The table of all routes (server_route.h): method, path, scope, part; for SERVER_ASK the op of the control
 * socket, and its field for the "*"; for SERVER_CODE the operation; for SERVER_WANDB
 * what is recorded of a request that was done; for SERVER_PAGE the file, and "link" if only
 * browsers get it. Last, the parameters that the query may have, with "#" after whole numbers; others are refused.
 * NULL: the query is not checked, as that of the page's address. */
#define SERVER_ROUTES(X)                                                                           \
    X(GET, "/healthz", SERVER_ANYBODY, SERVER_HEALTH, NULL, NULL, NULL)                            \
    X(GET, "/", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL, NULL)                             \
    X(GET, "/s/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL, NULL)                          \
    X(GET, "/t/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL, NULL)                          \
    X(GET, "/agents", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL, NULL)                       \
    X(GET, "/runs", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL, NULL)                         \
    X(GET, "/runs/*/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL, NULL)                     \
    X(GET, "/runs/*/*/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL, NULL)                   \
    X(GET, "/reports", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL, NULL)                      \
    X(GET, "/reports/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL, NULL)                    \
    X(GET, "/assets/*", SERVER_ANYBODY, SERVER_PAGE, NULL, NULL, NULL)                             \
    X(GET, "/plain", CREDENTIAL_VIEWER, SERVER_PLAIN, "sweeps", NULL, "")                          \
    X(GET, "/plain/*", CREDENTIAL_VIEWER, SERVER_PLAIN, "sweep", NULL, "")                         \
    X(POST, "/plain", SERVER_ANYBODY, SERVER_PLAIN, "sign in", NULL, "")                           \
    X(GET, "/api/v1/session", CREDENTIAL_VIEWER, SERVER_SESSION, NULL, NULL, "")                   \
    X(POST, "/api/v1/session", CREDENTIAL_VIEWER, SERVER_SESSION, NULL, NULL, "")                  \
    X(DELETE, "/api/v1/session", CREDENTIAL_VIEWER, SERVER_SESSION, NULL, NULL, "")                \
    X(GET, "/metrics", CREDENTIAL_VIEWER, SERVER_METRICS, NULL, NULL, "")                          \
    X(GET, "/api/v1/events", CREDENTIAL_VIEWER, SERVER_EVENTS, NULL, NULL, "from# brief# most#")   \
    X(GET, "/api/v1/agents", CREDENTIAL_VIEWER, SERVER_ASK, "agents", NULL, "")                    \
    X(POST, "/api/v1/agents/*/duty", CREDENTIAL_OPERATOR, SERVER_ASK, "agent", "agent",            \
      "dry_run#")                                                                                  \
    X(GET, "/api/v1/tokens", CREDENTIAL_ADMIN, SERVER_READ, NULL, NULL, "nan")                     \
    X(POST, "/api/v1/tokens/create", CREDENTIAL_ADMIN, SERVER_ASK, "token_create", NULL, "")       \
    X(POST, "/api/v1/tokens/*/revoke", CREDENTIAL_ADMIN, SERVER_ASK, "token_revoke", "token", "")  \
    X(GET, "/api/v1/audit/*", CREDENTIAL_ADMIN, SERVER_READ, NULL, NULL, "nan")                    \
    X(GET, "/api/v1/find", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "what as path place")       \
    X(GET, "/api/v1/fleet", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")                     \
    X(GET, "/api/v1/sweeps", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL,                           \
      "q state sort desc skip# limit# nan")                                                        \
    X(GET, "/api/v1/sweeps/*", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")                  \
    X(GET, "/api/v1/sweeps/*/log", CREDENTIAL_VIEWER, SERVER_ASK, "log", "sweep",                  \
      "trial# attempt# agent from# to# lines# max# fold# find")                                    \
    X(GET, "/api/v1/sweeps/*/files", CREDENTIAL_VIEWER, SERVER_ASK, "files", "sweep",              \
      "trial# attempt# agent path from# max#")                                                     \
    X(GET, "/api/v1/sweeps/*/waits", CREDENTIAL_VIEWER, SERVER_ASK, "waits", "sweep", "trial#")    \
    X(GET, "/api/v1/sweeps/*/importance", CREDENTIAL_VIEWER, SERVER_ANALYSIS, NULL, NULL,          \
      "method metric goal at nan")                                                                 \
    X(GET, "/api/v1/sweeps/*/luck", CREDENTIAL_VIEWER, SERVER_ANALYSIS, NULL, NULL, "nan")         \
    X(GET, "/api/v1/sweeps/*/surface", CREDENTIAL_VIEWER, SERVER_ANALYSIS, NULL, NULL,             \
      "x y metric goal at nan")                                                                    \
    X(GET, "/api/v1/sweeps/*/trials", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL,                  \
      "state filter sort desc reduce skip# limit# nan")                                            \
    X(GET, "/api/v1/sweeps/*/columns", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL,                 \
      "cols trials most# filter reduce nan")                                                       \
    X(GET, "/api/v1/sweeps/*/export", CREDENTIAL_VIEWER, SERVER_EXPORT, NULL, NULL,                \
      "format filter")                                                                             \
    X(GET, "/api/v1/sweeps/*/curves", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL,                  \
      "metric trials x from to points# xscale smooth agg marks nan")                               \
    X(GET, "/api/v1/sweeps/*/explain", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL,                 \
      "before# kind q trial# limit# nan")                                                          \
    X(GET, "/api/v1/sweeps/*/timeline", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL,                \
      "from to px# skip# limit# nan")                                                              \
    X(GET, "/api/v1/sweeps/*/proposals", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL,               \
      "skip# limit# nan")                                                                          \
    X(GET, "/api/v1/sweeps/*/best", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")             \
    X(GET, "/api/v1/sweeps/*/names", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")            \
    X(GET, "/api/v1/sweeps/*/rungs", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")            \
    X(GET, "/api/v1/sweeps/*/yaml", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")             \
    X(GET, "/api/v1/sweeps/*/losses", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")           \
    X(GET, "/api/v1/sweeps/*/size", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")             \
    X(GET, "/api/v1/sweeps/*/unmeasured", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")       \
    X(GET, "/api/v1/sweeps/*/pace", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")             \
    X(GET, "/api/v1/trials/*", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")                  \
    X(GET, "/api/v1/trials/*/points", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL,                  \
      "attempt# skip# limit# nan")                                                                 \
    X(GET, "/api/v1/trials/*/samples", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL,                 \
      "attempt# skip# limit# nan")                                                                 \
    X(GET, "/api/v1/trials/*/explain", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL, "nan")          \
    X(GET, "/api/v1/runs", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL,                             \
      "entity project filters as order skip# limit# nan")                                          \
    X(GET, "/api/v1/runs/*", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL, "entity project nan")     \
    X(GET, "/api/v1/runs/*/file", CREDENTIAL_VIEWER, SERVER_FILE, NULL, NULL,                      \
      "entity project name")                                                                       \
    X(GET, "/api/v1/runs/*/page", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL,                      \
      "entity project as nan")                                                                     \
    X(GET, "/api/v1/runs/*/keys", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL,                      \
      "entity project what as nan")                                                                \
    X(GET, "/api/v1/runs/*/curves", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL,                    \
      "entity project cols x points# what as nan")                                                 \
    X(GET, "/api/v1/runs/*/media", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL,                     \
      "entity project cols as nan")                                                                \
    X(GET, "/api/v1/runs/*/table", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL,                     \
      "entity project path place sort desc skip# limit# as nan")                                   \
    X(GET, "/api/v1/runs/*/cloud", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL,                     \
      "entity project path as nan")                                                                \
    X(GET, "/api/v1/runs/*/log", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL,                       \
      "entity project skip# limit# as nan")                                                        \
    X(GET, "/api/v1/runs/*/artifacts", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL,                 \
      "entity project as nan")                                                                     \
    X(POST, "/api/v1/runs/*/edit", CREDENTIAL_OPERATOR, SERVER_WANDB, "edit run", NULL, "")        \
    X(GET, "/api/v1/artifacts", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL,                        \
      "entity project name version nan")                                                           \
    X(GET, "/api/v1/artifacts/*/file", CREDENTIAL_VIEWER, SERVER_FILE, NULL, NULL, "name")         \
    X(POST, "/api/v1/sweeps/*/create", CREDENTIAL_OPERATOR, SERVER_ASK, "create", "sweep", "")     \
    X(POST, "/api/v1/sweeps/*/edit", CREDENTIAL_OPERATOR, SERVER_ASK, "edit", "sweep", "dry_run#") \
    X(POST, "/api/v1/sweeps/*/pause", CREDENTIAL_OPERATOR, SERVER_ASK, "pause", "sweep",           \
      "dry_run#")                                                                                  \
    X(POST, "/api/v1/sweeps/*/resume", CREDENTIAL_OPERATOR, SERVER_ASK, "resume", "sweep",         \
      "dry_run#")                                                                                  \
    X(POST, "/api/v1/sweeps/*/stop", CREDENTIAL_OPERATOR, SERVER_ASK, "stop", "sweep", "dry_run#") \
    X(POST, "/api/v1/sweeps/*/cancel", CREDENTIAL_OPERATOR, SERVER_ASK, "cancel", "sweep",         \
      "dry_run#")                                                                                  \
    X(POST, "/api/v1/sweeps/*/retry", CREDENTIAL_OPERATOR, SERVER_ASK, "retry", "sweep",           \
      "dry_run#")                                                                                  \
    X(POST, "/api/v1/sweeps/*/enqueue", CREDENTIAL_OPERATOR, SERVER_ASK, "enqueue", "sweep",       \
      "dry_run#")                                                                                  \
    X(POST, "/api/v1/sweeps/*/tag", CREDENTIAL_OPERATOR, SERVER_ASK, "tag", "sweep", "dry_run#")   \
    X(POST, "/api/v1/lint", CREDENTIAL_OPERATOR, SERVER_LINT, NULL, NULL, "")                      \
    X(GET, "/api/v1/views", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL, "")                       \
    X(POST, "/api/v1/views/*", CREDENTIAL_OPERATOR, SERVER_WANDB, NULL, NULL, "")                  \
    X(POST, "/api/v1/views/*/remove", CREDENTIAL_OPERATOR, SERVER_WANDB, "delete view", NULL, "")  \
    X(GET, "/api/v1/reports", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL, "")                     \
    X(GET, "/api/v1/reports/*", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL, "")                   \
    X(POST, "/api/v1/reports/*", CREDENTIAL_OPERATOR, SERVER_WANDB, NULL, NULL, "")                \
    X(POST, "/api/v1/reports/*/remove", CREDENTIAL_OPERATOR, SERVER_WANDB, "delete report", NULL,  \
      "")                                                                                          \
    X(POST, "/api/v1/join", CREDENTIAL_JOIN, SERVER_JOIN, NULL, NULL, "")                          \
    X(GET, "/api/v1/code/*", CREDENTIAL_OPERATOR, SERVER_CODE, "state", NULL, "")                  \
    X(POST, "/api/v1/code/*", CREDENTIAL_OPERATOR, SERVER_CODE, "add", NULL, "from# size#")        \
    X(GET, "/agent/v1", CREDENTIAL_AGENT, SERVER_AGENT, NULL, NULL, "")                            \
    X(GET, "/agent/v1/code/*", CREDENTIAL_AGENT, SERVER_CODE, "read", NULL, "from# max#")          \
    X(POST, "/agent/v1/wandb/*/*/*/**", CREDENTIAL_AGENT, SERVER_RELAY, NULL, NULL, NULL)          \
    X(POST, "/graphql", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL, NULL)                         \
    X(POST, "/files/*/*/*/file_stream", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL, NULL)         \
    X(PUT, "/storage/put", SERVER_SIGNED, SERVER_UPLOAD, NULL, NULL, NULL)                         \
    X(GET, "/storage/get", SERVER_SIGNED, SERVER_WANDB, NULL, NULL, NULL)                          \
    X(GET, "/artifacts/*/*", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL, NULL)                    \
    X(GET, "/artifactsV2/*/*/*/*/*/*", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL, NULL)          \
    X(GET, "/artifactsV2/*/*/*/*/*/*/*", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL, NULL)        \
    X(POST, "/sdk/otel/v1/*", SERVER_ANYBODY, SERVER_SWALLOW, NULL, NULL, NULL)                    \
    X(GET, "/*/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", "link", NULL)                        \
    X(GET, "/*/*/runs/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", "link", NULL)                 \
    X(GET, "/*/*/sweeps/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", "link", NULL)               \
    X(GET, "/*/*/artifacts/*/*/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", "link", NULL)
