// Owns reading a list to its end, page by page, and noticing pages that lead nowhere; knows nothing of what stands in a list.

import type { Client } from "./client.js";
import { unavailable } from "./refusals.js";

/** The most that the service gives at once. */
export const PAGE_SIZE = 50;

interface Page {
  meta?: { pagination?: { next_page?: unknown } };
  [word: string]: unknown;
}

/** An entry of a list: all of them have an id that is a number. */
export interface Entry {
  readonly id: number;
}

/**
 * Yield the entries of the list at `path` whose member is called `word`, all pages of it.
 * An entry that moved to the next page while the list was read is yielded once. Throws HubFunctionError.
 */
export async function* entries(client: Client, path: string, word: string, pageSize = PAGE_SIZE): AsyncGenerator<Entry> {
  const seen = new Set<number>();
  for (let page = 1; ; ) {
    const answer = (await client.ask("GET", `${path}?page=${page}&per_page=${pageSize}`)) as Page | null;
    const found = answer?.[word];
    if (!Array.isArray(found) || !found.every(isEntry)) throw unavailable(`its answer has no usable list of ${word}`, false);
    const fresh = found.filter((entry) => !seen.has(entry.id));
    for (const entry of fresh) {
      seen.add(entry.id);
      yield entry;
    }
    const next = answer?.meta?.pagination?.next_page ?? null;
    if (next === null) return;
    // Each page has to lead on and to bring something, so the list ends whatever the service says.
    if (next !== page + 1 || fresh.length === 0) throw unavailable(`its list of ${word} does not end: page ${page} leads nowhere`, false);
    page = next;
  }
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && Number.isSafeInteger((value as Entry).id);
}
