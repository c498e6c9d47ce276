//! `tenantry tenant import` and `tenantry tenant imports`

use std::time::Duration;

use super::{file, show_list};
use crate::{
    args::{FileFormat, ImportsCommand, TenantImport},
    client::Client,
    failure::Failure,
    output::Output,
    view::import::{self as view, Import, LookedThrough},
    watch::{Progress, Seen, Watch},
};

const IMPORTS: [&str; 2] = ["v1", "tenant-imports"];

pub(super) async fn import(given: TenantImport, client: &Client, output: &Output) -> Result<(), Failure> {
    let format = given.format.map_or_else(|| guess(&given.file), Ok)?;
    let media = match format {
        FileFormat::Csv => "text/csv",
        FileFormat::Ndjson => "application/x-ndjson",
    };
    let bytes = file::bytes(&given.file)?;
    let query = [("dryRun", given.dry_run.then(|| "true".to_owned()))];
    let answer = client.upload(&IMPORTS, &query, (media, &bytes), &given.repeat.key()).await?;
    if given.dry_run {
        let seen: LookedThrough = answer.read()?;
        output.answer(&answer.body, |paint| view::looked_through(&seen, paint))?;
        return looked_through(&seen);
    }
    if answer.replayed {
        output.aside("This was asked before with the same key; nothing is done twice.");
    }
    let begun = Seen::new(answer)?;
    let id = begun.run.id.clone();
    if !given.watch {
        show(&id, client, output).await?;
        output.aside(&format!("Follow it with: tenantry run watch {id}"));
        return Ok(());
    }
    let watch = Watch { patience: given.wait.map(Duration::from_secs), past_tasks: true };
    watch.follow(client, begun, Progress::new(output, false)).await?;
    show(&id, client, output).await?.judge()
}

pub(super) async fn imports(command: ImportsCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        ImportsCommand::List { paging } => {
            show_list(&client.list(&IMPORTS, &[], &paging).await?, output, view::imports)
        }
        ImportsCommand::Show { id } => show(&id, client, output).await.map(drop),
        ImportsCommand::Rows { id, status, paging } => {
            let path = [IMPORTS[0], IMPORTS[1], &id, "rows"];
            show_list(&client.list(&path, &[("status", status)], &paging).await?, output, view::rows)
        }
    }
}

async fn show(id: &str, client: &Client, output: &Output) -> Result<Import, Failure> {
    let answer = client.get(&[IMPORTS[0], IMPORTS[1], id], &[]).await?;
    let import: Import = answer.read()?;
    output.answer(&answer.body, |paint| view::import(&import, paint))?;
    Ok(import)
}

fn looked_through(seen: &LookedThrough) -> Result<(), Failure> {
    if seen.invalid == 0 {
        return Ok(());
    }
    Err(Failure::Ended {
        what: format!("{} of {} rows cannot be used", seen.invalid, seen.total),
        detail: String::new(),
        next: "Correct the lines named above. Imported as it is, the file's other rows would be onboarded.".to_owned(),
        code: "import_rows_invalid",
    })
}

/// What a file is written in, as its name ends.
fn guess(file: &str) -> Result<FileFormat, Failure> {
    match file.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).as_deref() {
        Some("csv") => Ok(FileFormat::Csv),
        Some("ndjson" | "jsonl") => Ok(FileFormat::Ndjson),
        _ => Err(Failure::Usage {
            what: format!("The name of {} does not say what it is written in", file::name(file)),
            next: "Add --format csv or --format ndjson.".to_owned(),
        }),
    }
}
