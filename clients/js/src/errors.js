// What can go wrong, one class for each thing that a caller does about it.

export class TollError extends Error {
  constructor(message, options) {
    super(message, options);
    /** The Idempotency-Key of a change: sending it again with the same request changes nothing twice. */
    this.idempotencyKey = undefined;
  }
}

/** No answer, after every attempt: whether the request was carried out is not known. */
export class ConnectionLost extends TollError {}

/** TLS that fails, a name that does not exist, a redirect: no attempt succeeds until somebody changes something. */
export class Misconfigured extends TollError {}

/** An answer that is no JSON, or has a number that JavaScript cannot hold exactly. */
export class UnreadableAnswer extends TollError {}

/** The server's refusal. */
export class ApiError extends TollError {
  constructor({ status, code, detail, retryAfter }) {
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    /** Seconds, where the server said so. */
    this.retryAfter = retryAfter;
  }
}

export class InvalidRequest extends ApiError {}
export class Unauthenticated extends ApiError {}
export class NoUnits extends ApiError {}
export class Forbidden extends ApiError {}
export class NotFound extends ApiError {}
/** The state does not allow it; `code` says why: patient_busy, insufficient_balance, ... */
export class Conflict extends ApiError {}
export class RateLimited extends ApiError {}
/** Overload, shutdown, a full disk, or a fault of the server. */
export class Unavailable extends ApiError {}

const byStatus = new Map([
  [401, Unauthenticated],
  [402, NoUnits],
  [403, Forbidden],
  [404, NotFound],
  [408, Unavailable],
  [409, Conflict],
  [422, Conflict],
  [429, RateLimited],
]);

/** The error for an answer that is no success. */
export function apiError(problem) {
  const Class = byStatus.get(problem.status) ?? (problem.status >= 500 ? Unavailable : InvalidRequest);
  return new Class(problem);
}

// Kept under these names by whatever shortens the names of classes.
const classes = { TollError, ConnectionLost, Misconfigured, UnreadableAnswer, ApiError, InvalidRequest };
Object.assign(classes, { Unauthenticated, NoUnits, Forbidden, NotFound, Conflict, RateLimited, Unavailable });
for (const [name, Class] of Object.entries(classes)) Class.prototype.name = name;
