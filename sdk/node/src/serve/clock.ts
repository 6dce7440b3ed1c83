// Owns the interface of time, so that tests have their own; knows nothing of who waits.

export interface Clock {
  /** Milliseconds; only differences mean anything. */
  now(): number;
  /** Run `then` in so many milliseconds; return what prevents that. It never keeps the process alive. */
  after(milliseconds: number, then: () => void): () => void;
}

/** The machine's monotonic clock. */
export const MONOTONIC: Clock = {
  now: () => performance.now(),
  after: (milliseconds, then) => {
    // setTimeout takes what is beyond 2^31 - 1 for 1.
    const timer = setTimeout(then, Math.min(milliseconds, 2 ** 31 - 1)).unref();
    return () => clearTimeout(timer);
  },
};
