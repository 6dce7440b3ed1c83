//! Owns how often one call reports progress (HUB-PROG-1, HUB-PROG-2); must not know the connection.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::types::Progress;

/// The span in which no more than 20 reports are sent.
const WINDOW: Duration = Duration::from_secs(1);

/// One in hand for the last report, which is sent whenever the call ends.
const REPORTS_IN_WINDOW: usize = 20 - 1;

/// Lets reports pass at once while there were few in the last second, then the newest one as soon as it may; never loses the last.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// When the last reports were sent, oldest first.
    sent: VecDeque<Instant>,
    furthest: Option<f64>,
    held: Option<Progress>,
}

/// What to do with a report.
#[derive(Debug, PartialEq)]
pub(crate) enum Pass {
    /// Send this one.
    Now(Progress),
    /// Ask again at this time.
    Later(Instant),
    /// Nothing: it fell behind an earlier one, or somebody asks later already.
    Never,
}

impl Pace {
    pub(crate) fn report(&mut self, report: Progress, now: Instant) -> Pass {
        if !report.done.is_finite() || self.furthest.is_some_and(|furthest| report.done < furthest) {
            return Pass::Never;
        }
        self.furthest = Some(report.done);
        let somebody_asks = self.held.replace(report).is_some();
        let due = match self.sent.front() {
            Some(oldest) if self.sent.len() == REPORTS_IN_WINDOW => *oldest + WINDOW,
            _ => now,
        };
        if due <= now {
            return self.take(now).map_or(Pass::Never, Pass::Now);
        }
        if somebody_asks { Pass::Never } else { Pass::Later(due) }
    }

    /// Take what is held, to be sent now.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Progress> {
        let report = self.held.take()?;
        self.sent.push_back(now);
        if self.sent.len() > REPORTS_IN_WINDOW {
            self.sent.pop_front();
        }
        Some(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(done: f64) -> Progress {
        Progress { done, total: None, message: None }
    }

    #[test]
    fn a_thousand_reports_in_a_second_are_twenty_and_the_last_is_among_them() {
        let start = Instant::now();
        let (mut pace, mut sent, mut asks_at) = (Pace::default(), Vec::new(), None);
        for step in 0..1000_u32 {
            let now = start + Duration::from_millis(1) * step;
            if asks_at.is_some_and(|due| due <= now) {
                asks_at = None;
                sent.extend(pace.take(now));
            }
            match pace.report(at(step.into()), now) {
                Pass::Now(report) => sent.push(report),
                Pass::Later(due) => asks_at = Some(due),
                Pass::Never => {}
            }
        }
        sent.extend(pace.take(start + Duration::from_millis(999)));
        assert_eq!(sent.len(), 20);
        assert_eq!(sent.last(), Some(&at(999.0)));
    }

    #[test]
    fn a_report_that_falls_behind_is_dropped() {
        let now = Instant::now();
        let mut pace = Pace::default();
        assert_eq!(pace.report(at(2.0), now), Pass::Now(at(2.0)));
        assert_eq!(pace.report(at(1.0), now), Pass::Never);
        assert_eq!(pace.report(at(f64::NAN), now), Pass::Never);
        assert_eq!(pace.report(at(2.0), now), Pass::Now(at(2.0)));
    }
}
