export { Toll } from './toll.js';
export {
  ApiError,
  Conflict,
  ConnectionLost,
  Forbidden,
  InvalidRequest,
  Misconfigured,
  NotFound,
  NoUnits,
  RateLimited,
  TollError,
  Unauthenticated,
  Unavailable,
  UnreadableAnswer,
} from './errors.js';
