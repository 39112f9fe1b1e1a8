// JSON whose integers are exact: beyond 2^53 a JavaScript number would silently be another one.
import { UnreadableAnswer } from './errors.js';
import { withIds } from './ids.js';

const isExact = (value) => typeof value !== 'number' || Number.isSafeInteger(value);

/** Throws RangeError for a number that is no exact integer. */
export function encode(body) {
  return JSON.stringify(body, (name, given) => {
    const value = withIds(name, given);
    if (typeof value === 'bigint' || !isExact(value)) {
      throw new RangeError(`'${name}' is ${value}: not an integer between -(2^53 - 1) and 2^53 - 1`);
    }
    return value;
  });
}

/** Throws UnreadableAnswer. */
export function decode(text) {
  try {
    return JSON.parse(text, (name, value) => {
      if (!isExact(value)) {
        throw new UnreadableAnswer(`'${name}' in the answer is too large to be exact in JavaScript`);
      }
      return value;
    });
  } catch (error) {
    if (error instanceof UnreadableAnswer) throw error;
    throw new UnreadableAnswer('the answer is no JSON', { cause: error });
  }
}
