//! Owns what names, versions and requirements look like (HUB-INFO, HUB-CAPS); must not know what they stand for. A test compares it with
//! the patterns of meta.json by the vectors.

const MAX_NAME_BYTES: usize = 64;
/// No version of an interface is longer in meta.json's pattern.
const MAX_VERSION_DIGITS: usize = 6;

/// A name with one of these endings names a file, not a module (HUB-INFO-6).
const FILE_ENDINGS: [&str; 5] = [".so", ".dll", ".dylib", ".exe", ".py"];

const RESERVED: [&str; 6] = ["module_info", "capabilities", "module_init", "module_cleanup", "ping", "capabilities_changed"];
const RESERVED_PREFIXES: [&str; 4] = ["module_", "hub.", "rpc.", "$/"];

pub(crate) fn is_module_name(name: &str) -> bool {
    is_name(name, u8::is_ascii_lowercase)
}

pub(crate) fn is_function_name(name: &str) -> bool {
    is_name(name, u8::is_ascii_alphabetic)
}

fn is_name(name: &str, is_letter: fn(&u8) -> bool) -> bool {
    let is_inner = |byte: &u8| is_letter(byte) || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    let bytes = name.as_bytes();
    bytes.len() <= MAX_NAME_BYTES && bytes.first().is_some_and(is_letter) && bytes.iter().all(is_inner)
}

pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

pub(crate) fn is_address(text: &str) -> bool {
    text.split_once('.').is_some_and(|(module, function)| is_module_name(module) && is_function_name(function))
}

pub(crate) fn is_permission(text: &str) -> bool {
    match text.strip_prefix("call:") {
        Some(called) => called == "*" || is_module_name(called) || is_address(called),
        None => matches!(text, "ask" | "store" | "credentials"),
    }
}

/// `cloud.compute/1.0` (HUB-CAPS-9). The name has a dot at least, so that it is none of a module.
pub(crate) fn is_interface(text: &str) -> bool {
    let Some((name, version)) = text.split_once('/') else { return false };
    let parts = name.split('.').count();
    let is_short = |number: &str| number.len() <= MAX_VERSION_DIGITS;
    (2..=4).contains(&parts)
        && name.split('.').all(is_module_name)
        && is_numbers(version, 1..=2)
        && version.split('.').all(is_short)
}

pub(crate) fn is_file_name(name: &str) -> bool {
    FILE_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Strict `SemVer` 2.0 (HUB-INFO-3).
pub(crate) fn is_version(text: &str) -> bool {
    let (version, build) = text.split_once('+').map_or((text, None), |(version, build)| (version, Some(build)));
    build.is_none_or(|build| build.split('.').all(is_identifier)) && is_precise(version)
}

/// A version without build metadata, which takes no part in comparing.
fn is_precise(text: &str) -> bool {
    let (numbers, pre_release) = text.split_once('-').map_or((text, None), |(numbers, pre)| (numbers, Some(pre)));
    is_numbers(numbers, 3..=3) && pre_release.is_none_or(|pre| pre.split('.').all(is_pre_release))
}

fn is_numbers(text: &str, count: std::ops::RangeInclusive<usize>) -> bool {
    count.contains(&text.split('.').count()) && text.split('.').all(is_number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'))
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_pre_release(text: &str) -> bool {
    is_identifier(text) && (is_number(text) || !text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `1.2.3`, `=1.2.3`, `^1.2`, `~1.2.3`, `>=1.0,<2`, `1.2.*`, `*` (HUB-INFO-6).
pub(crate) fn is_requirement(text: &str) -> bool {
    text.split(',')
        .enumerate()
        .all(|(at, part)| is_comparison(if at == 0 { part.trim_end_matches(' ') } else { part.trim_matches(' ') }))
        && !text.ends_with(' ')
}

fn is_comparison(text: &str) -> bool {
    if text == "*" || text.strip_suffix(".*").is_some_and(|numbers| is_numbers(numbers, 1..=2)) {
        return true;
    }
    let operator = [">=", "<=", "^", "~", ">", "<"].into_iter().find_map(|operator| text.strip_prefix(operator));
    match operator {
        Some(version) => {
            let version = version.trim_start_matches(' ');
            is_precise(version) || is_numbers(version, 1..=2)
        }
        None => is_precise(text.strip_prefix('=').map_or(text, |version| version.trim_start_matches(' '))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_those_of_the_specification() {
        for good in
            ["1.2.3", "=1.2.3", "= 1.2.3", "^1.2", "~1.2.3", ">=1.0,<2", ">=1.0 , <2", "1.2.*", "1.*", "*", "^1", ">1.0.0-rc.1"]
        {
            assert!(is_requirement(good), "{good}");
        }
        for bad in [
            "",
            "1.2",
            "latest",
            ">=>1.0",
            ">=1.0,",
            "01.2.3",
            "1.2.3.4",
            "1.2.3+build",
            " 1.2.3",
            "1.2.3 ",
            "^",
            "*.*",
            "v1.2.3",
        ] {
            assert!(!is_requirement(bad), "{bad:?}");
        }
    }

    #[test]
    fn versions_are_strict() {
        for good in ["1.0.0", "0.0.0", "1.2.3-rc.1+build.01", "1.0.0--", "1.0.0-0a", "1.0.0+001"] {
            assert!(is_version(good), "{good}");
        }
        for bad in ["1.0", "v1.0.0", "1.02.0", "1.0.0-01", "1.0.0-", "1.0.0.0", "1.0.٣", "1.0.0\n", "1.0.0+", "1.0.0-a..b", ""]
        {
            assert!(!is_version(bad), "{bad:?}");
        }
    }
}
