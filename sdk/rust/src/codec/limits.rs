//! Owns the limits of the protocol that a module has to keep; must not know who keeps them.

/// The frame limit without its line feed, until the hub names another one (HUB-FRAME-4).
pub const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;

/// How deep arrays and objects nest, the frame's own object counted as the first (HUB-FRAME-7).
pub const MAX_NESTING: usize = 64;

/// The largest integer that every language with IEEE doubles keeps exactly (HUB-FRAME-9).
pub const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// Longer methods are only ever an attack on tables and logs (HUB-MSG-2).
pub const MAX_METHOD_CHARS: usize = 128;

/// Longer ids too (HUB-ID-1).
pub const MAX_ID_CHARS: usize = 128;

/// How much of a line that cannot be read is searched for its id: an honest sender writes it at the front.
pub(crate) const HEAD_BYTES: usize = 8 * 1024;
