// Owns the names of the protocol: reserved methods, features, patterns; knows nothing of what any method does.
// tests/meta.test.ts compares them with schemas/v1/meta.json.

export const PROTOCOL_VERSIONS: readonly number[] = [1];
/** What this SDK offers in `module_info` (HUB-VER-3). */
export const FEATURES = ["cancel", "concurrent", "context", "host_services", "progress"] as const;
export type Feature = (typeof FEATURES)[number];

export const MODULE_INFO = "module_info";
export const CAPABILITIES = "capabilities";
export const MODULE_INIT = "module_init";
export const MODULE_CLEANUP = "module_cleanup";
export const PING = "ping";
export const CANCEL_REQUEST = "$/cancelRequest";
export const PROGRESS = "$/progress";
export const CAPABILITIES_CHANGED = "capabilities_changed";
export const HUB_LOG = "hub.log";
export const HUB_CALL = "hub.call";
export const HUB_ASK = "hub.ask";
export const HUB_STORE_GET = "hub.store.get";
export const HUB_STORE_SET = "hub.store.set";
export const HUB_STORE_DELETE = "hub.store.delete";
export const HUB_STORE_LIST = "hub.store.list";
export const HUB_CREDENTIALS_GET = "hub.credentials.get";
export const HUB_CREDENTIALS_PUT = "hub.credentials.put";
export const HUB_CREDENTIALS_DELETE = "hub.credentials.delete";

/** The account of a call that names none (HUB-CRED-1). */
export const DEFAULT_ACCOUNT = "default";

export const RESERVED_NAMES: readonly string[] = [
  CAPABILITIES,
  CAPABILITIES_CHANGED,
  MODULE_CLEANUP,
  MODULE_INFO,
  MODULE_INIT,
  PING,
];
export const RESERVED_PREFIXES: readonly string[] = ["module_", "hub.", "rpc.", "$/"];

const MODULE = "[a-z][a-z0-9_-]{0,63}";
const FUNCTION = "[A-Za-z][A-Za-z0-9_-]{0,63}";
const NUMBER = "(?:0|[1-9][0-9]*)";
const PRERELEASE_PART = `(?:${NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;

export const MODULE_NAME = new RegExp(`^${MODULE}$`);
export const FUNCTION_NAME = new RegExp(`^${FUNCTION}$`);
export const PERMISSION = new RegExp(`^(?:ask|store|credentials|call:(?:\\*|${MODULE}(?:\\.${FUNCTION})?))$`);
/** An interface with its version (HUB-CAPS-9); its name has a dot at least, so that it is none of a module. */
export const INTERFACE = new RegExp(`^${MODULE}(?:\\.${MODULE}){1,3}/(?:0|[1-9][0-9]{0,5})(?:\\.(?:0|[1-9][0-9]{0,5}))?$`);
/** SemVer 2.0, rule by rule: no leading zeros, in numbers of the pre-release too. */
export const SEMVER = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRERELEASE_PART}(?:\\.${PRERELEASE_PART})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

/** Return whether no function may be called `name` (HUB-CAPS-2). */
export function isReserved(name: string): boolean {
  return RESERVED_NAMES.includes(name) || RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix));
}
