//! `tenantry doctor`: a look at the DNS of a domain, from here, without any server of ours.

mod records;

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};
use tenantry_dns::{Places, Report, Resolver, Verdict, Wanted, check, usual};
use tenantry_model::Domain;

use super::file;
use crate::{args::Doctor, failure::Failure, output::Output, view::look};

pub(super) async fn run(doctor: Doctor, output: &Output) -> Result<(), Failure> {
    let domain = domain(&doctor.domain)?;
    let wanted = match &doctor.records {
        Some(file) => records::read(&file::text(file)?, domain.as_str(), file::name(file))?,
        None => usual(domain.as_str(), &doctor.region),
    };
    let places = Places { server: doctor.server, ..Places::default() };
    // Whoever names a server wants to know what that one says.
    let places = if doctor.server.is_some() { Places { public: Vec::new(), ..places } } else { places };
    let report = look(places, domain.as_str(), &wanted, output).await;
    let document = serde_json::to_string(&report).map_err(std::io::Error::from)?;
    let shown = look::Look::of(&document).map_err(std::io::Error::from)?;
    output.answer(&document, |paint| look::look(&shown, paint))?;
    judge(&report)
}

/// The domain as it is asked for.
fn domain(typed: &str) -> Result<Domain, Failure> {
    let text = typed.trim();
    let text = text.strip_suffix('.').unwrap_or(text);
    text.parse().map_err(|error| Failure::Usage {
        what: format!("{typed:?} is no domain: {error}"),
        next: "Name the domain that mail is to be sent from, without http:// and without a path.".to_owned(),
    })
}

async fn look(places: Places, domain: &str, wanted: &[Wanted], output: &Output) -> Report {
    let spinner = output.error_terminal.then(|| {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_message(format!("Looking at {domain}"));
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    });
    let seen = Resolver::new(places).gather(domain, wanted).await;
    if let Some(bar) = spinner {
        bar.finish_and_clear();
    }
    check(domain, wanted, &seen)
}

/// Success for a domain that is ready; else the failure that says how it stands.
fn judge(report: &Report) -> Result<(), Failure> {
    match report.verdict {
        Verdict::Ready => Ok(()),
        Verdict::NotReady => Err(Failure::NotReady {
            what: format!("{} is not ready", report.domain),
            next: "Do what the findings say, and look again; a zone's servers may take minutes to know a change."
                .to_owned(),
        }),
        Verdict::Unclear => Err(Failure::Ended {
            what: format!("It cannot be said whether {} is ready", report.domain),
            detail: "What we saw: too much of it could not be looked up.".to_owned(),
            next:
                "Try again in a while; check that this machine may send DNS questions, and that the server named with \
                   --server runs."
                    .to_owned(),
            code: "unclear",
        }),
    }
}
