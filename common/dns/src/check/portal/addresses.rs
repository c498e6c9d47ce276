//! Addresses at the hostname: whose they are.

use std::net::IpAddr;

use super::{View, place::Stand, pointing::Stands};
use crate::{
    Finding, Severity,
    check::{codes::Code, look::Look, words},
};

/// IPv6 addresses that are not the canonical host's, beside IPv4 addresses or a CNAME that are right.
pub(super) fn stray(view: &View<'_>, stands: &Stands) -> Option<Finding> {
    let ours = view.ours(true)?;
    let right = |stand: &&Stand| {
        matches!(stand.place, super::place::Place::Target | super::place::Place::Ours) && !stand.v4.is_empty()
    };
    let strays: Vec<IpAddr> = stands
        .spoken()
        .filter(right)
        .flat_map(|stand| &stand.v6)
        .filter(|address| !ours.contains(address))
        .copied()
        .collect();
    if strays.is_empty() {
        return None;
    }
    let strays = shown(&strays);
    Some(Look::about(
        view.record,
        Code::StrayAaaa,
        Severity::Error,
        format!(
            "`{}` has the IPv6 address {strays}, which is not ours, beside an IPv4 address that is. Certificate authorities and \
             most browsers ask at the IPv6 address first.",
            view.host
        ),
        format!("Delete the AAAA record of {strays} at `{}`.", view.look.typed_name(&view.host)),
    ))
}

/// Address records stand where a CNAME could.
pub(super) fn record(view: &View<'_>, stands: &Stands) -> Finding {
    let addresses = shown(&stands.addresses());
    if view.apex {
        return Look::about(
            view.record,
            Code::CnameFlattened,
            Severity::Info,
            format!("`{}` answers with the addresses of `{}`: {addresses}.", view.host, view.target),
            "Nothing needs to be done where the DNS host follows our addresses by itself; address records that were typed in break \
             when our addresses change."
                .to_owned(),
        );
    }
    Look::about(
        view.record,
        Code::AddressRecord,
        Severity::Warning,
        format!("`{}` has our addresses, {addresses}, and no CNAME. It breaks when our addresses change.", view.host),
        format!(
            "Use a CNAME in place of the address records, unless the DNS host makes them of one. {}",
            view.publish()
        ),
    )
}

/// Addresses of somebody else, in part or all.
pub(super) fn elsewhere(view: &View<'_>, stand: &Stand, mixed: bool) -> Finding {
    let not_ours = |address: &&IpAddr| view.ours(address.is_ipv6()).is_none_or(|ours| !ours.contains(address));
    let others: Vec<IpAddr> = stand.v4.iter().chain(&stand.v6).filter(not_ours).copied().collect();
    let others = shown(&others);
    let name = view.look.typed_name(&view.host);
    match mixed {
        true => Look::about(
            view.record,
            Code::AddressMixed,
            Severity::Error,
            format!("`{}` has our addresses, and {others} beside them, which leads somewhere else.", view.host),
            format!("Delete the address records at `{name}`. {}", view.publish()),
        ),
        false => Look::about(
            view.record,
            Code::AddressElsewhere,
            Severity::Error,
            format!("`{}` leads to {others}, which is not ours.", view.host),
            format!("Delete the address records at `{name}` first. {}", view.publish()),
        ),
    }
}

fn shown(addresses: &[IpAddr]) -> String {
    let mut texts: Vec<String> = addresses.iter().map(|address| words::code(&address.to_string())).collect();
    texts.dedup();
    words::list(&texts)
}
