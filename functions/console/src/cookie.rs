//! Cookies that only we can read: sealed (AES-256-GCM), each for one use.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use tenantry_secrets::Sealer;
use url::Url;

/// What browsers keep of one cookie, in bytes (RFC 6265, section 6.1), less what its attributes take.
const LARGEST: usize = 3900;

/// One kind of cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cookie {
    /// Its name, without prefix and port.
    pub(crate) name: &'static str,
    /// What it is sealed for: what is sealed for anything else is not accepted in its place.
    pub(crate) context: &'static [u8],
    /// The path that it is sent to.
    pub(crate) path: &'static str,
    /// How long a browser keeps it, in seconds; none until the browser is closed.
    pub(crate) lasts: Option<u32>,
}

impl Cookie {
    /// What a browser is told to keep; none when it is too large for a cookie, or nothing can be sealed.
    pub(crate) fn set<T: Serialize>(&self, sealer: &Sealer, console: &Url, value: &T) -> Option<HeaderValue> {
        let plain = serde_json::to_vec(value).ok()?;
        let sealed = URL_SAFE_NO_PAD.encode(sealer.seal(&plain, self.context).ok()?);
        let lasts = self.lasts.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        let text = format!("{}={sealed}; {}{lasts}", self.name(console), self.attributes(console));
        HeaderValue::from_str(&text).ok().filter(|_| text.len() <= LARGEST)
    }

    /// What a browser is told to forget.
    pub(crate) fn clear(&self, console: &Url) -> HeaderValue {
        let text = format!("{}=; {}; Max-Age=0", self.name(console), self.attributes(console));
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }

    /// What a browser has kept, if it is ours and for this.
    pub(crate) fn read<T: DeserializeOwned>(&self, sealer: &Sealer, console: &Url, headers: &HeaderMap) -> Option<T> {
        let name = self.name(console);
        let pairs = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut values = pairs.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        // Another page of this machine may have set one of the same name beside ours.
        values.find_map(|(found, value)| {
            if found != name {
                return None;
            }
            let sealed = URL_SAFE_NO_PAD.decode(value).ok()?;
            serde_json::from_slice(&sealer.open_bytes(&sealed, self.context).ok()?).ok()
        })
    }

    /// `__Host-` binds a cookie to this host, with TLS and all paths; `__Secure-` to TLS (RFC 6265bis, section 4.1.3). Without
    /// TLS there is this machine alone, where cookies are the same for every port: the port in the name keeps consoles apart.
    pub(crate) fn name(&self, console: &Url) -> String {
        match (is_secure(console), self.path) {
            (true, "/") => format!("__Host-{}", self.name),
            (true, _) => format!("__Secure-{}", self.name),
            (false, _) => format!("{}-{}", self.name, console.port_or_known_default().unwrap_or_default()),
        }
    }

    fn attributes(&self, console: &Url) -> String {
        let secure = if is_secure(console) { "; Secure" } else { "" };
        format!("Path={}; HttpOnly; SameSite=Lax{secure}", self.path)
    }
}

fn is_secure(console: &Url) -> bool {
    console.scheme() == "https"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ONE: Cookie = Cookie { name: "one", context: b"one", path: "/", lasts: None };
    const TWO: Cookie = Cookie { name: "one", context: b"two", path: "/x", lasts: Some(60) };

    fn sealer() -> Sealer {
        Sealer::new(&"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned().into()).unwrap()
    }

    fn sent(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|line| (header::COOKIE, line.parse().unwrap())).collect()
    }

    fn pair(set: &HeaderValue) -> String {
        set.to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    #[test]
    fn a_cookie_is_bound_to_its_host_with_tls_and_to_its_port_without() {
        let (https, http) = ("https://console.example".parse().unwrap(), "http://127.0.0.1:8070".parse().unwrap());
        let set = |cookie: Cookie, url| cookie.set(&sealer(), url, &1).unwrap().to_str().unwrap().to_owned();
        let one = set(ONE, &https);
        assert!(one.starts_with("__Host-one=") && one.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{one}");
        let two = set(TWO, &https);
        assert!(two.starts_with("__Secure-one=") && two.ends_with("; Secure; Max-Age=60"), "{two}");
        let local = set(ONE, &http);
        assert!(local.starts_with("one-8070=") && local.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{local}");
        assert_eq!(ONE.clear(&http), "one-8070=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }

    #[test]
    fn a_cookie_is_read_back_among_others_and_never_in_the_place_of_another() {
        let url: Url = "http://127.0.0.1:8070".parse().unwrap();
        let ours = pair(&ONE.set(&sealer(), &url, &"x").unwrap());
        let read = |cookie: Cookie, lines: &[&str]| cookie.read::<String>(&sealer(), &url, &sent(lines));
        assert_eq!(read(ONE, &[&ours]).as_deref(), Some("x"));
        let tossed = format!("a=b; one-8070=rubbish; {ours}");
        assert_eq!(read(ONE, &["c=d", &tossed]).as_deref(), Some("x"));
        assert_eq!(read(TWO, &[&ours]), None, "sealed for something else");
        assert_eq!(read(ONE, &[&format!("{}x", &ours[..ours.len() - 1])]), None);
        assert_eq!(read(ONE, &[]), None);
        let foreign = Sealer::new(&"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".to_owned().into()).unwrap();
        assert_eq!(ONE.read::<String>(&foreign, &url, &sent(&[&ours])), None, "sealed by another key");
    }

    #[test]
    fn what_no_browser_would_keep_is_not_sent() {
        let url: Url = "https://console.example".parse().unwrap();
        assert!(ONE.set(&sealer(), &url, &"x".repeat(4000)).is_none());
    }
}
