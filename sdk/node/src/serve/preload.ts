// Owns one side effect, on import: the protocol's pipe is out of reach before the module's own code loads; knows nothing else.

import { isMainThread } from "node:worker_threads";

import { claimPipe } from "./stdio.js";

// Workers and forked children inherit --import, and have no protocol's pipe of their own.
if (isMainThread && process.send === undefined) claimPipe();
