// Owns who may touch the two ends of the protocol's pipe: moves them to descriptors of their own; knows nothing of messages.
//
// Node has no dup2. But opening /dev/fd/N gives a new descriptor of the same pipe, and POSIX promises that open() takes the lowest
// number that is free: close(1) and open("/dev/fd/2") make descriptor 1 the log, for JavaScript, C and children alike.

import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { isatty } from "node:tty";

export interface ProtocolPipe {
  input: number;
  output: number;
  /** Whether descriptor 1 is out of reach of everybody; if not, only JavaScript's ways to it are closed. */
  moved: boolean;
}

// Preload and module may come from two copies of this package, and the pipe is one for the whole process.
const CLAIMED = Symbol.for("hub-sdk.protocol-pipe");
type Claims = { [CLAIMED]?: ProtocolPipe };

/** Move the protocol's pipe away from descriptors 0 and 1, once; later calls return what the first one did. */
export function claimPipe(): ProtocolPipe {
  const claims = process as unknown as Claims;
  return (claims[CLAIMED] ??= { ...claimInput(), ...claimOutput() });
}

function claimInput(): { input: number } {
  // By hand on a terminal there is no pipe, and nothing to protect.
  const input = isatty(0) ? undefined : reopen(0, constants.O_RDONLY | constants.O_NONBLOCK);
  if (input === undefined) return { input: 0 };
  // A child that inherits standard input must not eat frames: it reads the end of a file instead.
  return replace(0, () => openSync("/dev/null", constants.O_RDONLY)) ? { input } : { input: 0 };
}

function claimOutput(): { output: number; moved: boolean } {
  // A file opened twice has two positions, and what the shell writes behind the module would overwrite it.
  const output = fstatSync(1).isFile() ? undefined : reopen(1, constants.O_WRONLY);
  const moved = output !== undefined && replace(1, openLog);
  // For the same reason both descriptors of a log that is a file have to append.
  if (moved && fstatSync(2).isFile()) replace(2, () => reopen(1, LOG_FLAGS) as number);
  // Where the system cannot do it (a file, a socket on Linux, Windows), at least what JavaScript prints goes to the log.
  if (!moved) Object.defineProperty(process, "stdout", { configurable: true, get: () => process.stderr });
  return moved ? { output: output as number, moved } : { output: 1, moved };
}

const LOG_FLAGS = constants.O_WRONLY | constants.O_APPEND;

function openLog(): number {
  return reopen(2, LOG_FLAGS) ?? openSync("/dev/null", constants.O_WRONLY);
}

function replace(descriptor: number, open: () => number): boolean {
  closeSync(descriptor);
  const opened = open();
  if (opened === descriptor) return true;
  // Another thread was quicker to open something, which only code that ran before this can have started.
  closeSync(opened);
  throw new Error(`cannot take descriptor ${descriptor}: start the module with --import hub-sdk/preload, before other code runs`);
}

function reopen(descriptor: number, flags: number): number | undefined {
  for (const directory of ["/dev/fd", "/proc/self/fd"]) {
    try {
      return openSync(`${directory}/${descriptor}`, flags);
    } catch {
      // A socket (ENXIO), or no such directory here.
    }
  }
  return undefined;
}

/** Return whether a descriptor is something that is read and written as a stream of the event loop: a pipe or a socket. */
export function isStream(descriptor: number): boolean {
  const status = fstatSync(descriptor);
  return status.isFIFO() || status.isSocket();
}
