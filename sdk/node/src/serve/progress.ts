// Owns how often one call reports progress (HUB-PROG-1, HUB-PROG-2); knows nothing of the connection.

import { PROGRESS_PER_SECOND } from "../types/limits.js";
import type { Clock } from "./clock.js";

export interface Report {
  done: number;
  total?: number;
  message?: string;
}

const WINDOW_MILLISECONDS = 1000;
// One in hand for the last report, which is sent whenever the call ends.
const REPORTS_IN_WINDOW = PROGRESS_PER_SECOND - 1;

/** Sends reports at once while there were few in the last second, then the newest one as soon as it may; never loses the last. */
export class ProgressPace {
  // When the last reports were sent, oldest first; never more than REPORTS_IN_WINDOW.
  readonly #sent: number[] = [];
  #lastDone = -Infinity;
  #held: Report | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(
    readonly clock: Clock,
    readonly send: (report: Report) => void,
  ) {}

  /** Report; one that falls behind an earlier one is dropped. */
  report(report: Report): void {
    if (report.done < this.#lastDone) return;
    this.#lastDone = report.done;
    this.#held = report;
    const oldest = this.#sent.length < REPORTS_IN_WINDOW ? -Infinity : (this.#sent[0] as number);
    const wait = oldest + WINDOW_MILLISECONDS - this.clock.now();
    if (wait <= 0) this.flush();
    else this.#cancelTimer ??= this.clock.after(wait, () => this.flush());
  }

  /** Send what is held, now. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const report = this.#held;
    if (report === undefined) return;
    this.#held = undefined;
    if (this.#sent.push(this.clock.now()) > REPORTS_IN_WINDOW) this.#sent.shift();
    this.send(report);
  }
}
