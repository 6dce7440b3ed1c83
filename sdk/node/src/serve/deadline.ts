// Owns when a call's caller stops waiting, which moves while the hub waits for a person (HUB-HOST-6); knows no call and no hub.

import type { Clock } from "./clock.js";

/** Of one call, all its questions together: what the protocol allows a person. */
const PATIENCE_MILLISECONDS = 300_000;

export class Deadline {
  readonly #clock: Clock;
  readonly #passed: () => void;
  #at: number;
  #patience = PATIENCE_MILLISECONDS;
  #holds = 0;
  #since = 0;
  #stopTimer: () => void;

  /** Calls `passed` in so many milliseconds, unless it moves. */
  constructor(milliseconds: number, clock: Clock, passed: () => void) {
    this.#clock = clock;
    this.#passed = passed;
    this.#at = clock.now() + milliseconds;
    this.#stopTimer = clock.after(milliseconds, passed);
  }

  /** Milliseconds left, not below 0. */
  get remaining(): number {
    return Math.max(0, this.#at - this.#clock.now());
  }

  /** Let the clock stand still until `release`: the hub is at work for this call, and may be asking a person. */
  hold(): void {
    this.#holds += 1;
    if (this.#holds > 1) return;
    this.#since = this.#clock.now();
    this.#wait();
  }

  /**
   * Let the clock go on. What a called module asks a person is told to nobody; but an answer behind the deadline shows that it has
   * moved, so only a question of this module's own does `surely`.
   */
  release(surely: boolean): void {
    this.#holds -= 1;
    const now = this.#clock.now();
    if (surely || now > this.#at) {
      const moved = Math.min(now - this.#since, this.#patience);
      this.#at += moved;
      this.#patience -= moved;
      this.#since = now;
    }
    this.#wait();
  }

  #wait(): void {
    this.#stopTimer();
    const left = this.#at - this.#clock.now() + (this.#holds > 0 ? this.#patience : 0);
    this.#stopTimer = this.#clock.after(Math.max(0, left), this.#passed);
  }

  stop(): void {
    this.#stopTimer();
  }
}
