//! What differs between a plan and what services hold, for people and for programs.
//!
//! Programs get the pinned form: a line, or an element of a list, for each operation in source
//! order, then for what only the gateway holds, then the counts.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use crate::plan::difference::Difference;
use crate::plan::{Entry, Item};
use crate::show::preview::json;
use crate::target::Listed;
use crate::target::tencent::compare::Change;
use crate::text::{cut, escape};

/// All that was compared, in source order.
#[derive(Debug, Default)]
pub struct Differences<'p> {
    /// Items with how they stand.
    pub compared: Vec<(&'p Item, Difference)>,
    /// What would not be sent.
    pub others: Vec<&'p Entry>,
    /// What only the gateway holds, each behind its service.
    pub only_there: Vec<(String, Listed)>,
}

impl Differences<'_> {
    /// Whether an import would have something to do.
    pub fn any(&self) -> bool {
        self.compared.iter().any(|(_, difference)| difference.counts())
    }

    /// How many operations cannot be sent.
    pub fn unfit(&self) -> usize {
        self.others.iter().filter(|entry| matches!(entry, Entry::Unfit(_))).count()
    }

    /// The number of each kind.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let kinds = ["create", "change", "same", "duplicate", "not-comparable"];
        let mut counts: BTreeMap<_, _> = kinds.into_iter().map(|kind| (kind, 0)).collect();
        for (_, difference) in &self.compared {
            *counts.entry(difference.kind()).or_default() += 1;
        }
        counts
    }

    /// One JSON object a line.
    pub fn write_lines(&self, out: &mut impl io::Write) -> io::Result<()> {
        for (item, difference) in &self.compared {
            json::line(out, &of_item(item, difference))?;
        }
        for entry in &self.others {
            json::entry(out, entry)?;
            writeln!(out)?;
        }
        for (service, api) in &self.only_there {
            json::line(out, &of_listed(service, api))?;
        }
        let mut summary = self.summary();
        summary["kind"] = "summary".into();
        json::line(out, &summary)
    }

    /// One JSON object.
    pub fn write_object(&self, out: &mut impl io::Write) -> io::Result<()> {
        let items: Vec<_> = self.compared.iter().map(|(item, it)| of_item(item, it)).collect();
        let there: Vec<_> = self.only_there.iter().map(|(it, api)| of_listed(it, api)).collect();
        let whole = json!({"items": items, "only_there": there, "summary": self.summary()});
        json::line(out, &whole)
    }

    fn summary(&self) -> Value {
        let counts = self.counts();
        let unfit = self.unfit();
        json!({
            "create": counts["create"], "change": counts["change"], "same": counts["same"],
            "duplicate": counts["duplicate"], "not_comparable": counts["not-comparable"],
            "only_there": self.only_there.len(), "unfit": unfit,
            "skipped": self.others.len() - unfit,
        })
    }

    /// For people; with what is the same and what is extra where `full`.
    pub fn write_table(&self, out: &mut impl io::Write, full: bool) -> io::Result<()> {
        for (item, difference) in &self.compared {
            if full || difference.counts() {
                let route = format!("{} {}", item.key.method, item.key.path);
                let sign = sign(difference);
                writeln!(out, "{sign} {}  {}", escape(&route), escape(&item.key.service))?;
                write_leaves(out, difference, full)?;
            }
        }
        for (service, api) in &self.only_there {
            let route = format!("{} {}", api.method, api.path);
            writeln!(out, "? {}  {}, only there", escape(&route), escape(service))?;
        }
        self.write_untold(out)?;
        let counts = self.counts();
        let same = counts["same"] + counts["not-comparable"];
        write!(
            out,
            "{} to create, {} to change, {same} the same, {} duplicate; {} only there",
            counts["create"],
            counts["change"],
            counts["duplicate"],
            self.only_there.len(),
        )?;
        match self.unfit() {
            0 => writeln!(out),
            unfit => writeln!(out, "; {unfit} unfit, which `preview` explains"),
        }
    }

    /// Tells once what nobody can compare.
    fn write_untold(&self, out: &mut impl io::Write) -> io::Result<()> {
        let mut apis: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, difference) in &self.compared {
            for field in untold(difference) {
                *apis.entry(field).or_default() += 1;
            }
        }
        if apis.is_empty() {
            return Ok(());
        }
        let listed: Vec<_> =
            apis.iter().map(|(field, count)| format!("{field} (of {count})")).collect();
        writeln!(out, "not compared, since the gateway does not tell: {}", listed.join(", "))
    }
}

fn untold(difference: &Difference) -> &[&'static str] {
    match difference {
        Difference::Change { untold, .. } | Difference::Same { untold, .. } => untold,
        Difference::Create | Difference::Duplicate { .. } => &[],
    }
}

fn sign(difference: &Difference) -> char {
    match difference {
        Difference::Create => '+',
        Difference::Change { .. } => '~',
        Difference::Same { .. } => '=',
        Difference::Duplicate { .. } => '!',
    }
}

fn write_leaves(out: &mut impl io::Write, difference: &Difference, full: bool) -> io::Result<()> {
    let (changes, extra): (&[Change], &[Change]) = match difference {
        Difference::Change { changes, extra, .. } => (changes, extra),
        Difference::Same { extra, .. } => (&[], extra),
        Difference::Create => return Ok(()),
        Difference::Duplicate { ids } => {
            return writeln!(out, "    several have this method and path: {}", ids.join(", "));
        }
    };
    for change in changes {
        let Change { field, was, will } = change.clone().masked();
        writeln!(out, "    {} {} -> {}", escape(&field), shown(&was), shown(&will))?;
    }
    for change in extra.iter().filter(|_| full) {
        let Change { field, was, .. } = change.clone().masked();
        writeln!(out, "    {} {} (not in the documents)", escape(&field), shown(&was))?;
    }
    Ok(())
}

/// The most characters of a value in a table.
const VALUE_CHARS: usize = 120;

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) => escape(&cut(&format!("{text:?}"), VALUE_CHARS)).into_owned(),
        other => escape(&cut(&other.to_string(), VALUE_CHARS)).into_owned(),
    }
}

fn of_item(item: &Item, difference: &Difference) -> Value {
    let mut line = json!({
        "kind": difference.kind(), "service": item.key.service, "method": item.key.method,
        "path": item.key.path,
    });
    match difference {
        Difference::Create => {}
        Difference::Duplicate { ids } => line["api_ids"] = ids.as_slice().into(),
        Difference::Change { api_id, changes, extra, untold } => {
            line["api_id"] = api_id.as_str().into();
            line["changes"] = leaves(changes);
            add_rest(&mut line, extra, untold);
        }
        Difference::Same { api_id, extra, untold } => {
            line["api_id"] = api_id.as_str().into();
            add_rest(&mut line, extra, untold);
        }
    }
    line["source"] = (*item.origin.source).into();
    line["line"] = item.origin.line.into();
    line
}

fn add_rest(line: &mut Value, extra: &[Change], untold: &[&str]) {
    if !extra.is_empty() {
        line["extra"] = leaves(extra);
    }
    if !untold.is_empty() {
        line["not_compared"] = untold.into();
    }
}

fn leaves(changes: &[Change]) -> Value {
    let leaf = |change: &Change| {
        let Change { field, was, will } = change.clone().masked();
        json!({"field": field, "was": was, "will": will})
    };
    changes.iter().map(leaf).collect()
}

fn of_listed(service: &str, api: &Listed) -> Value {
    json!({
        "kind": "only-there", "service": service, "method": api.method, "path": api.path,
        "api_id": api.api_id, "api_name": api.name,
    })
}
