// Owns the numbers of the protocol that this side needs, each with its reason; knows nothing of who enforces them.
// tests/meta.test.ts compares them with schemas/v1/meta.json.

/** 16 MiB: until `module_info` says otherwise, and what no sender may exceed (HUB-FRAME-4). */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;
/** No honest document is deeper, and some parsers die at a thousand (HUB-FRAME-7). */
export const MAX_NESTING = 64;
/** Longer ids and names are only ever an attack on tables and logs (HUB-ID-1, HUB-MSG-2). */
export const MAX_ID_CHARS = 128;
export const MAX_METHOD_CHARS = 128;
/** Faster than the eye reads (HUB-PROG-2). */
export const PROGRESS_PER_SECOND = 20;
/** How long a module may live after the end of its standard input (HUB-LIFE-4). */
export const EXIT_AFTER_EOF_SECONDS = 1;
/** How long a module has for `module_cleanup` (HUB-CLEAN-1). */
export const CLEANUP_SECONDS = 4;
/** The hub refuses a list of functions that is longer (HUB-CAPS-3). */
export const MAX_FUNCTIONS = 4096;
/** EX_CONFIG of sysexits.h (HUB-LIFE-8). */
export const EXIT_STATUS_DO_NOT_RESTART = 78;
