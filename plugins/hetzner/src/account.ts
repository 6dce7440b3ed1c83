// Owns whose token a call uses, and asking the person for one; knows nothing of servers.

import { type Call, HubFunctionError, type Module, s } from "hub-sdk";

import { Client } from "./client.js";
import { signatureOf } from "./contract.js";
import { CREDENTIALS, authenticateHint, noCredentials, unavailable } from "./refusals.js";
import type { Settings } from "./settings.js";

const TOKEN = "token";
/** What may stand in a header; Hetzner's have 64 characters. */
const USABLE_TOKEN = /^[\x21-\x7e]{1,512}$/;

const form = s.object({
  token: s.string({ secret: true, minLength: 1, description: "an API token of the project, made in its console under Security" }),
});

/** Do `work` with a client for the account of this call, which ends with it. Throws what the work throws. */
export async function withClient<T>(call: Call, settings: Settings, work: (client: Client) => Promise<T>): Promise<T> {
  const { value } = await call.credentials.get(TOKEN);
  if (typeof value !== "string") throw noCredentials(call.account);
  return using(new Client(settings, call, value), work);
}

async function using<T>(client: Client, work: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** The service does not say whose token it is: tokens belong to projects, and their names are told to nobody. */
async function identity(client: Client): Promise<string> {
  const answer = (await client.ask("GET", "/v1/servers?page=1&per_page=1")) as {
    meta?: { pagination?: { total_entries?: unknown } };
  } | null;
  const count = answer?.meta?.pagination?.total_entries;
  if (typeof count !== "number") throw unavailable("its answer does not say how many servers there are", false);
  return `a Hetzner Cloud project with ${count} ${count === 1 ? "server" : "servers"}`;
}

async function authenticate(call: Call, settings: Settings): Promise<{ account: string; identity: string }> {
  const { account } = call;
  const answer = await call.ask(`Hetzner Cloud: the API token for account ${account}`, form);
  const refuse = (why: string) => new HubFunctionError(CREDENTIALS, `cannot authenticate account ${account}: ${why}; ${authenticateHint(account)}`);
  if (answer.action === "decline") throw refuse("no token was given");
  const token = answer.content.token.trim();
  if (!USABLE_TOKEN.test(token)) throw refuse("what was given is no token");
  const known = await using(new Client(settings, call, token), identity);
  await call.credentials.put(TOKEN, token);
  return { account, identity: known };
}

/** Add the functions of cloud.account. */
export function addAccount(module: Module<any>, settings: () => Settings): void {
  const nothing = s.object({});
  module.function({ ...signatureOf("authenticate", nothing), run: (_, call) => authenticate(call, settings()) });
  module.function({
    ...signatureOf("whoami", nothing),
    run: async (_, call) => ({ account: call.account, identity: await withClient(call, settings(), identity) }),
  });
  module.function({
    ...signatureOf("forget", nothing),
    run: async (_, call) => ({ forgotten: await call.credentials.delete(TOKEN) }),
  });
}
