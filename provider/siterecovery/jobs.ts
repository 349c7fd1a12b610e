/** Jobs: how they are told, found, waited for and sent on. */

export interface JobTask {
  name: string;
  friendlyName: string;
  /** NotStarted, InProgress, Succeeded, Failed, Other, ... */
  state: string;
  startTime?: string;
  endTime?: string;
  errors: string[];
  /** Tasks below a group task of a recovery plan; machineName where Azure names one. */
  children: JobTask[];
  machineName?: string;
  /** Of a manual action of a plan: its name, and what a person must do. */
  manualAction?: { name: string; instructions?: string };
}

export interface Job {
  id: string;
  name: string;
  /** `None` right after a start: not yet known. */
  scenarioName: string;
  state: string;
  stateDescription?: string;
  startTime?: string;
  endTime?: string;
  /** Holds the client request id that started it: `<client request id> ActivityId: <guid>` (recorded). */
  activityId?: string;
  /** The target's internal id (items) or id (plans). */
  targetObjectId?: string;
  targetObjectName?: string;
  allowedActions: string[];
  /** Only where the job was asked for by itself: lists carry neither tasks nor details (recorded). */
  tasks: JobTask[];
  errors: JobError[];
  /** Machines of a test failover or failover, where the job names them. */
  protectedItems: {
    name: string;
    friendlyName?: string;
    testVmName?: string;
    recoveryPointId?: string;
    recoveryPointTime?: string;
  }[];
}

export interface JobError {
  code: string;
  message: string;
  possibleCauses?: string;
  recommendedAction?: string;
  taskName?: string;
}

export interface WaitOptions {
  /** Real milliseconds; at the bound `Timeout` is thrown and the job goes on. */
  timeoutMs: number;
  /** Called when a task's state changes, with the job as last read. */
  onProgress?: (job: Job) => void;
}
