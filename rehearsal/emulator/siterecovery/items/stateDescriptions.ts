/** `protectionStateDescription`: Azure's words for its states, recorded or from examples. */

const stateDescriptions: Record<string, string> = {
  UnprotectedStatesBegin: "Enabling protection",
  EnablingFailed: "Enabling protection failed",
  InitialReplicationInProgress: "Initial replication is in progress",
  InitialReplicationRecoveryCompletionPending: "Waiting for first recovery point",
  Protected: "Protected",
  UnplannedFailoverCommitPendingStatesBegin: "Failover completed",
  PlannedFailoverCommitRequired: "Planned failover finished",
  UnplannedFailoverStatesBegin: "Failover committed",
  ReplicaConfigurationInProgress: "Configuring the replica",
  UnplannedFailoverCommitted: "Failover committed",
  PlannedFailoverStatesBegin: "Planned failover committed",
  CommitPendingStatesBegin: "Planned failover finished",
  PlannedFailoverFailed: "Planned failover failed",
  UnplannedFailoverFailed: "Failover failed",
  UnplannedFailoverCompletionFailed: "Failover couldn't be completed",
};

export function stateDescription(state: string): string {
  return stateDescriptions[state] ?? state;
}
