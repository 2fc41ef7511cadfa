//! `export`: writes what services hold as OpenAPI documents, from the gateway or from answers
//! that were saved. Nothing of the gateway is changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::args::ExportArgs;
use crate::cli::args::export::ExportFormat;
use crate::cli::commands::print;
use crate::cli::error::{Error, Exit};
use crate::cli::exports::{self, There};
use crate::cli::options::{GatewayOptions, RunOptions};
use crate::cli::session::Session;
use crate::cli::surroundings::Surroundings;
use crate::cli::{printer, process, settings};
use crate::run::holdings;
use crate::run::reading::{self, ReadPace};
use crate::target::tencent::export::{Exported, Gap, Holding, answers, documents};
use crate::text::{escape, yaml};

/// A document and where it goes.
struct File {
    path: PathBuf,
    text: String,
    exported: Exported,
}

/// Writes the documents, or holds them against the files that are there.
pub(crate) fn export(args: &ExportArgs, surroundings: &Surroundings) -> Result<Exit, Error> {
    let mut exit = Exit::Done;
    let held = held(args, surroundings, &mut exit)?;
    let files = files(args, surroundings, &held);
    for file in &files {
        for gap in &file.exported.gaps {
            tell(&file.path, gap);
            exit = if gap.is_loss { exit.or(Exit::Partial) } else { exit };
        }
    }
    let ended = if args.what.out == Path::new("-") { show(&files)? } else { put(args, &files)? };
    Ok(exit.or(ended))
}

fn tell(path: &Path, gap: &Gap) {
    let severity = if gap.is_loss { "warning" } else { "note" };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let route = if gap.route.is_empty() { String::new() } else { format!("{}: ", gap.route) };
    let line = format!("{name}: {route}{} ({})", gap.message, gap.code);
    printer::note(false, &format!("{severity}: {}", escape(&line)));
}

/// What the services hold, from wherever it is asked for.
fn held(
    args: &ExportArgs,
    surroundings: &Surroundings,
    exit: &mut Exit,
) -> Result<Vec<Holding>, Error> {
    let Some(folder) = &args.what.from_answers else { return of_gateway(args, surroundings) };
    let mut tell = |what: String| {
        printer::note(false, &format!("warning: {what}"));
        *exit = exit.or(Exit::Partial);
    };
    let mut holdings = exports::saved(&surroundings.folder.join(folder), &mut tell)?;
    if !args.what.services.is_empty() {
        holdings.retain(|holding| args.what.services.contains(&holding.service));
    }
    match args.what.services.iter().find(|id| holdings.iter().all(|it| it.service != **id)) {
        Some(missing) => {
            Err(Error::usage(format!("no saved answer is about the service {}", escape(missing))))
        }
        None => Ok(holdings),
    }
}

fn of_gateway(args: &ExportArgs, surroundings: &Surroundings) -> Result<Vec<Holding>, Error> {
    if args.what.services.is_empty() && !args.what.all {
        let hint = "give --service ID, --all, or --from-answers DIR";
        return Err(Error::usage("which services to export is not said").hint(hint));
    }
    let mut asked = RunOptions {
        gateway: GatewayOptions::of(&args.gateway, &surroundings.folder),
        folder: surroundings.folder.clone(),
        ..RunOptions::default()
    };
    asked.sources.config.clone_from(&args.config);
    let session = Session::new(asked, surroundings)?;
    let run = session.run_settings()?;
    let rate = settings::read_rate(&session.asked.gateway)?;
    let pace = ReadPace { rate, in_flight: run.concurrency };
    let destination = session.destination()?;
    let runtime = process::runtime()?;
    let read: Result<Vec<Holding>, Error> = runtime.block_on(async {
        let open = destination.connect(Path::new(""), &[], 0, process::now()).await?;
        let stopped =
            |why: String| Error::new(Exit::Stopped, format!("{}: {why}", destination.introduction));
        let mut services = args.what.services.clone();
        if args.what.all {
            let all = reading::ask(&*open.client, || open.client.services()).await;
            services = all.map_err(stopped)?.into_iter().map(|state| state.service_id).collect();
            services.sort();
        }
        let mut held = Vec::new();
        for service in &services {
            let read = holdings::read(&*open.client, service, pace).await;
            held.push(read.map_err(|why| stopped(format!("the service {service}: {why}")))?);
        }
        Ok(held)
    });
    process::leave(runtime);
    let held = read?;
    if let Some(folder) = &args.what.keep_answers {
        keep(&surroundings.folder.join(folder), &held)?;
    }
    Ok(held)
}

/// Keeps answers as `--from-answers` reads them.
fn keep(folder: &Path, held: &[Holding]) -> Result<(), Error> {
    for holding in held {
        for api in &holding.apis {
            let answer = answers::answer_of(holding, api);
            let file = format!("{}.json", safe(api.api_id()));
            exports::write(&folder.join(safe(&holding.service)).join(file), &answer)?;
        }
    }
    Ok(())
}

/// The documents of all services, each with a name that no other has.
fn files(args: &ExportArgs, surroundings: &Surroundings, held: &[Holding]) -> Vec<File> {
    let folder = surroundings.folder.join(&args.what.out);
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    for holding in held {
        *alike.entry(stem(holding).to_lowercase()).or_default() += 1;
    }
    let mut files = Vec::new();
    for holding in held {
        let mut stem = stem(holding);
        if alike.get(&stem.to_lowercase()).is_some_and(|count| *count > 1) {
            stem = format!("{stem}-{}", safe(&holding.service));
        }
        for (at, exported) in documents(holding).into_iter().enumerate() {
            let part = if at == 0 { String::new() } else { format!(".{}", at + 1) };
            let (end, text) = match args.what.format {
                ExportFormat::Yaml => ("yaml", yaml::write(&exported.document)),
                ExportFormat::Json => ("json", format!("{:#}\n", exported.document)),
            };
            files.push(File { path: folder.join(format!("{stem}{part}.{end}")), text, exported });
        }
    }
    files
}

fn stem(holding: &Holding) -> String {
    let name = safe(&holding.name);
    if name.is_empty() { safe(&holding.service) } else { name }
}

/// A name that every file system takes.
fn safe(name: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let safe: String = name.trim().chars().map(kept).take(100).collect();
    safe.trim_start_matches('.').to_owned()
}

/// To standard output, where there is one document.
fn show(files: &[File]) -> Result<Exit, Error> {
    match files {
        [file] => Ok(print(file.text.as_bytes())),
        several => {
            let message =
                format!("there are {} documents, and standard output takes one", several.len());
            Err(Error::usage(message).hint("give --out DIR, or one --service"))
        }
    }
}

/// Writes the files, or with `--check` holds them against those that are there.
fn put(args: &ExportArgs, files: &[File]) -> Result<Exit, Error> {
    let mut exit = Exit::Done;
    let mut there = Vec::new();
    for file in files {
        there.push(exports::there(&file.path, &file.text)?);
    }
    let in_the_way = files.iter().zip(&there).find(|(_, there)| **there == There::Other);
    if let (Some((file, _)), false, false) = (in_the_way, args.what.force, args.what.check) {
        let message = format!("{} is there already and differs", file.path.display());
        return Err(Error::usage(message).hint("give --force to overwrite it, or another --out"));
    }
    for (file, there) in files.iter().zip(there) {
        let state = match (there, args.what.check) {
            (There::Same, _) => "same",
            (There::Nothing, true) => "missing",
            (There::Other, true) => "differs",
            (_, false) => {
                exports::write(&file.path, &file.text)?;
                "written"
            }
        };
        if matches!(state, "missing" | "differs") {
            exit = Exit::Partial;
        }
        let apis = file.exported.apis;
        let noun = if apis == 1 { "API" } else { "APIs" };
        let path = file.path.display().to_string();
        print(format!("{state:<8} {} ({apis} {noun})\n", escape(&path)).as_bytes());
    }
    Ok(exit)
}
