// Owns what can be told of a JSON text by looking at its bytes once, before and beside a parser; knows nothing of messages.
//
// All of it is linear, and none of it minds a text that is not JSON at all.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;

// Beyond this a search by the machine's own means is quicker than looking at byte after byte.
const SHORT_BYTES = 64;

export interface Seen {
  /** How deep arrays and objects nest; counting ends one beyond the limit. */
  depth: number;
  /** Colons outside of strings: in valid JSON, the number of members of all objects. */
  members: number;
  /** Whether a string has an escape that could be half of a surrogate pair. */
  surrogates: boolean;
}

/** Return what is seen in `text`; gives up where it nests deeper than `maxDepth`. */
export function look(text: Uint8Array, maxDepth: number): Seen {
  let depth = 0;
  const seen = { depth: 0, members: 0, surrogates: false };
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] as number;
    // | 0x20 makes one of [ and {, and one of ] and }; what else it makes of other bytes does not matter to these two tests.
    if (byte === QUOTE) {
      at = skipString(text, at, seen);
    } else if (byte === COLON) {
      seen.members += 1;
    } else if ((byte | 0x20) === 0x7b) {
      depth += 1;
      if (depth > seen.depth) seen.depth = depth;
      if (depth > maxDepth) return seen;
    } else if ((byte | 0x20) === 0x7d) {
      depth -= 1;
    }
  }
  return seen;
}

/** Return where the string that begins at `start` ends: the place of its closing quote, or the end of the text. */
function skipString(text: Uint8Array, start: number, seen?: Seen): number {
  let at = start + 1;
  let slowUntil = at + SHORT_BYTES;
  // The next quote, once it was looked for; each is looked for once.
  let quote = -1;
  while (at < text.length) {
    if (at >= slowUntil) {
      if (quote < at) quote = text.indexOf(QUOTE, at);
      const end = quote < 0 ? text.length : quote;
      const escape = text.subarray(at, end).indexOf(BACKSLASH);
      if (escape < 0) return end;
      at += escape;
      slowUntil = at + SHORT_BYTES;
    }
    const byte = text[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) {
      at += 1;
      // \uD8.. to \uDF..: only these can be lone surrogates.
      if (seen && text[at] === 0x75 && ((text[at + 1] as number) | 0x20) === 0x64) seen.surrogates = true;
    }
    at += 1;
  }
  return at;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** Return whether there is nothing but white space, as JSON has it (HUB-FRAME-3). */
export function isBlank(text: Uint8Array): boolean {
  return text.every(isSpace);
}

function isDelimiter(byte: number): boolean {
  return isSpace(byte) || byte === COMMA || byte === COLON || byte === QUOTE || (byte | 0x20) === 0x7b || (byte | 0x20) === 0x7d;
}

export interface Token {
  /** Where it stands: `text.subarray(start, end)`. */
  start: number;
  end: number;
}

/** Give the tokens of a text: whole strings (the last one perhaps cut), brackets, colons, and whatever else values look like. */
export function* tokens(text: Uint8Array): Generator<Token> {
  for (let at = 0; at < text.length; ) {
    const byte = text[at] as number;
    const start = at;
    if (isSpace(byte) || byte === COMMA) {
      at += 1;
      continue;
    }
    if (byte === QUOTE) {
      at = Math.min(skipString(text, at) + 1, text.length);
    } else if (isDelimiter(byte)) {
      at += 1;
    } else {
      while (at < text.length && !isDelimiter(text[at] as number)) at += 1;
    }
    yield { start, end: at };
  }
}
