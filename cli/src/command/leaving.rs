//! A tenant leaves, comes back, and what it takes with it.

use std::{io, path::Path};

use serde_json::json;

use super::end;
use crate::{
    archive::{Broken, Manifest, Writer, verify},
    args::{ExportCommand, TenantExport, TenantOffboard},
    client::{Answer, Client},
    failure::Failure,
    output::{Output, printable},
    view::leaving,
    watch::Seen,
};

/// Has it leave, or says what that would do.
pub(super) async fn offboard(offboard: TenantOffboard, client: &Client, output: &Output) -> Result<(), Failure> {
    let TenantOffboard { id, dry_run, reason, grace_days, repeat } = offboard;
    let body = json!({ "dryRun": dry_run, "reason": reason, "graceDays": grace_days }).to_string();
    let answer = client.post(&["v1", "tenants", &id, "offboarding"], &body, &repeat.key()).await?;
    if dry_run {
        let preview = answer.read()?;
        return output.answer(&answer.body, |paint| leaving::preview(&preview, paint));
    }
    end::show(&Seen::new(answer)?, output)?;
    output.aside(&format!("See how far it is with: tenantry tenant offboarding {id}"));
    Ok(())
}

/// Shows how far it is.
pub(super) async fn show(id: &str, client: &Client, output: &Output) -> Result<(), Failure> {
    shown(&client.get(&["v1", "tenants", id, "offboarding"], &[]).await?, output)
}

/// Calls it off (`restore`), or hurries it (`remove-now`).
pub(super) async fn turn(id: &str, turn: &str, key: &str, client: &Client, output: &Output) -> Result<(), Failure> {
    shown(&client.post(&["v1", "tenants", id, "offboarding", turn], "{}", key).await?, output)
}

fn shown(answer: &Answer, output: &Output) -> Result<(), Failure> {
    let offboarding = answer.read()?;
    output.answer(&answer.body, |paint| leaving::offboarding(&offboarding, paint))
}

/// Makes an export, or takes one that is there, and writes it; or reads a file back.
pub(super) async fn export(export: TenantExport, client: &Client, output: &Output) -> Result<(), Failure> {
    let (id, file) = match export {
        TenantExport { command: Some(ExportCommand::Verify { file }), .. } => return read_back(&file, output),
        TenantExport { id: Some(id), out: Some(file), .. } if !id.is_empty() => (id, file),
        _ => {
            return Err(Failure::Usage {
                what: "Which tenant, and into which file?".to_owned(),
                next: "tenantry tenant export ten_... --out FILE".to_owned(),
            });
        }
    };
    // Before anything is begun that would have nowhere to go.
    let mut writer = Writer::create(&file).map_err(|error| unwritable(&file, &error))?;
    let run = match export.of {
        Some(run) => run,
        None => {
            let answer = client.post(&["v1", "tenants", &id, "exports"], "{}", &export.repeat.key()).await?;
            let seen = end::begun(answer, &export.wait, client, output).await?;
            end::judge(&seen, client).await?;
            seen.run.id
        }
    };
    let answer = client.get(&["v1", "tenants", &id, "exports", &run], &[]).await?;
    let manifest: Manifest = answer.read()?;
    if !manifest.complete {
        return Err(Failure::NotReady {
            what: "The export is not complete".to_owned(),
            next: format!("Look at its run with: tenantry run show {run}"),
        });
    }
    for part in &manifest.parts {
        let number = part.n.to_string();
        let read = client.get(&["v1", "tenants", &id, "exports", &run, "parts", &number], &[]).await?;
        if !writer.part(part, &read.bytes).map_err(|error| unwritable(&file, &error))? {
            return Err(Failure::Ended {
                what: format!("Part {number} of the export did not arrive as it was written"),
                detail: "Its size or its SHA-256 is another than the manifest's.".to_owned(),
                next: format!("Try again with: tenantry tenant export {id} --of {run} --out {}", file.display()),
                code: "part_broken",
            });
        }
    }
    writer.finish(&answer.body).map_err(|error| unwritable(&file, &error))?;
    output.answer(&answer.body, |paint| leaving::export(&manifest, paint))?;
    output.aside(&format!("Written to {}. Read it back with: tenantry tenant export verify {0}", file.display()));
    Ok(())
}

fn unwritable(file: &Path, error: &io::Error) -> Failure {
    let next = match error.kind() {
        io::ErrorKind::AlreadyExists => "Name a file that is not there yet: none is overwritten.",
        _ => "Check the name of the file, and that there is room.",
    };
    Failure::Input { what: format!("{} cannot be written: {}", file.display(), error.kind()), next: next.to_owned() }
}

fn read_back(file: &Path, output: &Output) -> Result<(), Failure> {
    match verify(file) {
        Ok(verified) => {
            let whole = json!({
                "id": verified.manifest.id, "tenantId": verified.manifest.tenant_id, "rows": verified.rows,
                "parts": verified.manifest.parts.len(), "counts": verified.manifest.counts, "whole": true,
            });
            output.answer(&whole.to_string(), |paint| leaving::export(&verified.manifest, paint))?;
            output.aside("Every row and every byte is there.");
            Ok(())
        }
        Err(Broken::Io(error)) => Err(Failure::Input {
            what: format!("{} cannot be read: {}", file.display(), error.kind()),
            next: "Check the name of the file and that you may read it.".to_owned(),
        }),
        Err(broken) => Err(Failure::Ended {
            what: format!("{} is not a whole export", file.display()),
            detail: printable(&format!("What we saw: {broken}.")),
            next: "Write it anew with: tenantry tenant export TENANT --of EXPORT --out FILE".to_owned(),
            code: "export_broken",
        }),
    }
}
