// Owns the module as a whole: what it says of itself, its configuration, its functions; knows nothing of how it is started.

import { Module } from "hub-sdk";

import { addAccount } from "./account.js";
import { addCatalogue } from "./catalogue.js";
import { addCompute } from "./compute.js";
import { IMPLEMENTED } from "./contract.js";
import { configuration, type Settings, settingsOf } from "./settings.js";

/** Return a new module; one process has one. */
export function hetzner(): Module<typeof configuration> {
  let settings: Settings | undefined;
  const module = new Module({
    name: "hetzner",
    version: "1.0.0",
    license: "Apache-2.0",
    authors: ["The hub authors"],
    description: ["Servers of Hetzner Cloud.", "One process serves many accounts; each call uses the token of its own."],
    homepage: "https://docs.hetzner.cloud",
    permissions: ["ask", "credentials"],
    implements: IMPLEMENTED,
    config: configuration,
    onInit({ config }) {
      settings = settingsOf(config);
    },
  });
  const usable = (): Settings => {
    if (settings === undefined) throw new Error("a function was called before module_init (HUB-LIFE-7)");
    return settings;
  };
  addAccount(module, usable);
  addCompute(module, usable);
  addCatalogue(module, usable);
  return module;
}
