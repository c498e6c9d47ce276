//! All lookups.

mod address;
mod authority;
mod elsewhere;
mod exchange;
mod look;
mod name;
mod places;
mod portal;
mod questions;
mod reply;
mod session;
mod spf;
mod walk;
mod zone;

use futures::future::join3;

pub use places::Places;

use self::{look::Look, questions::questions, session::Session, zone::Zone};
use crate::{Delegation, RecordType, Seen, Wanted};

/// Looks things up. It remembers nothing from one gather to the next.
#[derive(Debug, Clone)]
pub struct Resolver {
    places: Places,
}

impl Resolver {
    /// A resolver that looks there.
    #[must_use]
    pub fn new(places: Places) -> Self {
        Self { places }
    }

    /// Looks at everything that matters for the domain and the records it should have. Never fails: what could not be
    /// asked is in the answers as such. Takes at most [`Places::overall`].
    ///
    /// Names are absolute, in lower-case A-labels and without a final dot; so must `domain` and the names in `wanted` be.
    /// What the zone holds is in [`Answers::authoritative`](crate::Answers), by server. What it does not hold, as the
    /// target of an SPF include or a policy above the zone, is there once, under the server that said it; or, where a public
    /// resolver was asked, in [`Answers::public`](crate::Answers) alone. Where the zone was not found, there are no answers.
    ///
    /// Where [`Places::port`] is 53 and [`Places::server`] is not set, no server is asked at an address that is not of the
    /// public Internet, whatever the DNS says.
    pub async fn gather(&self, domain: &str, wanted: &[Wanted]) -> Seen {
        let session = Session::new(&self.places);
        let Zone { delegation, name, servers } = session.zone_of(domain).await;
        let mut seen = Seen {
            delegation,
            zone: name.clone(),
            servers,
            answers: Default::default(),
            dnssec_bogus: false,
            wildcard: Vec::new(),
        };
        let (Delegation::Found, Some(zone)) = (&seen.delegation, name) else { return seen };
        let mut look = Look::new(&session, zone, std::mem::take(&mut seen.servers));
        // Asked before all else: it tells who else holds the zone, and who is dead.
        seen.delegation = look.servers().await;
        if seen.delegation == Delegation::Found {
            let questions = questions(domain, &look.zone, wanted);
            let remembered = wanted.iter().map(|record| (record.name.clone(), record.kind)).collect();
            let (answers, wildcard, (public, bogus)) =
                join3(look.all(questions), look.wildcard(domain, &WILD), look.public(remembered)).await;
            (seen.wildcard, seen.dnssec_bogus) = (wildcard, bogus);
            look.add(answers);
            look.spf(questions::spf_names(domain, wanted)).await;
            for (key, answer) in public {
                look.answers.entry(key).or_default().public = Some(answer);
            }
        }
        (seen.servers, seen.answers) = (look.servers, look.answers);
        seen
    }
}

/// The types of the records that a sending domain has.
const WILD: [RecordType; 3] = [RecordType::Txt, RecordType::Mx, RecordType::Cname];

/// A record by name and type.
type Key = (crate::Name, RecordType);
