"""Own every number of the protocol that both sides must agree on, with its reason; know nothing of who enforces it."""

from typing import Final

__all__ = [
    "CALL_SECONDS",
    "CAPABILITIES_SECONDS",
    "CLEANUP_SECONDS",
    "CREDENTIALS_PER_ACCOUNT",
    "CREDENTIAL_NAME_CHARS",
    "CREDENTIAL_VALUE_BYTES",
    "EXIT_AFTER_EOF_SECONDS",
    "EXIT_STATUS_DO_NOT_RESTART",
    "INIT_SECONDS",
    "MAX_CHAIN",
    "MAX_FRAME_BYTES",
    "MAX_FUNCTIONS",
    "MAX_HEADER_BYTES",
    "MAX_ID_CHARS",
    "MAX_IN_FLIGHT",
    "MAX_METHOD_CHARS",
    "MAX_MODULE_REQUESTS",
    "MAX_NESTING",
    "MAX_SAFE_INTEGER",
    "MAX_SCHEMA_BYTES",
    "MAX_WAITING",
    "MODULE_INFO_SECONDS",
    "PROGRESS_PER_SECOND",
    "STORE_BYTES",
    "STORE_KEY_CHARS",
    "STORE_VALUE_BYTES",
    "STRAY_BYTES_PER_MINUTE",
    "STRAY_LINES_PER_MINUTE",
]

# Frames. 16 MiB holds any listing a person asks for, and a peer that sends it without end cannot hurt.
MAX_FRAME_BYTES: Final = 16 * 1024 * 1024
# The header part of a content-length frame: two headers in practice; 4 KiB is what other implementations allow.
MAX_HEADER_BYTES: Final = 4096
# Python's own json dies at about 1 000, other parsers earlier; no honest document is deeper than 64.
MAX_NESTING: Final = 64
# The largest integer that every language with IEEE doubles keeps exactly.
MAX_SAFE_INTEGER: Final = 2**53 - 1

# Messages. Longer ids and names are only ever an attack on tables and logs.
MAX_METHOD_CHARS: Final = 128
MAX_ID_CHARS: Final = 128

# Flow. What one module has under way, and what waits in the hub behind that, before callers are refused.
MAX_IN_FLIGHT: Final = 64
MAX_WAITING: Final = 256
# What one module may ask the hub at a time: every call under way may ask a few things at once.
MAX_MODULE_REQUESTS: Final = 256
# Longer chains of module calling module are a loop that has not been recognised.
MAX_CHAIN: Final = 16
# Faster than the eye reads.
PROGRESS_PER_SECOND: Final = 20

# Deadlines.
MODULE_INFO_SECONDS: Final = 10.0
CAPABILITIES_SECONDS: Final = 10.0
INIT_SECONDS: Final = 30.0
CALL_SECONDS: Final = 30.0
CLEANUP_SECONDS: Final = 4.0
EXIT_AFTER_EOF_SECONDS: Final = 1.0
# EX_CONFIG of sysexits.h.
EXIT_STATUS_DO_NOT_RESTART: Final = 78

# Capabilities. The largest public cloud API has about 700 operations.
MAX_FUNCTIONS: Final = 4096
MAX_SCHEMA_BYTES: Final = 1024 * 1024

# Standard output that is no frame: a banner is forgiven, a program that prints its log there is not.
STRAY_LINES_PER_MINUTE: Final = 100
STRAY_BYTES_PER_MINUTE: Final = 1024 * 1024

# The store is for settings and cursors, not for data.
STORE_KEY_CHARS: Final = 256
STORE_VALUE_BYTES: Final = 1024 * 1024
STORE_BYTES: Final = 64 * 1024 * 1024

# A credential is a token, a key pair or a certificate with its chain; the keyrings of some systems end at a few kilobytes.
CREDENTIAL_NAME_CHARS: Final = 64
CREDENTIAL_VALUE_BYTES: Final = 64 * 1024
CREDENTIALS_PER_ACCOUNT: Final = 64
