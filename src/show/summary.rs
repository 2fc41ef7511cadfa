//! How a run ended, in the last lines that it prints.
//!
//! Pure: rows and reasons in, text out that is safe to show.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::report::Row;
use crate::report::resume::is_untouched;
use crate::report::row::{CHANGED, WORDS};
use crate::run::{Action, Detail, Outcome, StopReason, own};
use crate::target::meaning::{Meaning, Scope};
use crate::target::tencent::codes;
use crate::text::{cut, escape};

/// Kinds of refusal that are shown one by one.
const KINDS: usize = 6;

/// Rows of one kind that are named.
const NAMED: usize = 5;

/// What is known when all is over.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// The report's rows.
    pub rows: &'a [Row],
    /// Why the run stopped before its end.
    pub stop: Option<&'a StopReason>,
    /// Services that nothing more was sent to, and why.
    pub closed: &'a [(String, Detail)],
    /// The report's path as it was typed.
    pub report: &'a str,
    /// What was done with the items.
    pub action: Action,
    /// Whether publishing was asked for, and has been reported.
    pub published: bool,
}

impl End<'_> {
    /// The last lines: the result, and what to do next.
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

    /// Whether a row shows why its service was given up.
    fn rows_tell(&self, service: &str, detail: &Detail) -> bool {
        let mut rows = self.rows.iter().filter(|row| &*row.service == service);
        rows.any(|row| row.detail.code == detail.code)
    }

    fn wrongs(&self) -> Vec<String> {
        let mut lines = self.refusals();
        lines.extend(self.doubts());
        lines.extend(self.remarks());
        lines
    }

    fn of(&self, is: impl Fn(&Outcome) -> bool) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.outcome.as_ref().is_some_and(&is))
    }

    fn has(&self, is: impl Fn(&Outcome) -> bool) -> bool {
        self.of(is).next().is_some()
    }

    fn counts(&self) -> String {
        let count = |word: &&str| match self.rows.iter().filter(|row| row.word() == *word).count() {
            0 => None,
            n => Some(format!("{n} {word}")),
        };
        let parts: Vec<String> = WORDS.iter().filter_map(count).collect();
        let total = self.rows.len();
        let noun = if total == 1 { "operation" } else { "operations" };
        if parts.is_empty() {
            return "no operations".to_owned();
        }
        format!("{total} {noun}: {}", parts.join(", "))
    }

    /// What was refused, given up or not sent, grouped by code, with advice.
    fn refusals(&self) -> Vec<String> {
        let mut kinds: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
        let told = self.of(|outcome| {
            use Outcome::{GaveUp, NotSent, Refused, Unfit};
            matches!(outcome, Refused { .. } | GaveUp { .. } | NotSent | Unfit)
        });
        for row in told.filter(|row| !row.detail.code.is_empty()) {
            kinds.entry((row.word(), &row.detail.code)).or_default().push(row);
        }
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|((word, _), rows)| (Reverse(rows.len()), place(word)));
        let more = kinds.len().saturating_sub(KINDS);
        let mut lines: Vec<String> = kinds.iter().take(KINDS).flat_map(kind).collect();
        if more > 0 {
            lines.push(format!("  and {more} more kinds; the report has them all"));
        }
        lines
    }

    fn doubts(&self) -> Vec<String> {
        let duplicates = self.of(|outcome| matches!(outcome, Outcome::Duplicate { .. }));
        let duplicates = duplicates.map(|row| {
            format!(
                "  DUPLICATE: {} exists more than once ({}); delete all but one in the console",
                route(row),
                escape(&row.api_id())
            )
        });
        let is_doubtful =
            |row: &&Row| row.outcome.as_ref().is_none_or(|it| *it == Outcome::Unconfirmed);
        let doubtful = self.rows.iter().filter(is_doubtful).take(NAMED);
        duplicates.chain(doubtful.map(|row| format!("  unconfirmed: {}", route(row)))).collect()
    }

    /// APIs of ours that the gateway shows otherwise than they were sent; of an undo, those that
    /// are still there.
    fn remarks(&self) -> Vec<String> {
        let undoes = self.undoes();
        let of_note = |outcome: &Outcome| {
            matches!(outcome, Outcome::Created { .. }) || undoes && outcome.is_ours()
        };
        let odd: Vec<_> = self.of(of_note).filter(|row| !row.detail.message.is_empty()).collect();
        let told = |row: &&Row| {
            let (route, message) = (route(row), escape(&row.detail.message));
            if undoes {
                format!("  still there: {route} ({}): {message}", escape(&row.api_id()))
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
        let report = shell_word(self.report);
        let ours = self.has(Outcome::is_ours);
        if self.undoes() {
            if ours {
                lines.push(format!("delete the rest with: apiferry undo {report}"));
            } else if !self.has(|outcome| matches!(outcome, Outcome::Deleted { .. })) {
                lines.push("nothing to delete: this report created no APIs".to_owned());
            }
            return lines;
        }
        if self.has(|outcome| matches!(outcome, Outcome::Exists { .. })) {
            lines.push("exists: it was there before and was left unchanged".to_owned());
        }
        if ours && !self.published {
            lines.push(
                "the new APIs are not yet published: publish the service in the console, or use --release ENV"
                    .to_owned(),
            );
        }
        lines.extend(self.changed());
        lines.extend(self.gone());
        lines.extend(self.elsewhere());
        let open = |row: &Row| {
            let open = |it: &Outcome| matches!(it, Outcome::NotSent | Outcome::Unconfirmed);
            row.outcome.as_ref().is_none_or(open)
        };
        if self.rows.iter().any(open) {
            lines.push(format!("continue with: apiferry resume {report}"));
        }
        // Told beside it: what waits for a refused API is sent only when that one is again.
        if self.has(|it| matches!(it, Outcome::Refused { .. } | Outcome::GaveUp { .. })) {
            lines.push(format!(
                "fix what was refused, then: apiferry resume {report} --retry refused"
            ));
        }
        lines
    }
}

impl End<'_> {
    /// APIs that stand as they were made although their operations have changed.
    fn changed(&self) -> Option<String> {
        let changed = self.rows.iter().filter(|row| row.is_ours() && row.has_found(CHANGED));
        let (operations, apis) = match changed.count() {
            0 => return None,
            1 => ("1 operation has".to_owned(), "its API was created, and it was left as it is"),
            n => (
                format!("{n} operations have"),
                "their APIs were created, and they were left as they are",
            ),
        };
        Some(format!("{operations} changed since {apis}: `apiferry diff SOURCES` shows how"))
    }

    /// APIs that somebody else deleted.
    fn gone(&self) -> Option<String> {
        let gone = self.of(|it| matches!(it, Outcome::Deleted { .. }));
        let count = gone.filter(|row| row.detail.code == own::GONE).count();
        let report = shell_word(self.report);
        (count > 0).then(|| {
            format!(
                "{count} of these are gone from the gateway: apiferry resume {report} --retry gone"
            )
        })
    }

    /// How to go on where a service is not there.
    fn elsewhere(&self) -> Option<String> {
        let is_gone =
            |detail: &Detail| codes::meaning(&detail.code) == Meaning::Stop(Scope::Service);
        let is_unsent = |service: &str| {
            let mut rows = self.rows.iter().filter(|row| *row.service == *service);
            rows.all(is_untouched)
        };
        let mut closed = self.closed.iter().filter(|(service, _)| is_unsent(service));
        let (service, _) = closed.find(|(_, detail)| is_gone(detail))?;
        let (report, service) = (shell_word(self.report), shell_word(service));
        Some(format!("to send to another service: apiferry resume {report} --service {service}=ID"))
    }
}

fn place(word: &str) -> Option<usize> {
    WORDS.iter().position(|it| *it == word)
}

fn stopped(stop: &StopReason) -> String {
    match stop {
        StopReason::Hopeless { code, message } => {
            let advice = advice(code).map(|hint| format!("; {hint}")).unwrap_or_default();
            format!("stopped: {} ({}){advice}", escape(message), escape(code))
        }
        StopReason::JournalLost { message } => {
            format!("stopped: the journal can no longer be written: {}", escape(message))
        }
        StopReason::Interrupted { .. } => {
            "stopped by a signal, after all requests were answered".to_owned()
        }
        StopReason::Killed { .. } => {
            "stopped at once by a second signal; a resume checks what was not answered".to_owned()
        }
    }
}

/// A service that failed after all its rows had ended: they are as shown, and were not checked
/// against a last listing.
fn closed_service((service, Detail { code, message, .. }): &(String, Detail)) -> String {
    let service = escape(service);
    format!("{service} could not be checked at the end: {} ({})", escape(message), escape(code))
}

fn kind(((word, code), rows): &((&str, &str), Vec<&Row>)) -> Vec<String> {
    let first = rows.first().map(|row| row.detail.message.as_str()).unwrap_or_default();
    // One message must not speak for rows that say another.
    let others = rows.iter().any(|row| row.detail.message != first);
    let more = if others { "; and others of this kind" } else { "" };
    let message = escape(&cut(first, 120)).into_owned() + more;
    let mut lines = vec![format!("  {} {word}: {} ({message})", rows.len(), escape(code))];
    if let Some(hint) = advice(code) {
        lines.push(format!("    hint: {hint}"));
    }
    lines
}

fn advice(code: &str) -> Option<&'static str> {
    codes::hint(code).or_else(|| own::hint(code))
}

fn route(row: &Row) -> String {
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

    fn row(word: &str) -> Row {
        Row::from_cells(|name: &str| match name {
            "service" => "service-a".into(),
            "method" => "GET".into(),
            "path" => "/a".into(),
            "outcome" => word.to_owned().into(),
            "api_id" => "api-1".into(),
            "attempts" => "1".into(),
            _ => "".into(),
        })
    }

    #[test]
    fn the_last_lines_say_what_stands_and_what_to_do() {
        let mut refused = row("refused");
        refused.detail.code = "FailedOperation.DomainNeedBeian".into();
        let rows = [row("created"), refused];
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

    fn ended(rows: &[Row], stop: Option<&StopReason>, action: Action) -> (String, String) {
        let published = false;
        let end = End { rows, stop, closed: &[], report: "r.csv", action, published };
        (end.lines().join("\n"), end.trouble().join("\n"))
    }

    #[test]
    fn a_service_that_was_closed_is_told_of_where_no_row_tells_it() {
        let closed = [("service-a".to_owned(), Detail::ours("listing", "no page came"))];
        let told = |row: Row| End { closed: &closed, ..finished(&[row]) }.lines().join("\n");
        let text = told(row("created"));
        assert!(text.contains("service-a could not be checked at the end: no page came"), "{text}");
        let mut unsent = row("not-sent");
        unsent.detail.code = "listing".into();
        assert!(!told(unsent).contains("could not be checked at the end"));
    }

    #[test]
    fn what_was_there_before_is_said_to_stand_as_it_was() {
        let (told, quiet) = ended(&[row("exists")], None, Action::Create);
        assert!(told.contains("left unchanged"), "{told}");
        assert_eq!(quiet, "");
    }

    #[test]
    fn an_undo_of_a_report_that_made_nothing_says_so() {
        let (told, _) = ended(&[row("exists")], None, Action::Delete);
        assert!(told.contains("nothing to delete"), "{told}");
        let (told, _) = ended(&[row("deleted")], None, Action::Delete);
        assert!(!told.contains("nothing to delete"), "{told}");
    }

    #[test]
    fn whoever_wants_to_hear_only_errors_hears_why_it_stopped() {
        let (code, message) = ("unreachable".to_owned(), "connection refused".to_owned());
        let (_, quiet) = ended(
            &[row("not-sent")],
            Some(&StopReason::Hopeless { code, message }),
            Action::Create,
        );
        assert!(quiet.contains("connection refused") && quiet.contains("--endpoint"), "{quiet}");
        assert!(!quiet.contains("operation"), "{quiet}");
    }

    fn finished(rows: &[Row]) -> End<'_> {
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
                let mut unfit = row("unfit");
                unfit.detail.code = "unsupported-method".into();
                unfit.detail.message = message.into();
                unfit
            });
            finished(&rows).lines().join("\n")
        };
        assert!(said(["no TRACE", "no QUERY"]).contains("(no TRACE; and others of this kind)"));
        assert!(said(["no TRACE", "no TRACE"]).contains("(no TRACE)"));
    }

    #[test]
    fn a_remark_on_a_created_api_is_told() {
        let mut odd = row("created");
        odd.detail.message = "the gateway has it as PUT /b".into();
        let rows = vec![odd; NAMED + 2];
        let told = finished(&rows).trouble();
        assert_eq!(told[0], "  warning: GET /a was created: the gateway has it as PUT /b");
        assert_eq!(told.last().map(String::as_str), Some("  and 2 more of these"));
        assert!(finished(&[row("created")]).trouble().is_empty());
    }

    #[test]
    fn what_waits_for_a_refused_api_is_told_how_to_be_sent() {
        let mut refused = row("refused");
        refused.detail.code = "InvalidParameterValue.InvalidPublicKey".into();
        let text = finished(&[refused, row("not-sent")]).lines().join("\n");
        assert!(text.contains("continue with: apiferry resume r.csv\n"), "{text}");
        assert!(text.contains("apiferry resume r.csv --retry refused"), "{text}");
    }

    #[test]
    fn nothing_that_a_terminal_acts_on_is_shown() {
        let mut bad = row("refused");
        bad.detail.code = "A\u{1b}[2J".into();
        bad.detail.message = "\u{202e}x\r".into();
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
