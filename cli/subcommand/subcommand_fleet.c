/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cmd.h"
#include "cli/subcommand/subcommand_list.h"
#include "cli/subcommand/subcommand_options.h"

const struct subcommand subcommand_serve = {
    "serve",
    "run the controller of a fleet",
    NULL,
    0,
    0,
    "Runs the sweeps of its store on the agents that have joined it, and answers the commands "
    "of people with a token. It listens only on this machine unless --listen names an "
    "address; beyond this machine it uses TLS. The first start prints an admin link and a "
    "join string; later starts do not. A line on stderr tells when an agent connects, goes "
    "away, leaves or is lost, and when a sweep begins, ends or is paused.\n"
    "When it ends, trainings continue. Their agents keep what they report, and send it to the "
    "next besom serve of this store.\n"
    "With --alert, besom tells a program or URL once when a sweep ends, is paused by besom or "
    "needs attention, and when an agent is away or has trouble. A restart repeats no alert. A "
    "message may take 30 s; failures are printed.",
    "besom serve --listen 0.0.0.0:8470\n"
    "besom token create --scope join\n",
    subcommand_options_serve,
    cmd_serve,
};

const struct subcommand subcommand_agent = {
    "agent",
    "run trials on this host for a controller",
    NULL,
    0,
    0,
    "Joins the controller of the string that --join gives, once. From then on `besom agent` "
    "connects to it without the string. It runs trials in its slots until a signal ends it.\n"
    "SIGTERM and SIGUSR1 (the host is taken away) and Ctrl-C end the trainings by SIGTERM, "
    "with "
    "30 s to exit; their trials go back to the queue at no cost. SIGHUP ends only the agent: "
    "trainings continue, and the next agent adopts them.",
    "besom agent --join 'https://gpu0:8470#sha256:…,bsm_join_…'\n"
    "besom agent --slots 4 --workdir ~/project\n",
    subcommand_options_agent,
    cmd_agent,
};

const struct subcommand subcommand_sweep = {
    "sweep",
    "create a sweep on a controller, without running it here",
    "SPEC",
    1,
    1,
    "Creates a sweep of the YAML file SPEC and prints its id. The controller that --server "
    "names runs it on its agents. In a store of this machine, the process that writes the "
    "store runs it, or the next besom run does. Trainings run in the spec's workdir; a "
    "relative one is below "
    "the --workdir of each agent.\n"
    "With --snapshot, or `code: snapshot` in the spec, the project's files are sent to the "
    "controller: all trials run them as they are now, on every agent.",
    "besom sweep sweep.yaml\n"
    "besom sweep sweep.yaml --snapshot\n"
    "besom sweep sweep.yaml --server 'https://gpu0:8470#sha256:…'\n",
    subcommand_options_sweep,
    cmd_sweep,
};

const struct subcommand subcommand_wandb = {
    "wandb",
    "print the variables that make scripts with wandb report to a controller",
    NULL,
    0,
    0,
    "Prints lines for the shell that set WANDB_BASE_URL and WANDB_API_KEY to the controller in "
    "$BESOM_SERVER and the token in $BESOM_TOKEN. Scripts, wandb sweep and wandb agent then "
    "use that controller. Checks first that it answers and accepts the token.\n"
    "If the controller has a certificate of its own, wandb and Python are told to trust it: "
    "SSL_CERT_FILE and REQUESTS_CA_BUNDLE name a file with that certificate and all that are "
    "trusted on this machine. After an error the only line is `false`, so that eval fails.",
    "eval \"$(besom wandb)\" && python train.py\n",
    subcommand_options_wandb,
    cmd_wandb,
};

const struct subcommand subcommand_agents = {
    "agents",
    "list the agents: their state, slots and trials",
    NULL,
    0,
    0,
    "Lists the agents that the running controller of the store knows. The state is up, away "
    "(not connected), draining, cordoned or gone. `seen` is how long ago an agent was last heard "
    "from; `>2m05s`: not since the controller began, 2m05s ago.",
    "besom agents\nbesom agents --json\n",
    subcommand_options_agents,
    cmd_agents,
};

const struct subcommand subcommand_drain = {
    "drain",
    "start no new trials on an agent, and end it after the running ones",
    "AGENT",
    1,
    1,
    "The running trials continue to their end; then the process of the agent exits with 0. "
    "AGENT is its name, or the beginning of it.",
    "besom drain gpu1 --wait\n",
    subcommand_options_drain,
    cmd_agents_steer,
};

const struct subcommand subcommand_cordon = {
    "cordon",
    "start no new trials on an agent",
    "AGENT",
    1,
    1,
    "The running trials continue, and the agent stays connected. A cordon lasts until besom "
    "uncordon, also when the controller or the agent is restarted.",
    "besom cordon gpu1\n",
    subcommand_options_cordon,
    cmd_agents_steer,
};

const struct subcommand subcommand_uncordon = {
    "uncordon",
    "start new trials on an agent again",
    "AGENT",
    1,
    1,
    "Ends a cordon, or a drain while the agent is still up. Also lets the agent try again to "
    "start the trials of sweeps that it could not start, and to use GPUs in quarantine.",
    "besom uncordon gpu1\n",
    subcommand_options_cordon,
    cmd_agents_steer,
};

const struct subcommand subcommand_forget = {
    "forget",
    "take an agent that does not return out of the list",
    "AGENT",
    1,
    1,
    "AGENT must be away or gone. The trials held for it run again elsewhere at once; those of "
    "a paused sweep, when it resumes. Training that still runs on its host is not ended.",
    "besom forget gpu1\n",
    subcommand_options_cordon,
    cmd_agents_steer,
};

const struct subcommand subcommand_token = {
    "token",
    "make, list and revoke the tokens of a store",
    "create|list|revoke [ID]",
    1,
    2,
    "A token identifies its holder to a controller; its scope says what they may do. admin may "
    "do everything; operator may create and steer sweeps, which means running commands on "
    "every agent; viewer may look; join lets one agent join, once; agent is for an agent on "
    "the machine of the controller.\n"
    "besom token create prints the token, once: the store keeps only its hash. A join token "
    "lasts for 1 h, others for ever, unless --expires says otherwise. The --name of a join "
    "token is that of the agent: it replaces an agent that has this name already.\n"
    "besom token list prints the tokens; when each was used last is recorded once an hour. "
    "besom token revoke ends one, and its open connections, at once.",
    "besom token create --scope viewer --name dashboard --expires 30d\n"
    "besom token create --scope join\n"
    "besom token list\n"
    "besom token revoke k3f9a1b2\n",
    subcommand_options_token,
    cmd_token,
};

const struct subcommand subcommand_audit = {
    "audit",
    "show who asked for what",
    NULL,
    0,
    0,
    "Prints the newest actions that somebody asked for, the newest last: what was asked, by "
    "which token or local user, from where, and the outcome. Requests without a valid token "
    "are not included; the log has them.",
    "besom audit --limit 20\n"
    "besom audit --json --limit 0\n",
    subcommand_options_audit,
    cmd_audit,
};
