//! What an authority answers when it will not (RFC 8555, 6.7), in plain words.

use time::{PrimitiveDateTime, macros::format_description};

use super::reach;

/// What stands before the name of each kind of problem.
const URN: &str = "urn:ietf:params:acme:error:";

/// The kind of a problem and its detail, out of a message that holds one.
pub(super) fn problem(message: &str) -> Option<(&str, &str)> {
    let (_, after) = message.split_once(URN)?;
    let end = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
    let (kind, detail) = after.split_at(end);
    Some((kind, detail.trim_start_matches([':', ' '])))
}

/// What the tenant reads. None: there is no such problem in the message. What the authority said is never repeated, for
/// it holds its own addresses, the numbers of our account, and what other names were ordered.
pub(super) fn words(message: &str, host: &str) -> Option<String> {
    let (kind, detail) = problem(message)?;
    let path = format!("http://{host}/.well-known/acme-challenge/");
    Some(match kind {
        "caa" => format!(
            "A CAA record of {host}, or of a name above it, does not allow our certificate authority to issue for it. \
             Add the authority to the CAA records, or remove the one that forbids it, then retry."
        ),
        "dns" => format!(
            "The certificate authority cannot resolve {host}: {}. Check the CNAME and that the name servers of your \
             domain answer, then retry.",
            reach::seen(detail).unwrap_or_else(|| "the DNS gave no usable answer".to_owned())
        ),
        "connection" => format!(
            "The certificate authority cannot reach {path}: {}. Check that the CNAME leads to your canonical host, \
             that there is no AAAA record besides it, and that no firewall or proxy stands in front, then retry.",
            reach::seen(detail).unwrap_or_else(|| "the connection failed".to_owned())
        ),
        "unauthorized" | "incorrectResponse" => format!(
            "The certificate authority reached {path}, but not us: {}. Check that the CNAME leads to your canonical \
             host, and that nothing in front of it answers that path, then retry.",
            reach::seen(detail).unwrap_or_else(|| "something else answers there".to_owned())
        ),
        "tls" => format!(
            "The certificate authority was redirected from {path} to HTTPS, and could not connect there. Let that path \
             pass without a redirect, then retry."
        ),
        "rateLimited" => limited(detail, host),
        "rejectedIdentifier" | "unsupportedIdentifier" => format!(
            "The certificate authority does not issue certificates for {host}. Choose another hostname, or contact \
             support."
        ),
        "serverInternal" => "The certificate authority has trouble of its own. We try again by ourselves; there is \
                             nothing for you to do."
            .to_owned(),
        _ => "The certificate could not be ordered, for a reason on our side. We look after it; there is nothing for \
              you to do."
            .to_owned(),
    })
}

fn limited(detail: &str, host: &str) -> String {
    let until = retry_after(detail).map(|date| format!(" before {date} UTC")).unwrap_or_default();
    format!(
        "The certificate authority takes no more requests for {host}{until}: too many were made lately. We try again \
         by ourselves; there is nothing for you to do."
    )
}

/// The date in `retry after 2026-06-11 11:37:27 UTC`, and in the older form with a `T` and a `Z`; to the minute.
fn retry_after(detail: &str) -> Option<String> {
    let (_, after) = detail.split_once("retry after ")?;
    let date = after.get(..19)?.replace('T', " ");
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let date = PrimitiveDateTime::parse(&date, format).ok()?;
    date.format(format_description!("[year]-[month]-[day] [hour]:[minute]")).ok()
}
