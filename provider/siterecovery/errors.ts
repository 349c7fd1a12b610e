/**
 * Errors by meaning. Callers test the class, never a text or a status number. Every message reads
 * `<doing> <kind> "<name>": <what is wrong> (<Azure's code>). <what to do>`.
 */

export interface SiteRecoveryErrorDetails {
  /** Azure's most telling code: the inner one where there is one. */
  code?: string;
  resourceId?: string;
  /** What was being done, e.g. `starting testFailover`. */
  operation?: string;
  requestId?: string;
  possibleCauses?: string;
  recommendedAction?: string;
  statusCode?: number;
  cause?: unknown;
}

export class SiteRecoveryError extends Error {
  readonly code: string | undefined;
  readonly resourceId: string | undefined;
  readonly operation: string | undefined;
  readonly requestId: string | undefined;
  readonly possibleCauses: string | undefined;
  readonly recommendedAction: string | undefined;
  readonly statusCode: number | undefined;
  readonly retryable: boolean = false;

  constructor(message: string, details: SiteRecoveryErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.resourceId = details.resourceId;
    this.operation = details.operation;
    this.requestId = details.requestId;
    this.possibleCauses = details.possibleCauses;
    this.recommendedAction = details.recommendedAction;
    this.statusCode = details.statusCode;
  }
}

/** What was asked for is not there. */
export class NotFound extends SiteRecoveryError {}

/** Something else holds the resource: another job, a different setting, a use elsewhere. */
export class Conflict extends SiteRecoveryError {}

/** The target's state does not allow the action; nothing was started. */
export class NotAllowedInState extends SiteRecoveryError {}

/** Azure took the request, and the job ended badly. */
export class JobFailed extends SiteRecoveryError {
  readonly jobName: string | undefined;
  constructor(message: string, details: SiteRecoveryErrorDetails & { jobName?: string } = {}) {
    super(message, details);
    this.jobName = details.jobName;
  }
}

/** Our bound for waiting was reached; what runs goes on running. */
export class Timeout extends SiteRecoveryError {
  readonly jobName: string | undefined;
  constructor(message: string, details: SiteRecoveryErrorDetails & { jobName?: string } = {}) {
    super(message, details);
    this.jobName = details.jobName;
  }
}

/** A request whose outcome nobody knows (connection lost, 5xx): look at the target before sending again. */
export class Unclear extends SiteRecoveryError {
  override readonly retryable = true;
}

/** Azure refused the request itself. */
export class InvalidInput extends SiteRecoveryError {}

/** Missing or wrong configuration, credentials or rights. */
export class Unauthorized extends SiteRecoveryError {}
