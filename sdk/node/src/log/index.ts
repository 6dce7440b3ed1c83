// Owns the log: lines of JSON on standard error (HUB-LOG-1); knows nothing of the connection or of calls.

import type { LogLevel } from "../types/wire.js";

/** The hub cuts a line there, and a cut line is JSON no more (HUB-LOG-1). */
const MAX_LINE_BYTES = 8192;
/** Escaped, a character is at most six bytes: what is kept of a long message fits into a line with room for the rest. */
const SHORT_MESSAGE_CHARS = 1000;

export type Fields = Readonly<Record<string, unknown>>;

/** Never write secrets: a log is kept and shown (HUB-LOG-2). */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warning(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Return a log whose lines carry this name. */
  named(logger: string): Log;
}

/** Return a log that gives each line, its line feed included, to `write`. */
export function createLog(write: (line: string) => void, logger?: string): Log {
  const at = (level: LogLevel) => (message: string, fields?: Fields) => write(`${toLine(level, message, logger, fields)}\n`);
  return {
    debug: at("debug"),
    info: at("info"),
    warning: at("warning"),
    error: at("error"),
    named: (name) => createLog(write, name),
  };
}

function toLine(level: LogLevel, message: string, logger?: string, fields?: Fields): string {
  const named = logger === undefined ? {} : { logger };
  let line: string;
  try {
    line = JSON.stringify({ level, message: String(message), ...named, ...(fields ? { fields } : {}) }, readable);
  } catch {
    // A circle, or a toJSON that throws: the message still has to be heard.
    line = JSON.stringify({ level, message: String(message), ...named, fields: { dropped: "they are not JSON" } });
  }
  if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return line;
  const kept = String(message).slice(0, SHORT_MESSAGE_CHARS);
  return JSON.stringify({ level, message: kept, ...named, fields: { cut_from_bytes: Buffer.byteLength(line) } });
}

function readable(_name: string, value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? `${value.name}: ${value.message}`;
  return typeof value === "bigint" ? String(value) : value;
}

/** The log of this process. */
export const log: Log = createLog((line) => {
  // By way of the stream, which waits for a slow reader and not for ever: fs.writeSync would throw EAGAIN.
  process.stderr.write(line);
});
