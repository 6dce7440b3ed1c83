//! Owns the one table of error codes and kinds in this crate (HUB-ERR-1); must not know who sends them. A test compares it with meta.json.

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $kind:literal;)*) => {
        $($(#[$doc])* pub const $name: i64 = $code;)*

        /// Each kind with its code, in the order of the specification.
        pub const KINDS: &[(&str, i64)] = &[$(($kind, $code)),*];
    };
}

table! {
    /// The JSON is not a message that this protocol allows.
    INVALID_REQUEST = -32600, "invalid_request";
    /// The peer has no such method.
    METHOD_NOT_FOUND = -32601, "method_not_found";
    /// The module found the arguments wrong.
    INVALID_PARAMS = -32602, "invalid_params";
    /// The handler failed; its text is in the log under the correlation id.
    INTERNAL_ERROR = -32603, "internal_error";
    /// The frame is not JSON, or breaks a frame rule.
    PARSE_ERROR = -32700, "parse_error";
    /// The caller cancelled the call.
    CANCELLED = -31000, "cancelled";
    /// The deadline passed before the answer came.
    TIMEOUT = -31001, "timeout";
    /// The module ended while the call was under way.
    MODULE_DIED = -31002, "module_died";
    /// The arguments do not fit the function's params schema.
    INVALID_ARGUMENTS = -31003, "invalid_arguments";
    /// The result does not fit the function's returns schema.
    INVALID_RESULT = -31004, "invalid_result";
    /// Too many calls are waiting.
    OVERLOADED = -31005, "overloaded";
    /// The message is longer than the frame limit.
    FRAME_TOO_LARGE = -31006, "frame_too_large";
    /// The module does not read its standard input.
    WRITE_BLOCKED = -31007, "write_blocked";
    /// There is no such module or function.
    NOT_FOUND = -31010, "not_found";
    /// Nobody has approved this exact content of the plugin.
    NOT_APPROVED = -31011, "not_approved";
    /// The module was not granted this permission.
    NOT_PERMITTED = -31012, "not_permitted";
    /// The module is not running.
    NOT_RUNNING = -31020, "not_running";
    /// The module is waiting to be restarted.
    BACKING_OFF = -31021, "backing_off";
    /// The module failed too often and is not restarted any more.
    GAVE_UP = -31022, "gave_up";
    /// The module disabled itself and said why.
    DISABLED = -31023, "disabled";
    /// A required module is missing, unfit, in a cycle or down.
    DEPENDENCY_FAILED = -31024, "dependency_failed";
    /// The program could not be started.
    START_FAILED = -31025, "start_failed";
    /// The introduction did not end in a valid answer.
    HANDSHAKE_FAILED = -31026, "handshake_failed";
    /// Hub and module share no protocol version.
    NO_COMMON_VERSION = -31027, "no_common_version";
    /// The initialisation did not end in a valid answer.
    INIT_FAILED = -31028, "init_failed";
    /// The peer broke a rule of the protocol.
    PROTOCOL_ERROR = -31029, "protocol_error";
    /// The call would wait for itself.
    CALL_CYCLE = -31040, "call_cycle";
    /// The chain of calls is too long.
    CALL_TOO_DEEP = -31041, "call_too_deep";
    /// The call in whose context this was asked is over or unknown.
    CONTEXT_ENDED = -31042, "context_ended";
    /// No person can be asked here.
    NOBODY_TO_ASK = -31043, "nobody_to_ask";
    /// The module's store has no room for this.
    STORE_FULL = -31044, "store_full";
    /// A host service that the function needed answered with an error.
    HOST_CALL_FAILED = -31045, "host_call_failed";
    /// What is kept secret can not be read or written here.
    CREDENTIALS_UNAVAILABLE = -31046, "credentials_unavailable";
    /// An interface cannot be used, or a module does not satisfy one that it claims.
    BAD_INTERFACE = -31050, "bad_interface";
    /// The plugin's manifest or directory cannot be used.
    BAD_MANIFEST = -31060, "bad_manifest";
    /// The licence is not an SPDX expression.
    BAD_LICENSE = -31061, "bad_license";
    /// An argument, option or setting of the hub cannot be used.
    BAD_SETTINGS = -31062, "bad_settings";
    /// The command line cannot be understood.
    USAGE = -31063, "usage";
    /// The person interrupted the command.
    INTERRUPTED = -31064, "interrupted";
    /// The hub is closed.
    CLOSED = -31065, "closed";
}

/// Return whether a code is free for a module's own errors (HUB-ERR-2).
pub const fn is_own(code: i64) -> bool {
    code < -32768 || code > -31000
}

/// Return the kind of a code of the table.
pub fn kind_of(code: i64) -> Option<&'static str> {
    KINDS.iter().find(|(_, known)| *known == code).map(|(kind, _)| *kind)
}
