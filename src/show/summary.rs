//! How a run ended, in the last lines that it prints.
//!
//! Pure: rows and reasons in, text out that is safe to show.

use std::collections::BTreeMap;

use crate::report::row::{ReportRow, State};
use crate::run::{Action, Detail, StopReason, own};
use crate::target::tencent::codes;
use crate::text::{cut, escape};

/// Kinds of refusal that are told one by one.
const KINDS: usize = 6;

/// Rows of one kind that are named.
const NAMED: usize = 5;

/// What is known when all is over.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// The report's rows.
    pub rows: &'a [ReportRow],
    /// Why the run stopped before its end.
    pub stop: Option<&'a StopReason>,
    /// Services that took no more, and why.
    pub closed: &'a [(String, Detail)],
    /// How people name the report.
    pub report: &'a str,
    /// What was done with the items.
    pub action: Action,
    /// Whether publishing was asked for, and told of already.
    pub published: bool,
}

impl End<'_> {
    /// The last lines: what stands now, and what to do next.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = self.stopped();
        lines.push(self.counts());
        lines.extend(self.wrongs());
        lines.extend(self.next());
        lines
    }

    /// Of these only what went wrong, for those who want to hear nothing else.
    pub fn trouble(&self) -> Vec<String> {
        let mut lines = self.stopped();
        lines.extend(self.wrongs());
        lines
    }

    fn undoes(&self) -> bool {
        self.action == Action::Delete
    }

    fn stopped(&self) -> Vec<String> {
        let closed =
            self.closed.iter().filter(|(service, detail)| !self.rows_tell(service, detail));
        self.stop.map(stopped).into_iter().chain(closed.map(closed_service)).collect()
    }

    /// Whether a row says why its service took no more.
    fn rows_tell(&self, service: &str, detail: &Detail) -> bool {
        let mut rows = self.rows.iter().filter(|row| &*row.service == service);
        rows.any(|row| *row.error_code == *detail.code)
    }

    fn wrongs(&self) -> Vec<String> {
        let mut lines = self.refusals();
        lines.extend(self.doubts());
        lines.extend(self.remarks());
        lines
    }

    fn count(&self, state: State) -> usize {
        self.rows.iter().filter(|row| row.state == state).count()
    }

    fn of(&self, state: State) -> impl Iterator<Item = &ReportRow> {
        self.rows.iter().filter(move |row| row.state == state)
    }

    fn counts(&self) -> String {
        let told = |state: &State| match self.count(*state) {
            0 => None,
            n => Some(format!("{n} {state}")),
        };
        let parts: Vec<String> = State::ALL.iter().filter_map(told).collect();
        let total = self.rows.len();
        let noun = if total == 1 { "operation" } else { "operations" };
        if parts.is_empty() {
            return "no operations".to_owned();
        }
        format!("{total} {noun}: {}", parts.join(", "))
    }

    /// What was refused, given up or not sent, grouped by code, with advice.
    fn refusals(&self) -> Vec<String> {
        let mut kinds: BTreeMap<(State, &str), Vec<&ReportRow>> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| !row.error_code.is_empty()) {
            if matches!(row.state, State::Refused | State::GaveUp | State::NotSent | State::Unfit) {
                kinds.entry((row.state, &row.error_code)).or_default().push(row);
            }
        }
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
        let more = kinds.len().saturating_sub(KINDS);
        let mut lines: Vec<String> = kinds.iter().take(KINDS).flat_map(kind).collect();
        if more > 0 {
            lines.push(format!("  and {more} further kinds; the report has them all"));
        }
        lines
    }

    fn doubts(&self) -> Vec<String> {
        let duplicates = self.of(State::Duplicate).map(|row| {
            format!(
                "  DUPLICATE: {} exists more than once ({}); delete all but one in the console",
                route(row),
                escape(&row.api_id)
            )
        });
        let doubtful =
            self.rows.iter().filter(|row| matches!(row.state, State::Unconfirmed | State::Sending));
        let unconfirmed = doubtful.take(NAMED).map(|row| format!("  unconfirmed: {}", route(row)));
        duplicates.chain(unconfirmed).collect()
    }

    /// APIs of ours of which the gateway says something else than was sent; of an undo, those
    /// that stand.
    fn remarks(&self) -> Vec<String> {
        let of_note = |state: State| state == State::Created || self.undoes() && state.is_ours();
        let rows = self.rows.iter().filter(|row| of_note(row.state));
        let odd: Vec<_> = rows.filter(|row| !row.error_message.is_empty()).collect();
        let told = |row: &&ReportRow| {
            let (route, message) = (route(row), escape(&row.error_message));
            if self.undoes() {
                format!("  still there: {route} ({}): {message}", escape(&row.api_id))
            } else {
                format!("  warning: {route} was created: {message}")
            }
        };
        let mut lines: Vec<String> = odd.iter().take(NAMED).map(told).collect();
        if odd.len() > NAMED {
            lines.push(format!("  and {} more of these", odd.len() - NAMED));
        }
        lines
    }

    fn next(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.undoes() {
            if self.rows.iter().all(|row| row.state != State::Deleted && !row.state.is_ours()) {
                lines.push("nothing to delete: this report made no API".to_owned());
            }
            if self.rows.iter().any(|row| row.state.is_ours()) {
                let report = shell_word(self.report);
                lines.push(format!("delete what still stands with: apiferry undo {report}"));
            }
            return lines;
        }
        if self.count(State::Exists) > 0 {
            lines
                .push("exists: was there before and stands as it was; nothing was sent".to_owned());
        }
        if !self.published && self.rows.iter().any(|row| row.state.is_ours()) {
            lines.push(
                "created is not yet published: release the service in the console, or with --release ENV".to_owned(),
            );
        }
        let report = shell_word(self.report);
        let open = [State::NotSent, State::Unconfirmed, State::Sending];
        if self.rows.iter().any(|row| open.contains(&row.state)) {
            lines.push(format!("go on with: apiferry resume {report}"));
        }
        // Told beside it: what waits for a refused API is sent only when that one is again.
        if self.rows.iter().any(|row| matches!(row.state, State::Refused | State::GaveUp)) {
            lines.push(format!(
                "mend what was refused, then: apiferry resume {report} --retry refused"
            ));
        }
        lines
    }
}

fn stopped(stop: &StopReason) -> String {
    match stop {
        StopReason::Hopeless { code, message } => {
            let advice = advice(code).map(|hint| format!("; {hint}")).unwrap_or_default();
            format!("stopped: {} ({}){advice}", escape(message), escape(code))
        }
        StopReason::JournalLost { message } => {
            format!("stopped: the journal can no longer be kept: {}", escape(message))
        }
        StopReason::Interrupted { .. } => {
            "stopped by a signal: what was in flight has settled".to_owned()
        }
        StopReason::Killed { .. } => {
            "left by a second signal: what was in flight is looked for on resume".to_owned()
        }
    }
}

/// A service that was closed when all its rows had ended: what was told of them stands, and
/// the last listing is what they are not held against.
fn closed_service((service, Detail { code, message, .. }): &(String, Detail)) -> String {
    let service = escape(service);
    format!("{service} could not be looked at: {} ({})", escape(message), escape(code))
}

fn kind(((state, code), rows): &((State, &str), Vec<&ReportRow>)) -> Vec<String> {
    let first = rows.first().map(|row| &*row.error_message).unwrap_or_default();
    // One message must not speak for rows that say another.
    let others = rows.iter().any(|row| &*row.error_message != first);
    let more = if others { "; and others of this kind" } else { "" };
    let message = escape(&cut(first, 120)).into_owned() + more;
    let mut lines = vec![format!("  {} {state}: {} ({message})", rows.len(), escape(code))];
    if let Some(hint) = advice(code) {
        lines.push(format!("    hint: {hint}"));
    }
    lines
}

fn advice(code: &str) -> Option<&'static str> {
    codes::hint(code).or_else(|| own::hint(code))
}

fn route(row: &ReportRow) -> String {
    format!("{} {}", escape(&row.method), escape(&row.path))
}

/// A path as it can be pasted into a shell.
fn shell_word(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        return path.to_owned();
    }
    format!("'{}'", escape(path).replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::row::ReportRow;

    fn row(state: State) -> ReportRow {
        let columns = |name: &str| match name {
            "service" => "service-a".into(),
            "method" => "GET".into(),
            "path" => "/a".into(),
            "outcome" => state.as_str().into(),
            "attempts" => "1".into(),
            _ => "".into(),
        };
        ReportRow::from_cells(columns).expect("a row")
    }

    #[test]
    fn the_last_lines_say_what_stands_and_what_to_do() {
        let mut refused = row(State::Refused);
        refused.error_code = "FailedOperation.DomainNeedBeian".into();
        let rows = [row(State::Created), refused];
        let end = End {
            rows: &rows,
            stop: None,
            closed: &[],
            report: "my r.csv",
            action: Action::Create,
            published: false,
        };
        let text = end.lines().join("\n");
        assert!(text.starts_with("2 operations: 1 created, 1 refused"), "{text}");
        assert!(text.contains("FailedOperation.DomainNeedBeian"), "{text}");
        assert!(text.contains("apiferry resume 'my r.csv' --retry refused"), "{text}");
        assert!(text.contains("not yet published"), "{text}");
    }

    fn ended(rows: &[ReportRow], stop: Option<&StopReason>, action: Action) -> (String, String) {
        let published = false;
        let end = End { rows, stop, closed: &[], report: "r.csv", action, published };
        (end.lines().join("\n"), end.trouble().join("\n"))
    }

    #[test]
    fn a_service_that_was_closed_is_told_of_where_no_row_tells_it() {
        let closed = [("service-a".to_owned(), Detail::ours("listing", "no page came"))];
        let told = |row: ReportRow| End { closed: &closed, ..finished(&[row]) }.lines().join("\n");
        let text = told(row(State::Created));
        assert!(text.contains("service-a could not be looked at: no page came"), "{text}");
        let mut unsent = row(State::NotSent);
        unsent.error_code = "listing".into();
        assert!(!told(unsent).contains("could not be looked at"));
    }

    #[test]
    fn what_was_there_before_is_said_to_stand_as_it_was() {
        let (told, quiet) = ended(&[row(State::Exists)], None, Action::Create);
        assert!(told.contains("stands as it was"), "{told}");
        assert_eq!(quiet, "");
    }

    #[test]
    fn an_undo_of_a_report_that_made_nothing_says_so() {
        let (told, _) = ended(&[row(State::Exists)], None, Action::Delete);
        assert!(told.contains("nothing to delete"), "{told}");
        let (told, _) = ended(&[row(State::Deleted)], None, Action::Delete);
        assert!(!told.contains("nothing to delete"), "{told}");
    }

    #[test]
    fn whoever_wants_to_hear_only_errors_hears_why_it_stopped() {
        let (code, message) = ("unreachable".to_owned(), "connection refused".to_owned());
        let (_, quiet) = ended(
            &[row(State::NotSent)],
            Some(&StopReason::Hopeless { code, message }),
            Action::Create,
        );
        assert!(quiet.contains("connection refused") && quiet.contains("--endpoint"), "{quiet}");
        assert!(!quiet.contains("operation"), "{quiet}");
    }

    fn finished(rows: &[ReportRow]) -> End<'_> {
        End {
            rows,
            stop: None,
            closed: &[],
            report: "r.csv",
            action: Action::Create,
            published: false,
        }
    }

    #[test]
    fn one_message_does_not_speak_for_rows_that_say_another() {
        let said = |messages: [&str; 2]| {
            let rows = messages.map(|message| {
                let mut unfit = row(State::Unfit);
                unfit.error_code = "unsupported-method".into();
                unfit.error_message = message.into();
                unfit
            });
            finished(&rows).lines().join("\n")
        };
        assert!(said(["no TRACE", "no QUERY"]).contains("(no TRACE; and others of this kind)"));
        assert!(said(["no TRACE", "no TRACE"]).contains("(no TRACE)"));
    }

    #[test]
    fn a_remark_on_a_created_api_is_told() {
        let mut odd = row(State::Created);
        odd.error_message = "the gateway calls it PUT /b".into();
        let rows = vec![odd; NAMED + 2];
        let told = finished(&rows).trouble();
        assert_eq!(told[0], "  warning: GET /a was created: the gateway calls it PUT /b");
        assert_eq!(told.last().map(String::as_str), Some("  and 2 more of these"));
        assert!(finished(&[row(State::Created)]).trouble().is_empty());
    }

    #[test]
    fn what_waits_for_a_refused_api_is_told_how_to_be_sent() {
        let mut refused = row(State::Refused);
        refused.error_code = "InvalidParameterValue.InvalidPublicKey".into();
        let text = finished(&[refused, row(State::NotSent)]).lines().join("\n");
        assert!(text.contains("go on with: apiferry resume r.csv\n"), "{text}");
        assert!(text.contains("apiferry resume r.csv --retry refused"), "{text}");
    }

    #[test]
    fn nothing_that_a_terminal_acts_on_is_shown() {
        let mut bad = row(State::Refused);
        bad.error_code = "A\u{1b}[2J".into();
        bad.error_message = "\u{202e}x\r".into();
        let rows = [bad];
        let end = End {
            rows: &rows,
            stop: None,
            closed: &[],
            report: "r\u{1b}.csv",
            action: Action::Create,
            published: false,
        };
        assert!(end.lines().iter().all(|line| !line.contains(['\u{1b}', '\u{202e}', '\r'])));
    }
}
