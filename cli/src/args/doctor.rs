//! `tenantry doctor`

use std::net::{IpAddr, SocketAddr};

use clap::Args;

/// `tenantry doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    /// The domain, such as: mail.example.com
    pub domain: String,
    /// The records to expect, from a JSON file: a list of them, or the API's answer that holds one; `-` reads standard
    /// input [default: the usual ones]
    #[arg(long, value_name = "FILE")]
    pub records: Option<String>,
    /// Ask this server instead of finding the zone's own, such as: 127.0.0.1:8053
    #[arg(long, value_name = "ADDR:PORT", value_parser = server)]
    pub server: Option<SocketAddr>,
    /// The region of the mail service, for the usual records
    #[arg(long, default_value = "us-east-1", conflicts_with = "records", value_parser = region)]
    pub region: String,
}

/// An address, with a port or on the usual one.
fn server(text: &str) -> Result<SocketAddr, String> {
    let bare = || text.trim_matches(['[', ']']).parse::<IpAddr>().map(|address| SocketAddr::new(address, 53));
    text.parse().or_else(|_| bare()).map_err(|_| "write it as 127.0.0.1:53 or [::1]:53".to_owned())
}

/// What can be a region: it becomes a part of a host's name.
fn region(text: &str) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=32).contains(&text.len()) && text.bytes().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("a region looks like eu-west-1".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_an_address_and_perhaps_a_port() {
        for (text, address) in [
            ("127.0.0.1:8053", "127.0.0.1:8053"),
            ("192.0.2.1", "192.0.2.1:53"),
            ("::1", "[::1]:53"),
            ("[::1]", "[::1]:53"),
            ("[::1]:54", "[::1]:54"),
        ] {
            assert_eq!(server(text).map(|server| server.to_string()), Ok(address.to_owned()));
        }
        for wrong in ["", "ns1.example.com", "127.0.0.1:x", "127.0.0.1:70000"] {
            assert!(server(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_region_fits_into_a_name() {
        assert!(region("eu-west-1").is_ok());
        for wrong in ["", "EU", "a.b", "a b", "../x"] {
            assert!(region(wrong).is_err(), "{wrong:?}");
        }
    }
}
