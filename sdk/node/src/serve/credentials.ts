// Owns what is kept secret for the account of a call, as a handler sees it (HUB-CRED); knows nothing of connections.

import { HubCallError } from "../types/errors.js";
import { HUB_CREDENTIALS_DELETE, HUB_CREDENTIALS_GET, HUB_CREDENTIALS_PUT } from "../types/names.js";
import type { CredentialsGetResult, Kept } from "../types/wire.js";
import { type AskHub, found, member } from "./store.js";

/**
 * Tokens and keys that the hub keeps for this module and the account of the call; needs the permission `credentials`. One process
 * serves many accounts at once: get them in each call, and keep nothing longer than it. All methods reject with HubCallError.
 */
export class Credentials {
  readonly #ask: AskHub;

  constructor(ask: AskHub) {
    this.#ask = ask;
  }

  /** Return what is kept under `name`, which has 1 to 64 characters; not found too where its time is over. */
  async get(name: string): Promise<CredentialsGetResult> {
    return found(await this.#ask(HUB_CREDENTIALS_GET, { name }));
  }

  /** Keep `value`, at most 64 KiB of JSON, for so many seconds or without end; return where: until the hub ends, or in the keyring. */
  async put(name: string, value: unknown, { ttlSeconds }: { ttlSeconds?: number } = {}): Promise<Kept> {
    const ttl = ttlSeconds === undefined ? {} : { ttl_seconds: ttlSeconds };
    const { kept } = member(await this.#ask(HUB_CREDENTIALS_PUT, { name, value, ...ttl }), "kept", "string");
    if (kept === "session" || kept === "keyring") return kept;
    throw HubCallError.ofKind("protocol_error", "the hub does not say where it keeps a credential");
  }

  /** Forget what is kept under `name`; return whether there was anything. */
  async delete(name: string): Promise<boolean> {
    return member(await this.#ask(HUB_CREDENTIALS_DELETE, { name }), "deleted", "boolean")["deleted"] as boolean;
  }
}
