//! Why there was no answer, within a sentence.

use tenantry_fetch::{ProbeTrouble, TlsTrouble};

/// What came instead of an answer; stands behind a colon.
pub(crate) fn trouble(trouble: ProbeTrouble) -> &'static str {
    match trouble {
        ProbeTrouble::NotPublic => "the address is not on the public Internet",
        ProbeTrouble::NotTried => "it was not tried",
        ProbeTrouble::NotAskable => "it cannot be asked for",
        ProbeTrouble::Refused => "connection refused",
        ProbeTrouble::Unreachable => "the network says that it cannot be reached",
        ProbeTrouble::NoRoute => "there is no way to it from where we look",
        ProbeTrouble::TimedOut => "no answer in time",
        ProbeTrouble::Reset => "the connection was closed without an answer",
        ProbeTrouble::Garbled => "what came is not HTTP",
        ProbeTrouble::Tls(TlsTrouble::Closed) => "the connection was closed before it was secured",
        ProbeTrouble::Tls(TlsTrouble::NoSuchName) => "the server says that it does not know the name",
        ProbeTrouble::Tls(TlsTrouble::Alert) => "the server broke off securing the connection",
        ProbeTrouble::Tls(TlsTrouble::NotTls) => "what came is not TLS",
        ProbeTrouble::Tls(TlsTrouble::Unusable) => "the connection could not be secured",
    }
}
