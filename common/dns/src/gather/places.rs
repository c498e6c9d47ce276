//! Where to look, and how long to wait.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

/// Where and how to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Ask this server instead of walking from the roots: it counts as the only authoritative one, and may be a resolver.
    pub server: Option<SocketAddr>,
    /// The servers of the root zone, where the walk begins.
    pub roots: Vec<SocketAddr>,
    /// Public resolvers, asked what the world still remembers, and for names outside the zone. The next one is asked
    /// where one does not answer; empty: none is asked.
    pub public: Vec<SocketAddr>,
    /// The port of the authoritative servers that are found on the way. Where it is 53 and `server` is not set, only
    /// addresses of the public Internet are asked: whoever writes an NS record must not choose whom of ours we talk to.
    pub port: u16,
    /// How long one try may take.
    pub time_out: Duration,
    /// How often a question is put to an address that is silent, at least 1.
    pub tries: u32,
    /// How long everything together may take; what is not known then is a time-out.
    pub overall: Duration,
}

impl Default for Places {
    /// The Internet's roots, port 53, two public resolvers, two tries of 3 s each, 25 s in all.
    fn default() -> Self {
        let v4 = ROOTS_V4.iter().map(|address| IpAddr::V4(Ipv4Addr::from(*address)));
        let v6 = ROOTS_V6.iter().map(|address| IpAddr::V6(Ipv6Addr::from(*address)));
        Self {
            server: None,
            roots: v4.chain(v6).map(|address| SocketAddr::new(address, 53)).collect(),
            public: [[1, 1, 1, 1], [8, 8, 8, 8]].map(|address| SocketAddr::from((address, 53))).to_vec(),
            port: 53,
            time_out: Duration::from_secs(3),
            tries: 2,
            overall: Duration::from_secs(25),
        }
    }
}

/// a to m.root-servers.net, by IANA's root hints (<https://www.iana.org/domains/root/servers>).
const ROOTS_V4: [[u8; 4]; 13] = [
    [198, 41, 0, 4],
    [170, 247, 170, 2],
    [192, 33, 4, 12],
    [199, 7, 91, 13],
    [192, 203, 230, 10],
    [192, 5, 5, 241],
    [192, 112, 36, 4],
    [198, 97, 190, 53],
    [192, 36, 148, 17],
    [192, 58, 128, 30],
    [193, 0, 14, 129],
    [199, 7, 83, 42],
    [202, 12, 27, 33],
];

/// The same servers over IPv6.
const ROOTS_V6: [[u16; 8]; 13] = [
    [0x2001, 0x503, 0xba3e, 0, 0, 0, 2, 0x30],
    [0x2801, 0x1b8, 0x10, 0, 0, 0, 0, 0xb],
    [0x2001, 0x500, 2, 0, 0, 0, 0, 0xc],
    [0x2001, 0x500, 0x2d, 0, 0, 0, 0, 0xd],
    [0x2001, 0x500, 0xa8, 0, 0, 0, 0, 0xe],
    [0x2001, 0x500, 0x2f, 0, 0, 0, 0, 0xf],
    [0x2001, 0x500, 0x12, 0, 0, 0, 0, 0xd0d],
    [0x2001, 0x500, 1, 0, 0, 0, 0, 0x53],
    [0x2001, 0x7fe, 0, 0, 0, 0, 0, 0x53],
    [0x2001, 0x503, 0xc27, 0, 0, 0, 2, 0x30],
    [0x2001, 0x7fd, 0, 0, 0, 0, 0, 1],
    [0x2001, 0x500, 0x9f, 0, 0, 0, 0, 0x42],
    [0x2001, 0xdc3, 0, 0, 0, 0, 0, 0x35],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::address::is_public;

    #[test]
    fn every_root_is_a_public_address_and_stands_there_once() {
        let mut roots = Places::default().roots;
        assert!(roots.iter().all(|root| is_public(root.ip())));
        roots.sort();
        roots.dedup();
        assert_eq!(roots.len(), 26);
    }
}
