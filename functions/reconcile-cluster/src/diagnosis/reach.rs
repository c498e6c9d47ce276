//! Why a page could not be fetched, from the words of whoever tried.

/// What a tenant reads for what a client or a CA said about fetching; the first that fits.
const SEEN: [(&[&str], &str); 12] = [
    (&["connection refused"], "connection refused"),
    (&["no such host", "nxdomain"], "there is no such name in the DNS"),
    (&["servfail", "server misbehaving"], "the DNS servers of the name gave an error"),
    (&["connection reset"], "the connection was reset"),
    (&["no route to host", "network is unreachable"], "its address cannot be reached"),
    (&["timeout", "timed out", "deadline exceeded"], "no answer in time"),
    (&["x509:", "tls:", "certificate"], "it redirects to HTTPS, and the certificate there is not valid"),
    (&["too many redirects", "redirect loop", "stopped after 10 redirects"], "it redirects without end"),
    (&["did not get expected response", "does not match", "key authorization"], "something else answers there"),
    (&["http response to https client"], "it redirects to HTTPS, and no HTTPS answers there"),
    (&["unexpected eof", ": eof"], "the connection was closed without an answer"),
    (&["error getting validation data"], "nothing could be read from it"),
];

/// What was seen, if it is one of the things that happen.
pub(super) fn seen(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if let Some(status) = status(&lower) {
        return Some(format!("it answers with HTTP status {status}"));
    }
    SEEN.iter().find(|(marks, _)| marks.iter().any(|mark| lower.contains(mark))).map(|(_, seen)| (*seen).to_owned())
}

/// The status in `wrong status code '404'` and in `Invalid response from http://...: 404`.
fn status(lower: &str) -> Option<&str> {
    let after = match lower.split_once("wrong status code '") {
        Some((_, after)) => after,
        None => {
            let (_, after) = lower.split_once("invalid response from ")?;
            after.rsplit_once(": ")?.1
        }
    };
    let status = after.get(..3).filter(|status| status.bytes().all(|byte| byte.is_ascii_digit()))?;
    let ends = after[3..].chars().next().is_none_or(|next| !next.is_ascii_alphanumeric());
    ends.then_some(status)
}

/// Why the challenge could not be fetched before the authority was even asked to.
pub(super) fn self_check(reason: &str, host: &str) -> Option<String> {
    let (before, what) = reason.split_once("challenge propagation: ")?;
    if !before.starts_with("Waiting for ") {
        return None;
    }
    let seen = seen(what).unwrap_or_else(|| "it does not answer as it should".to_owned());
    Some(format!(
        "The certificate authority cannot reach http://{host}/.well-known/acme-challenge/ yet: {seen}. Check that the \
         CNAME leads to your canonical host, and that nothing in front of it answers or redirects that path. We look \
         again by ourselves."
    ))
}
