//! Owns the tests of when a request is tried again; no time passes in them.

use std::time::{Duration, SystemTime};

use hyper::Method;

use crate::patience::{Chances, Failure, may_repeat, pause, retry_after_seconds};

const CUT: Failure = Failure { status: None, may_have_arrived: true, retry_after_seconds: None };
const PLENTY: Chances = Chances { attempt: 1, max_attempts: 4, remaining: Some(Duration::from_secs(30)) };

fn status(status: u16) -> Failure {
    Failure { status: Some(status), ..CUT }
}

#[test]
fn a_creation_is_repeated_only_where_the_service_has_surely_not_acted() {
    for failure in [status(429), Failure { may_have_arrived: false, ..CUT }] {
        assert!(may_repeat(&Method::POST, &failure), "{failure:?}");
    }
    for failure in [CUT, status(500), status(503)] {
        assert!(!may_repeat(&Method::POST, &failure), "{failure:?}");
        assert!(may_repeat(&Method::GET, &failure), "{failure:?}");
        assert!(may_repeat(&Method::DELETE, &failure), "{failure:?}");
    }
}

#[test]
fn what_the_service_refuses_is_not_repeated() {
    for number in [301, 400, 401, 403, 404, 422] {
        assert!(!may_repeat(&Method::GET, &status(number)), "{number}");
    }
}

#[test]
fn pauses_double_are_jittered_by_half_and_end_with_the_attempts() {
    let after =
        |attempt, random| pause(&Method::GET, &CUT, Chances { attempt, ..PLENTY }, random).map(|pause| pause.as_millis());
    assert_eq!([1, 2, 3, 4].map(|attempt| after(attempt, 1.0)), [Some(200), Some(400), Some(800), None]);
    assert_eq!(after(1, 0.0), Some(100));
    let late = Chances { attempt: 9, max_attempts: 10, ..PLENTY };
    assert_eq!(pause(&Method::GET, &CUT, late, 1.0), Some(Duration::from_secs(5)));
}

#[test]
fn the_wish_of_the_service_counts_where_it_is_longer_and_fits_before_the_deadline() {
    let wait = |seconds: f64, remaining: Option<u64>| {
        let failure = Failure { retry_after_seconds: Some(seconds), ..status(429) };
        pause(&Method::POST, &failure, Chances { remaining: remaining.map(Duration::from_secs), ..PLENTY }, 0.0)
            .map(|pause| pause.as_millis())
    };
    assert_eq!(wait(7.0, Some(30)), Some(7000));
    assert_eq!(wait(0.0, Some(30)), Some(100));
    assert_eq!(wait(30.0, Some(30)), None);
    assert_eq!(wait(59.0, None), Some(59_000));
    assert_eq!(wait(61.0, None), None);
}

#[test]
fn retry_after_is_read_as_seconds_and_as_a_date_and_nothing_else_is() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    for (header, seconds) in [
        ("3", Some(3.0)),
        (" 0 ", Some(0.0)),
        ("Fri, 02 Jan 2026 03:04:15 GMT", Some(10.0)),
        ("Friday, 02-Jan-26 03:04:15 GMT", Some(10.0)),
        ("Fri, 02 Jan 2026 03:04:00 GMT", Some(0.0)),
        ("99999999999999999999", Some(1e9)),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(retry_after_seconds(header, now), seconds, "{header:?}");
    }
}
