// Time that runs out, and pauses that a signal ends. React Native's signals have no reason.

/** What a signal that was aborted is told as. */
function reasonOf(signal) {
  return signal.reason ?? Object.assign(new Error('the call was aborted'), { name: 'AbortError' });
}

/** A signal that aborts after `ms`, or with `outer`; push() gives it the whole time again. */
export function deadline(ms, outer) {
  const controller = new AbortController();
  const forward = () => controller.abort(outer.reason);
  let end;
  let timer;
  let passed = false;
  const push = () => {
    clearTimeout(timer);
    end = Date.now() + ms;
    timer = setTimeout(() => {
      passed = true;
      controller.abort();
    }, ms);
  };
  push();
  if (outer?.aborted) forward();
  outer?.addEventListener('abort', forward);
  return {
    signal: controller.signal,
    push,
    passed: () => passed,
    left: () => end - Date.now(),
    aborted: () => outer?.aborted ?? false,
    reason: () => reasonOf(outer),
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', forward);
    },
  };
}

/** Rejects with the signal's reason when that is aborted meanwhile. */
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(reasonOf(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) return stop();
    signal?.addEventListener('abort', stop);
  });
}
