// Owns the answer to `module_info`: picking a version, features and the frame limit (HUB-VER); sends nothing.

import { ERROR_CODES } from "../types/errors.js";
import type { JsonObject, JsonValue } from "../types/json.js";
import { FEATURES, PROTOCOL_VERSIONS } from "../types/names.js";
import type { ModuleInfo } from "../types/wire.js";
import { type Failure, Misfit } from "./failure.js";

export type Introduction =
  | { result: ModuleInfo; features: ReadonlySet<string>; maxFrameBytes: number | undefined }
  | { error: Failure };

/** Answer a `module_info` with these params. Unknown features and members are ignored (HUB-VER-3, HUB-MSG-7). */
export function introduce(info: ModuleInfo, params: JsonObject): Introduction {
  const { protocol_versions: offered = [1], features = [], max_frame_bytes: max } = params;
  if (!Array.isArray(offered)) {
    return { error: new Misfit("introduction", [{ pointer: "/protocol_versions", message: "must be an array" }]).toFailure() };
  }
  const version = PROTOCOL_VERSIONS.filter((known) => offered.includes(known)).at(-1);
  if (version === undefined) {
    const data = { offered, supported: [...PROTOCOL_VERSIONS] };
    return { error: { code: ERROR_CODES.no_common_version, message: "the hub and this module share no protocol version", data } };
  }
  const named = new Set<JsonValue>(Array.isArray(features) ? features : []);
  return {
    result: { ...info, protocol_version: version },
    features: new Set(FEATURES.filter((feature) => named.has(feature))),
    maxFrameBytes: typeof max === "number" && Number.isSafeInteger(max) && max > 0 ? max : undefined,
  };
}
