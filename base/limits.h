/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Every size that comes from outside is checked against one of these before memory is allocated
 * for it. docs/LIMITS.md is the same table for users. */
#define LIMIT_SPOOL_BYTES \
    (1ull << 30) /* of reports and logs of an agent, while nobody takes them */
#define LIMIT_METRIC_FILE_BYTES (4ull << 30) /* of $BESOM_METRICS; the rest is not read */

enum {
    LIMIT_SPEC_BYTES = 1 << 20,
    LIMIT_FIX_BYTES = 1 << 20,        /* of text, judged again after changes */
    LIMIT_FIX_SHOWN_BYTES = 64 << 10, /* of a text whose changes are judged before they are shown */
    LIMIT_YAML_DEPTH = 64,
    LIMIT_YAML_NODES = 50000, /* counted after aliases are expanded */
    LIMIT_YAML_KEY_BYTES = 1024,
    LIMIT_YAML_ANCHORS = 4096,
    LIMIT_YAML_DIRECTIVES = 64,
    LIMIT_DIAGS = 100, /* a longer list helps nobody */
    LIMIT_JSON_DEPTH = 64,
    LIMIT_PARAMETERS = 4096,
    LIMIT_LATTICE_STEPS = 1 << 19, /* combinations tried to count the points of a space */
    LIMIT_EXPR_BYTES = 4096,       /* one condition or expression */
    LIMIT_EXPR_NODES = 20000,      /* names, numbers and operators in all those of a spec */
    LIMIT_EXPR_DEPTH = 64,
    LIMIT_BANDS = 1000, /* of early_terminate */
    LIMIT_IMPORT_ROWS = 100000,
    LIMIT_IMPORT_BYTES = 256 << 20,   /* of a file of earlier results */
    LIMIT_IMPORT_ROW_BYTES = 1 << 20, /* of one trial in it */
    LIMIT_PRIOR_ROWS = 20,            /* the best that are kept of an earlier sweep */
    LIMIT_INITIAL = 1000,             /* configurations of initial */
    LIMIT_PATTERNS = 64,              /* of report.stdout, of report.stderr */
    LIMIT_PATTERN_BYTES = 4096,
    LIMIT_ARGV_BYTES = 1 << 20,
    LIMIT_FRAME_BYTES = 1 << 20,
    LIMIT_REQUEST_BYTES = 4 << 20,     /* to the control socket: a spec as JSON */
    LIMIT_DOCUMENT_BYTES = 64 << 20,   /* that a controller answers a question with */
    LIMIT_LINK_QUEUE_BYTES = 64 << 20, /* written to a peer that does not read it */
    LIMIT_IDENTITY_BYTES = 64 << 10,   /* a file with a key and its certificates */
    LIMIT_TLS_HANDSHAKE_BYTES = 64 << 10,
    LIMIT_PEERS = 16384,                 /* agents connected at once */
    LIMIT_PEER_QUEUE_BYTES = 1 << 20,    /* of messages of one peer; then it waits */
    LIMIT_AGENT_SWEEPS_BYTES = 64 << 20, /* memory of the sweeps that an agent was told of */
    LIMIT_METRIC_LINE_BYTES = 64 << 10,
    LIMIT_METRIC_NAME_BYTES = 1024, /* flattened */
    LIMIT_METRIC_KEYS = 10000,      /* distinct names an attempt */
    LIMIT_METRIC_BATCH_BYTES = 256 << 10,
    LIMIT_SYSTEM_FILE_BYTES = 16 << 20, /* of the samples of what an attempt uses; then no more */
    LIMIT_SLOTS = 1024,
    LIMIT_AGENT_HELD = 4 * LIMIT_SLOTS, /* attempts in a hello */
    LIMIT_LABELS = 64,                  /* of a host, of resources.labels */
    LIMIT_LABEL_BYTES = 64,             /* with the byte that ends it; of a GPU's id too */
    LIMIT_DISK_ROOM_BYTES = 16 << 20,   /* on the disk, for an attempt to be launched */
    LIMIT_DISK_ROOM_FILES = 64,
    LIMIT_LOG_BYTES = 64 << 20,        /* an attempt, head and tail together */
    LIMIT_LOG_KEPT_BYTES = 64 << 10,   /* the end of a failed attempt's log, at the controller */
    LIMIT_LOG_PIECE_BYTES = 256 << 10, /* of it, in one message */
    LIMIT_LOG_TAIL_BYTES = 16 << 20,   /* looked back over for the last lines */
    LIMIT_LOG_FIND_BYTES = 200,        /* of a text that is looked for in lines of a log */
};
/* Of the files in the folder of a trial. */
enum {
    LIMIT_TRIAL_FILES = 1000,                 /* in one list */
    LIMIT_TRIAL_FILES_SEEN = 10000,           /* files and folders looked at for it */
    LIMIT_TRIAL_FILES_DEPTH = 8,              /* names in a path */
    LIMIT_TRIAL_FILES_MS = 2000,              /* for one list; who asks waits for 5 s */
    LIMIT_TRIAL_FILES_LIST_BYTES = 128 << 10, /* of the paths of one list */
    LIMIT_TRIAL_FILES_PATH_BYTES = 1024,
    LIMIT_TRIAL_FILES_PIECE_BYTES = 256 << 10, /* of a file, in one answer */
};
/* Of the files of runs and artifacts. */
enum {
    LIMIT_FILES_ROOM_BYTES = 256 << 20, /* left free on the disk of the store */
    LIMIT_FILES_NAME_BYTES = 1024,
    LIMIT_FILES_ANSWER = 5000,       /* files named in one request or answer */
    LIMIT_MANIFEST_BYTES = 64 << 20, /* of an artifact */
    LIMIT_ALIASES = 100,             /* of an artifact; also tags */
    LIMIT_RUNS_TABLE_ROWS = 1000000,
    LIMIT_RUNS_TABLE_BYTES = 64 << 20, /* of a wandb.Table that the page shows */
    LIMIT_RUNS_TABLE_PAGE_BYTES =
        8 << 20,                        /* of the rows of one answer; of the names of its columns */
    LIMIT_RUNS_CLOUD_BYTES = 128 << 20, /* of a point cloud that the page draws */
    LIMIT_RUNS_WORK_BYTES = 1 << 30,    /* of text looked at for one such table or cloud */
    LIMIT_RUNS_NOTES_BYTES = 48 << 10,  /* of a run, as edited on the page */
};
/* Of the code of a sweep. */
enum {
    LIMIT_CODE_BYTES = 256 << 20,        /* of the files of a snapshot, not compressed */
    LIMIT_CODE_PACK_BYTES = 16 << 20,    /* of its pack, where the spec has no code.limit */
    LIMIT_CODE_FILES = 20000,            /* in it */
    LIMIT_CODE_SEEN = 200000,            /* files and folders looked at to find them */
    LIMIT_CODE_PATTERNS = 1000,          /* of code.files */
    LIMIT_CODE_DIFF_BYTES = 256 << 10,   /* kept of the difference to the commit */
    LIMIT_CODE_CHANGED = 2000,           /* files with changes whose hashes are kept */
    LIMIT_CODE_HASHED_BYTES = 256 << 10, /* of a larger one, size and time are kept */
    LIMIT_CODE_PIECE_BYTES = 1 << 20,    /* of a pack, in one request or answer */
    LIMIT_CODE_UPLOADS = 16,             /* snapshots that arrive at a controller at once */
    LIMIT_CODE_DOWNLOADS = 32,           /* connections that fetch them at once */
    LIMIT_CODE_COPIES = 16,              /* unpacked snapshots in a folder, besides those in use */
};
/* Of wandb's clients. */
enum {
    LIMIT_WANDB_BODY_BYTES = 16 << 20, /* of a request; wandb's client sends up to 10 MiB */
    LIMIT_TAGS = 64,                   /* of a sweep or trial */
    LIMIT_TAG_BYTES = 64,
    LIMIT_TAG_TRIALS = 1000, /* whose tags one action changes */
    LIMIT_PAGES = 1000,      /* views that people have saved, and reports: each */
    LIMIT_PAGE_NAME_BYTES = 120,
    LIMIT_PAGE_BODY_BYTES = 256 << 10,
    LIMIT_VIEW_BODY_BYTES = 8 << 10, /* all views are read at once */
    LIMIT_PAGE_VALUES = 10000,       /* in its JSON */
    LIMIT_WANDB_VALUES = 1 << 19,    /* in its JSON, or in that of one row */
    LIMIT_WANDB_CONNECTIONS = 512,
    LIMIT_WANDB_FILE_BYTES = 256 << 20,   /* of run-ID.wandb; the rest is not read */
    LIMIT_WANDB_FILES = 100,              /* of an attempt */
    LIMIT_WANDB_FILES_BYTES = 512 << 20,  /* of all of these; the rest is not read */
    LIMIT_WANDB_UPLOAD_BYTES = 1 << 30,   /* of one file */
    LIMIT_WANDB_HELD_BYTES = 128 << 20,   /* of bodies that arrive or wait; then the client waits */
    LIMIT_WANDB_ATTEMPT_BYTES = 32 << 20, /* of these, of one attempt */
    LIMIT_WANDB_SUMMARY = 2000,           /* names, of which some were never logged */
    LIMIT_WANDB_FILTER_BYTES = 64 << 10,  /* of the filters of Api().runs */
    LIMIT_WANDB_FILTER_TESTS = 2000,      /* and groups of them */
    LIMIT_WANDB_FILTER_REGEXES = 64,
};
/* Of the page and its API. */
enum {
    LIMIT_FILTER_BYTES = 2000, /* of trials */
};
/* Of HTTP. */
enum {
    LIMIT_HTTP_URL_BYTES = 8 << 10,
    LIMIT_HTTP_HEADERS = 100,           /* of one message */
    LIMIT_HTTP_HEADER_BYTES = 32 << 10, /* all of them together */
    LIMIT_HTTP_CHUNK_BYTES = 16 << 10,  /* extensions of the chunks of one body */
    LIMIT_HTTP_BODY_BYTES = 64 << 10,   /* of a request, where its route sets no limit */
    LIMIT_HTTP_QUEUE_BYTES = 1 << 20,   /* of replies that a client does not read; then it waits */
    LIMIT_HTTP_EVENTS_BYTES = 4 << 20,  /* of events that a client does not read */
    LIMIT_HTTP_EVENT_BYTES = 1 << 20,   /* one event, as a client reads it */
    LIMIT_HTTP_STREAMS = 64,            /* of events at once, of one credential */
    LIMIT_HTTP_CONNECTIONS = 4096,
    LIMIT_HTTP_PEER_CONNECTIONS = 1024, /* of one IP address */
    LIMIT_HTTP_PEER_STRANGERS = 256,    /* of these, without an accepted request so far */
};
/* The highest step, and its negative the lowest: 18 digits are read to the last one. */
#define LIMIT_METRIC_STEP 999999999999999999
