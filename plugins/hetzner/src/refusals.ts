// Owns the words and codes of the errors that callers get, the interfaces' 1001 to 1005; knows nothing of HTTP beyond its numbers.

import { HubFunctionError } from "hub-sdk";

export const CREDENTIALS = 1001;
export const NOT_FOUND = 1002;
export const REFUSED = 1003;
export const WAIT = 1004;
export const UNAVAILABLE = 1005;

/** A sentence of the service is for people to read; whoever sends more than this sends something else. */
const MOST_WORDS_CHARACTERS = 500;

/** Return the service's words as they may be shown: never the token, nothing that a terminal would act on, not too many. */
export function shownWords(words: string, token: string): string {
  const safe = words.replaceAll(token, "***").replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  return [...safe].slice(0, MOST_WORDS_CHARACTERS).join("").trim();
}

/** What a person can do about an account's credentials. */
export function authenticateHint(account: string): string {
  return `hint: hub call hetzner.authenticate --account ${account}`;
}

export function noCredentials(account: string): HubFunctionError {
  return new HubFunctionError(CREDENTIALS, `cannot ask Hetzner: account ${account} has no token; ${authenticateHint(account)}`);
}

export function unavailable(what: string, mayHaveExecuted: boolean): HubFunctionError {
  const doubt = mayHaveExecuted ? "; whether it was carried out is unknown" : "";
  return new HubFunctionError(UNAVAILABLE, `cannot ask Hetzner: ${what}${doubt}`, { may_have_executed: mayHaveExecuted });
}

export function askedToWait(seconds: number): HubFunctionError {
  const message = `cannot ask Hetzner: it asks to wait ${Math.ceil(seconds)} s; hint: call again later`;
  return new HubFunctionError(WAIT, message, { retry_after_seconds: seconds });
}

/** Return the error that an answer with a status of 400 to 499 means; `words` may be shown. */
export function refusalOf(status: number, words: string, account: string): HubFunctionError {
  const said = words === "" ? `status ${status}` : words;
  switch (status) {
    case 401:
      return new HubFunctionError(CREDENTIALS, `Hetzner does not take the token of account ${account}: ${said}; ${authenticateHint(account)}`);
    case 403:
      return new HubFunctionError(CREDENTIALS, `the token of account ${account} may not do this at Hetzner: ${said}`);
    case 404:
      return new HubFunctionError(NOT_FOUND, `Hetzner has no such thing: ${said}`);
    default:
      return new HubFunctionError(REFUSED, `Hetzner refuses the request: ${said}`);
  }
}
