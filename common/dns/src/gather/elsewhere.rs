//! Names outside the zone, and chains of aliases that lead there.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use tokio::sync::OnceCell;

use super::{
    exchange::{Manner, Question},
    name::within,
    reply::{ALIASES, Heard, read},
    session::{Session, lock},
    walk::Lost,
    zone::only,
};
use crate::{Answer, Name, RecordType, Said, Server, Trouble};

/// One answer, its aliases not followed any further than it went itself.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) server: Name,
    pub(super) address: SocketAddr,
    pub(super) heard: Heard,
    /// A public resolver said it.
    pub(super) public: bool,
}

impl Step {
    fn nobody(trouble: Trouble) -> Self {
        let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        Self { server: Name::new(), address, heard: Heard::Failed(trouble), public: false }
    }
}

impl Session<'_> {
    /// What is said of a name that the zone does not hold, and whether a public resolver said it: asked of the one server
    /// there is, or of a public resolver, or by walking.
    pub(super) async fn elsewhere(&self, name: &str, kind: RecordType) -> (Answer, bool) {
        let step = self.step(name, kind).await;
        let public = step.public;
        let (said, aliases) = self.follow(step.heard, name, kind, None).await;
        (Answer { server: step.server, address: step.address, said, aliases }, public)
    }

    /// As [`Self::elsewhere`], of those who hold the name: what they say is not from a memory. Others are asked where they cannot be.
    pub(super) async fn afresh(&self, name: &str, kind: RecordType) -> (Answer, bool) {
        if self.places.server.is_none() {
            let step = self.walked(name, kind).await;
            if !matches!(step.heard, Heard::Failed(_)) {
                let (said, aliases) = self.follow(step.heard, name, kind, None).await;
                return (Answer { server: step.server, address: step.address, said, aliases }, false);
            }
        }
        self.elsewhere(name, kind).await
    }

    /// One step of that, remembered.
    async fn step(&self, name: &str, kind: RecordType) -> Step {
        let cell =
            Arc::clone(lock(&self.steps).entry((name.to_owned(), kind)).or_insert_with(|| Arc::new(OnceCell::new())));
        cell.get_or_init(|| self.step_anew(name, kind)).await.clone()
    }

    async fn step_anew(&self, name: &str, kind: RecordType) -> Step {
        if let Some(server) = self.places.server {
            return self.resolver(server, name, kind, Manner::Resolver).await;
        }
        if let Some(step) = self.public(name, kind, Manner::Resolver).await
            && !matches!(step.heard, Heard::Failed(_))
        {
            return Step { public: true, ..step };
        }
        self.walked(name, kind).await
    }

    /// What the servers that hold the name say.
    pub(super) async fn walked(&self, name: &str, kind: RecordType) -> Step {
        match self.descend(name, kind, &[]).await {
            Ok(found) => Step { server: found.server, address: found.address, heard: found.heard, public: false },
            Err(Lost::Lame(_)) => Step::nobody(Trouble::Refused),
            Err(Lost::Unknown(trouble)) => Step::nobody(trouble),
        }
    }

    /// What the first public resolver says that can be reached; none where there is none at all.
    pub(super) async fn public(&self, name: &str, kind: RecordType, manner: Manner) -> Option<Step> {
        let mut last = None;
        for &server in &self.places.public {
            let step = self.resolver(server, name, kind, manner).await;
            if !matches!(step.heard, Heard::Failed(Trouble::TimeOut | Trouble::Unreachable)) {
                return Some(step);
            }
            last = Some(step);
        }
        last
    }

    async fn resolver(&self, server: SocketAddr, name: &str, kind: RecordType, manner: Manner) -> Step {
        let answer = self.ask(server, Question { name, kind, manner }).await;
        let heard = match answer.map_or_else(Heard::Failed, |message| read(&message, name, kind, false)) {
            // Whoever sends us on is no resolver, or does not hold the name.
            Heard::Referral { .. } => Heard::Failed(Trouble::Refused),
            heard => heard,
        };
        Step { server: only(server).name, address: server, heard, public: false }
    }

    /// What a server of the zone sent us on to: those who hold it know best, and what they say is not from a memory.
    async fn held(&self, name: &str, kind: RecordType) -> Heard {
        if self.places.server.is_none() {
            let heard = self.walked(name, kind).await.heard;
            if !matches!(heard, Heard::Failed(_)) {
                return heard;
            }
        }
        self.step(name, kind).await.heard
    }

    /// Follows aliases to their end. `from`: the server that spoke and its zone; what lies in it, that server is asked
    /// again, the rest is asked elsewhere: of those who hold it where a server of the zone spoke.
    pub(super) async fn follow(
        &self,
        first: Heard,
        name: &str,
        kind: RecordType,
        from: Option<(&str, &Server)>,
    ) -> (Said, Vec<Name>) {
        let (mut chain, mut heard): (Vec<Name>, Heard) = (Vec::new(), first);
        loop {
            let (said, more) = match heard {
                Heard::Records { values, ttl, aliases } => (Some(Said::Records { values, ttl }), aliases),
                Heard::Nothing { said, aliases, .. } => (Some(said), aliases),
                Heard::Alias { aliases } => (None, aliases),
                Heard::Failed(trouble) => (Some(Said::Failed(trouble)), Vec::new()),
                // Below the zone others hold the name.
                Heard::Referral { .. } => {
                    heard = match self.walked(chain.last().map_or(name, String::as_str), kind).await.heard {
                        Heard::Referral { .. } => Heard::Failed(Trouble::Malformed),
                        heard => heard,
                    };
                    continue;
                }
            };
            for alias in more {
                if alias == name || chain.contains(&alias) || chain.len() == ALIASES {
                    return (Said::Failed(Trouble::Malformed), chain);
                }
                chain.push(alias);
            }
            let (None, Some(target)) = (&said, chain.last()) else {
                return (said.unwrap_or(Said::Failed(Trouble::Malformed)), chain);
            };
            heard = match from {
                Some((zone, server)) if within(target, zone) => self.server(server, zone, target, kind).await.1,
                Some(_) => self.held(target, kind).await,
                None => self.step(target, kind).await.heard,
            };
        }
    }
}
