// Owns one HTTP request and its answer: the time it may take, the bytes it may bring, the proof that nothing was sent; never tries again.

import { type Agent as HttpAgent, type IncomingMessage, request as overHttp, type RequestOptions } from "node:http";
import { type Agent as HttpsAgent, request as overHttps } from "node:https";
import type { Socket } from "node:net";

/** A page of 50 servers has about 150 KiB. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface Question {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** There was no whole answer. The words of the reason are ours or the system's, never the peer's. */
export class NoReply extends Error {
  override readonly name = "NoReply";

  constructor(
    readonly reason: string,
    /** False only where the connection was never there, so that the service cannot have acted. */
    readonly mayHaveArrived: boolean,
  ) {
    super(reason);
  }
}

/** An answer larger than MAX_ANSWER_BYTES: asking again would bring it again. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";
}

/**
 * Send a request and return the whole answer, whatever its status. Redirections are not followed: the token is for one host.
 * `signal` ends it at once and its reason is thrown. Throws NoReply and TooLarge.
 */
export async function exchange(
  question: Question,
  agent: HttpAgent | HttpsAgent,
  signal: AbortSignal,
  timeoutMilliseconds: number,
): Promise<Reply> {
  const late = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMilliseconds)));
  const stop = AbortSignal.any([signal, late]);
  let arrived = false;
  try {
    return await send(question, { agent, signal: stop }, () => (arrived = true));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof TooLarge) throw error;
    const reason = late.aborted ? `no answer within ${timeoutMilliseconds / 1000} s` : wordsOf(error);
    throw new NoReply(reason, arrived);
  }
}

function send(question: Question, options: RequestOptions, connected: () => void): Promise<Reply> {
  const { method, url, headers, body } = question;
  const isSecure = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = (isSecure ? overHttps : overHttp)(url, { ...options, method, headers: { ...headers, ...length } });
    sent.on("socket", (socket: Socket) => {
      if (!socket.connecting) connected();
      else socket.once(isSecure ? "secureConnect" : "connect", connected);
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      const retryAfter = response.headers["retry-after"];
      wholeText(response).then((text) => resolve({ status: response.statusCode ?? 0, retryAfter, text }), reject);
    });
    sent.end(body);
  });
}

async function wholeText(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop closes the connection; the end of a connection before that of the answer is thrown here.
  for await (const piece of response) {
    bytes += (piece as Buffer).length;
    if (bytes > MAX_ANSWER_BYTES) throw new TooLarge(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString("utf8");
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ETIMEDOUT: "the connection took too long",
  ENOTFOUND: "there is no host of that name",
  EAI_AGAIN: "the host's name could not be looked up",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
};

/** The code alone: messages of the HTTP parser and of TLS repeat what the peer sent. */
function wordsOf(error: unknown): string {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
  return WORDS[code] ?? `the connection failed (${code})`;
}
