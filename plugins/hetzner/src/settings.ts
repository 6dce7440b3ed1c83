// Owns what an operator may set, and whether it can be used; knows nothing of what it is used for.

import { InvalidParams, s } from "hub-sdk";

/** Long enough for an answer of 8 MiB over a slow line, short enough to leave time for another attempt within 30 s. */
const TIMEOUT_SECONDS = 10;
const LEAST_TIMEOUT_SECONDS = 0.05;
const MOST_TIMEOUT_SECONDS = 300;
/** With the pauses between them 4 attempts take less than 5 s where the service refuses at once. */
const ATTEMPTS = 4;
const MOST_ATTEMPTS = 10;

export const configuration = s.object({
  base_url: s.string({ description: "where the API is" }).default("https://api.hetzner.cloud"),
  timeout_seconds: s
    .number({ minimum: LEAST_TIMEOUT_SECONDS, maximum: MOST_TIMEOUT_SECONDS, description: "of one HTTP request" })
    .default(TIMEOUT_SECONDS),
  max_attempts: s.integer({ minimum: 1, maximum: MOST_ATTEMPTS, description: "the first one counts" }).default(ATTEMPTS),
});

export interface Settings {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly timeoutMilliseconds: number;
  readonly maxAttempts: number;
}

/** Return what a configuration means. Throws InvalidParams, which names the member (HUB-INIT-2). */
export function settingsOf(config: { base_url: string; timeout_seconds: number; max_attempts: number }): Settings {
  return {
    baseUrl: usableBase(config.base_url),
    timeoutMilliseconds: config.timeout_seconds * 1000,
    maxAttempts: config.max_attempts,
  };
}

function usableBase(text: string): string {
  const refuse = (why: string): never => {
    throw new InvalidParams(`cannot use base_url: ${why}`, "/base_url");
  };
  if (!URL.canParse(text)) return refuse("it is no URL");
  const url = new URL(text);
  if (url.username || url.password || url.search || url.hash) return refuse("it must be scheme, host and path alone");
  // The token travels in every request: in the clear it may go to this machine only.
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    return refuse("it must begin with https:// (http:// is for addresses of this machine)");
  }
  return url.href.replace(/\/+$/, "");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
