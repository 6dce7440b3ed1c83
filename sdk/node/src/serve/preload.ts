// Owns what is done before a module's own code loads: the protocol's pipe gets out of reach; knows nothing of what follows.

import { isMainThread } from "node:worker_threads";

import { BadModule } from "../types/errors.js";
import { EXIT_STATUS_DO_NOT_RESTART } from "../types/limits.js";
import { claimPipe } from "./stdio.js";

// Workers and forked children inherit --import, and have no protocol's pipe of their own.
if (isMainThread && process.send === undefined) {
  claimPipe();
  // A module that cannot be defined today cannot be defined a second later either.
  process.on("uncaughtExceptionMonitor", (error) => {
    if (!(error instanceof BadModule)) return;
    // Only here is it the last word: Node sets its own status before this event.
    process.once("exit", () => (process.exitCode = EXIT_STATUS_DO_NOT_RESTART));
  });
}
