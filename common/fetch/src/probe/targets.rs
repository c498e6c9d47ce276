//! Which of a host's addresses are tried.

use std::net::IpAddr;

use super::{ProbeTrouble, Reach};

/// The most addresses that are tried.
const MOST: usize = 4;

/// The addresses that are told of, each with whether it may be tried: IPv6 and IPv4 in turn, IPv6 first as authorities
/// have it, each once. With one out of reach, those stand in front, and none may be tried: what a host's owner can point at
/// our networks, it can point anywhere else a moment later.
pub(super) fn choose(reach: &Reach, addresses: &[IpAddr]) -> Vec<(IpAddr, Result<(), ProbeTrouble>)> {
    let mut once: Vec<IpAddr> = Vec::new();
    // An IPv4 address within IPv6 is that IPv4 address to whoever connects to it.
    for address in addresses.iter().map(IpAddr::to_canonical) {
        if !once.contains(&address) {
            once.push(address);
        }
    }
    let (allowed, refused): (Vec<IpAddr>, Vec<IpAddr>) = once.into_iter().partition(|at| reach.allows(*at));
    let may = if refused.is_empty() { Ok(()) } else { Err(ProbeTrouble::NotTried) };
    let (six, four): (Vec<IpAddr>, Vec<IpAddr>) = allowed.into_iter().partition(IpAddr::is_ipv6);
    let longest = six.len().max(four.len());
    let in_turn = (0..longest).flat_map(|index| [six.get(index), four.get(index)]).flatten();
    let refused = refused.iter().map(|at| (*at, Err(ProbeTrouble::NotPublic)));
    refused.chain(in_turn.map(|at| (*at, may))).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn addresses(text: &str) -> Vec<IpAddr> {
        text.split_whitespace().map(|address| address.parse().unwrap()).collect()
    }

    fn chosen(reach: &Reach, text: &str) -> String {
        let chosen = choose(reach, &addresses(text)).into_iter().map(|(at, may)| match may {
            Ok(()) => at.to_string(),
            Err(trouble) => format!("{at}:{trouble:?}"),
        });
        chosen.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn four_addresses_are_tried_of_both_families_in_turn_and_each_once() {
        for (given, tried) in [
            ("", ""),
            ("1.1.1.1", "1.1.1.1"),
            ("1.1.1.1 1.1.1.1 ::ffff:1.1.1.1", "1.1.1.1"),
            ("1.1.1.1 2606:4700::1", "2606:4700::1 1.1.1.1"),
            ("1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5", "1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4"),
            ("1.1.1.1 1.1.1.2 2606:4700::1 2606:4700::2 2606:4700::3", "2606:4700::1 1.1.1.1 2606:4700::2 1.1.1.2"),
        ] {
            assert_eq!(chosen(&Reach::Public, given), tried, "{given}");
        }
    }

    #[test]
    fn one_address_that_is_not_the_public_s_is_enough_for_none_to_be_tried() {
        for (given, tried) in [
            ("10.0.0.1", "10.0.0.1:NotPublic"),
            ("::ffff:10.0.0.1", "10.0.0.1:NotPublic"),
            ("169.254.169.254", "169.254.169.254:NotPublic"),
            ("1.1.1.1 10.0.0.1", "10.0.0.1:NotPublic 1.1.1.1:NotTried"),
            // Even where it would not have been among the four.
            (
                "1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 fd00:ec2::254",
                "fd00:ec2::254:NotPublic 1.1.1.1:NotTried 1.1.1.2:NotTried 1.1.1.3:NotTried",
            ),
            ("127.0.0.1", "127.0.0.1:NotPublic"),
            ("::1", "::1:NotPublic"),
        ] {
            assert_eq!(chosen(&Reach::Public, given), tried, "{given}");
        }
    }

    #[test]
    fn the_laptop_s_probes_stay_on_the_laptop() {
        let reach = Reach::for_tests(1, 2, None);
        assert_eq!(chosen(&reach, "127.0.0.2 ::1"), "::1 127.0.0.2");
        assert_eq!(chosen(&reach, "1.1.1.1"), "1.1.1.1:NotPublic");
        assert_eq!(chosen(&reach, "127.0.0.1 192.168.0.1"), "192.168.0.1:NotPublic 127.0.0.1:NotTried");
    }
}
