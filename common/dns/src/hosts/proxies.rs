//! The addresses of a proxy that answers in place of the real record.

use std::net::IpAddr;

/// Cloudflare's published ranges (cloudflare.com/ips): network and length of the prefix.
const IPV4: &[([u8; 4], u32)] = &[
    ([103, 21, 244, 0], 22),
    ([103, 22, 200, 0], 22),
    ([103, 31, 4, 0], 22),
    ([104, 16, 0, 0], 13),
    ([104, 24, 0, 0], 14),
    ([108, 162, 192, 0], 18),
    ([131, 0, 72, 0], 22),
    ([141, 101, 64, 0], 18),
    ([162, 158, 0, 0], 15),
    ([172, 64, 0, 0], 13),
    ([173, 245, 48, 0], 20),
    ([188, 114, 96, 0], 20),
    ([190, 93, 240, 0], 20),
    ([197, 234, 240, 0], 22),
    ([198, 41, 128, 0], 17),
];

/// As above: the first two groups, and the length of the prefix.
const IPV6: &[([u16; 2], u32)] = &[
    ([0x2400, 0xcb00], 32),
    ([0x2405, 0x8100], 32),
    ([0x2405, 0xb500], 32),
    ([0x2606, 0x4700], 32),
    ([0x2803, 0xf800], 32),
    ([0x2a06, 0x98c0], 29),
    ([0x2c0f, 0xf248], 32),
];

/// Whether the address is the proxy's. That alone proves nothing: the zone's servers must be Cloudflare's too.
pub(crate) fn is_proxy(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let address = address.to_bits();
            IPV4.iter().any(|(net, length)| (address ^ u32::from_be_bytes(*net)) >> (32 - length) == 0)
        }
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            let head = u32::from(first) << 16 | u32::from(second);
            IPV6.iter().any(|([a, b], length)| (head ^ (u32::from(*a) << 16 | u32::from(*b))) >> (32 - length) == 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_proxy;

    #[test]
    fn the_edges_of_a_range() {
        for (address, inside) in [
            ("104.16.0.0", true),
            ("104.23.255.255", true),
            ("104.15.255.255", false),
            ("104.28.0.0", false),
            ("162.159.255.255", true),
            ("162.160.0.0", false),
            ("2606:4700::1", true),
            ("2606:4701::1", false),
            ("2a06:98c7:ffff::1", true),
            ("2a06:98c8::1", false),
            ("192.0.2.1", false),
        ] {
            assert_eq!(is_proxy(address.parse().unwrap()), inside, "{address}");
        }
    }
}
