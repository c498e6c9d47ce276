//! What the authoritative servers say, each of them.

use std::net::{Ipv4Addr, SocketAddr};

use futures::future::join_all;

use super::{
    exchange::{Manner, Question},
    name::below,
    reply::{Heard, read},
    session::Session,
};
use crate::{Answer, RecordType, Server, Trouble};

impl Session<'_> {
    /// Every server's answer, one each, aliases followed.
    pub(super) async fn each(&self, zone: &str, servers: &[Server], name: &str, kind: RecordType) -> Vec<Answer> {
        join_all(servers.iter().map(|server| async move {
            let (address, heard) = self.server(server, zone, name, kind).await;
            let (said, aliases) = self.follow(heard, name, kind, Some((zone, server))).await;
            Answer { server: server.name.clone(), address, said, aliases }
        }))
        .await
    }

    /// One server's answer: from the first of its addresses that says anything.
    pub(super) async fn server(
        &self,
        server: &Server,
        zone: &str,
        name: &str,
        kind: RecordType,
    ) -> (SocketAddr, Heard) {
        let alone = self.places.server.is_some();
        let manner = if alone { Manner::Resolver } else { Manner::Authority };
        let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, self.places.port));
        let mut last = (nowhere, Heard::Failed(Trouble::Unreachable));
        for &address in &server.addresses {
            let answer = self.ask(address, Question { name, kind, manner }).await;
            let heard = answer.map_or_else(Heard::Failed, |message| read(&message, name, kind, !alone));
            match heard {
                Heard::Failed(Trouble::TimeOut | Trouble::Unreachable) => last = (address, heard),
                // Upwards or sideways: it does not hold the zone. And the one server there is holds the name, or does not.
                Heard::Referral { zone: lower, .. } if alone || !below(&lower, zone) => {
                    return (address, Heard::Failed(Trouble::Refused));
                }
                heard => return (address, heard),
            }
        }
        last
    }
}
