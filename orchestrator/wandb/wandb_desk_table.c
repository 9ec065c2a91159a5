/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/wandb_desk_table.h"

#include <string.h>

#include "orchestrator/wandb/api/api_history.h"
#include "orchestrator/wandb/api/api_probe.h"
#include "orchestrator/wandb/api/api_runs.h"
#include "orchestrator/wandb/api/api_sweeps.h"
#include "orchestrator/wandb/artifacts/artifact_change.h"
#include "orchestrator/wandb/artifacts/artifact_read.h"
#include "orchestrator/wandb/artifacts/artifact_write.h"
#include "orchestrator/wandb/desk_bucket.h"
#include "orchestrator/wandb/page/desk_edit.h"
#include "orchestrator/wandb/desk_resume.h"
#include "orchestrator/wandb/desk_run.h"
#include "orchestrator/wandb/desk_file.h"
#include "orchestrator/wandb/desk_stream.h"
#include "orchestrator/wandb/desk_viewer.h"
#include "orchestrator/wandb/page/desk_page.h"
#include "orchestrator/wandb/sweeps/desk_agent.h"
#include "orchestrator/wandb/sweeps/desk_sweep.h"
#include "orchestrator/wandb/sweeps/desk_upsert.h"

static const struct wandb_desk_operation operations[] = {
    {"Viewer", DESK_READS, desk_viewer, NULL},
    {"GetViewer", DESK_READS, desk_viewer, NULL},
    {"GetDefaultEntity", DESK_READS, desk_viewer, NULL},
    {"ServerFeaturesQuery", DESK_READS, desk_viewer_features, NULL},
    {"ServerInfo", DESK_READS, desk_viewer_server, NULL},
    {"ProbeServerCapabilities", DESK_READS, desk_viewer_probe, NULL},
    {"OrganizationCoreWeaveOrganizationID", DESK_READS, desk_viewer_organization, NULL},
    {"UpsertBucket", DESK_WRITES, desk_bucket_upsert, NULL},
    {"RunResumeStatus", DESK_READS, desk_resume, NULL},
    {"RewindRun", DESK_WRITES, desk_resume_rewind, NULL},
    {"RunStoppedStatus", DESK_READS, desk_run_stopped, NULL},
    {"NotifyScriptableRunAlert", DESK_WRITES, desk_run_alert, NULL},
    {"DeleteRun", DESK_WRITES, desk_run_remove, NULL},
    {"Run", DESK_LOOKS, api_runs_one, NULL},
    {"GetRun", DESK_LOOKS, api_runs_one, NULL},
    {"GetLightRun", DESK_LOOKS, api_runs_one, NULL},
    {"RunState", DESK_LOOKS, api_runs_one, NULL},
    {"Runs", DESK_LOOKS, api_runs_list, NULL},
    {"GetRuns", DESK_LOOKS, api_runs_list, NULL},
    {"GetLightRuns", DESK_LOOKS, api_runs_list, NULL},
    {"GetProjects", DESK_LOOKS, api_runs_projects, NULL},
    {"Projects", DESK_LOOKS, api_runs_projects, NULL},
    {"GetProject", DESK_LOOKS, api_runs_project, NULL},
    {"ProjectID", DESK_LOOKS, api_runs_project, NULL},
    {"IsProjectReadOnly", DESK_LOOKS, api_runs_project, NULL},
    {"RunFullHistory", DESK_LOOKS, api_history_full, NULL},
    {"RunSampledHistory", DESK_LOOKS, api_history_sampled, NULL},
    {"SampledHistoryPage", DESK_LOOKS, api_history_sampled, NULL},
    {"HistoryPage", DESK_LOOKS, api_history_page, NULL},
    {"RunHistoryKeys", DESK_LOOKS, api_history_keys, NULL},
    {"RunParquetHistory", DESK_LOOKS, api_history_parquet, NULL},
    {"RunConsoleLogPage", DESK_LOOKS, api_history_log, NULL},
    {"RunConsoleLogTail", DESK_LOOKS, api_history_log, NULL},
    {"GetSweep", DESK_LOOKS, api_sweeps_one, NULL},
    {"Sweep", DESK_LOOKS, api_sweeps_one, NULL},
    {"GetSweepLegacy", DESK_LOOKS, api_sweeps_one, NULL},
    {"GetSweeps", DESK_LOOKS, api_sweeps_list, NULL},
    {"GetSweepAgents", DESK_LOOKS, api_sweeps_agents, NULL},
    {"GetSweepAgent", DESK_LOOKS, api_sweeps_agent, NULL},
    {"GetAgentRuns", DESK_LOOKS, api_sweeps_agent, NULL},
    {"UpsertSweep", DESK_WRITES, NULL, desk_upsert_sweep},
    {"UpsertSweepState", DESK_WRITES, NULL, desk_upsert_sweep},
    {"SweepWithRuns", DESK_READS, desk_sweep_get, NULL},
    {"SweepConfig", DESK_READS, desk_sweep_get, NULL},
    {"GetSweepState", DESK_READS, desk_sweep_get, NULL},
    {"CreateAgent", DESK_WRITES, desk_agent_create, NULL},
    {"Heartbeat", DESK_WRITES, NULL, desk_agent_beat},
    {"StopRun", DESK_WRITES, NULL, desk_agent_stop_run},
    {"CreateRunFiles", DESK_WRITES, desk_file_create, NULL},
    {"RunFiles", DESK_READS, desk_file_list, NULL},
    {"GetRunFiles", DESK_READS, desk_file_list, NULL},
    {"deleteFiles", DESK_WRITES, desk_file_delete, NULL},
    {"MarkRunFilesUploaded", DESK_READS, desk_file_uploaded, NULL},
    {"CreateArtifact", DESK_WRITES, artifact_write_create, NULL},
    {"CreateArtifactManifest", DESK_WRITES, artifact_write_manifest, NULL},
    {"UpdateArtifactManifest", DESK_WRITES, artifact_write_manifest_again, NULL},
    {"CreateArtifactFiles", DESK_WRITES, artifact_write_files, NULL},
    {"CommitArtifact", DESK_WRITES, artifact_write_commit, NULL},
    {"UpdateArtifact", DESK_WRITES, artifact_change_update, NULL},
    {"AddAliases", DESK_WRITES, artifact_change_add_aliases, NULL},
    {"DeleteAliases", DESK_WRITES, artifact_change_drop_aliases, NULL},
    {"DeleteArtifact", DESK_WRITES, artifact_change_delete, NULL},
    {"UseArtifact", DESK_WRITES, artifact_change_use, NULL},
    {"UpdateArtifactSequence", DESK_WRITES, artifact_change_collection, NULL},
    {"UpdateArtifactSequenceType", DESK_WRITES, artifact_change_collection, NULL},
    {"DeleteArtifactSequence", DESK_WRITES, artifact_change_delete_collection, NULL},
    {"ArtifactMembershipByName", DESK_READS, artifact_read_named, NULL},
    {"ArtifactType", DESK_READS, artifact_read_type_of, NULL},
    {"ArtifactByID", DESK_READS, artifact_read_one, NULL},
    {"ArtifactManifest", DESK_READS, artifact_read_one, NULL},
    {"FetchArtifactManifest", DESK_READS, artifact_read_one, NULL},
    {"ArtifactCreatedBy", DESK_READS, artifact_read_one, NULL},
    {"ArtifactUsedBy", DESK_READS, artifact_read_one, NULL},
    {"FetchLinkedArtifacts", DESK_READS, artifact_read_one, NULL},
    {"ArtifactFileURLsByManifestEntries", DESK_READS, artifact_read_entries, NULL},
    {"ClientIDMapping", DESK_READS, artifact_read_client, NULL},
    {"ArtifactMembershipFiles", DESK_READS, artifact_read_files, NULL},
    {"GetArtifactMembershipFileUrls", DESK_READS, artifact_read_files, NULL},
    {"ProjectArtifactTypes", DESK_READS, artifact_read_types, NULL},
    {"ProjectArtifactType", DESK_READS, artifact_read_types, NULL},
    {"ProjectArtifactCollections", DESK_READS, artifact_read_collections, NULL},
    {"ArtifactTypeArtifactCollections", DESK_READS, artifact_read_collections, NULL},
    {"ProjectArtifactCollection", DESK_READS, artifact_read_collections, NULL},
    {"ProjectArtifacts", DESK_READS, artifact_read_versions, NULL},
    {"ArtifactCollectionAliases", DESK_READS, artifact_read_aliases, NULL},
    {"RunOutputArtifacts", DESK_READS, artifact_read_outputs, NULL},
    {"RunInputArtifacts", DESK_READS, artifact_read_inputs, NULL},
};

/* All whose names begin so. */
static const struct wandb_desk_operation probe = {"Probe", DESK_READS, api_probe, NULL};

static const struct wandb_desk_path paths[] = {
    {WANDB_POST, "/files/", "/file_stream", DESK_WRITES, desk_stream},
    {WANDB_POST, "/api/v1/runs/", "/edit", DESK_WRITES, desk_edit},
    {WANDB_GET, "/api/v1/views", "", DESK_READS, desk_page_get},
    {WANDB_POST, "/api/v1/views/", "", DESK_WRITES, desk_page_post},
    {WANDB_GET, "/api/v1/reports", "", DESK_READS, desk_page_get},
    {WANDB_POST, "/api/v1/reports/", "", DESK_WRITES, desk_page_post},
    {WANDB_PUT, DESK_RIGHT_PUT, "", DESK_WRITES, desk_file_put},
    {WANDB_GET, DESK_RIGHT_GET, "", DESK_READS, desk_file_get},
    {WANDB_GET, "/artifacts", "", DESK_READS, desk_file_get_md5},
};

const struct wandb_desk_operation *wandb_desk_table_find(const char *name)
{
    /* Clients before 0.20 ask for fields of further types; without them they do without. */
    if (strncmp(name, "ProbeServer", strlen("ProbeServer")) == 0)
        name = "ProbeServerCapabilities";
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    return api_probe_is(name) ? &probe : NULL;
}

const struct wandb_desk_path *wandb_desk_table_find_path(enum wandb_verb verb, const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const struct wandb_desk_path *p = &paths[i];
        size_t begin = strlen(p->begin), end = strlen(p->end);
        if (p->verb == verb && len >= begin + end && memcmp(path, p->begin, begin) == 0 &&
            strcmp(path + len - end, p->end) == 0)
            return p;
    }
    return NULL;
}
