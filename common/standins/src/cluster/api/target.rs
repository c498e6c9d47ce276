//! What a path is about.

use super::super::kind::{Key, Kind};

/// One object or all of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Its name is empty for all of a kind, its namespace too for all namespaces.
    pub(super) key: Key,
    /// The status subresource.
    pub(super) status: bool,
}

impl Target {
    /// That of a path; `None` where it is about no kind that is here.
    pub(super) fn of(path: &str) -> Option<Target> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (group, rest) = match parts.as_slice() {
            ["api", "v1", rest @ ..] => ("", rest),
            ["apis", group, "v1", rest @ ..] => (*group, rest),
            _ => return None,
        };
        let target = |namespace: &str, plural: &str, rest: &[&str]| {
            let kind = Kind::of_path(group, plural)?;
            let (name, status) = match rest {
                [] => ("", false),
                [name] => (*name, false),
                [name, "status"] if kind.custom() => (*name, true),
                _ => return None,
            };
            (kind.namespaced() || namespace.is_empty()).then(|| Target { key: Key::new(kind, namespace, name), status })
        };
        match rest {
            ["namespaces", namespace, plural, rest @ ..] if *plural != "status" => target(namespace, plural, rest),
            ["namespaces", rest @ ..] if group.is_empty() => target("", "namespaces", rest),
            [plural] => target("", plural, &[]),
            _ => None,
        }
    }

    /// One object rather than all of a kind.
    pub(super) fn one(&self) -> bool {
        !self.key.name.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_objects_and_to_kinds() {
        let of = |path| Target::of(path).map(|target| (target.key.to_string(), target.status));
        let some = |key: &str, status| Some((key.to_owned(), status));
        assert_eq!(of("/api/v1/namespaces"), some("Namespace /", false));
        assert_eq!(of("/api/v1/namespaces/msp"), some("Namespace /msp", false));
        assert_eq!(of("/api/v1/namespaces/msp/secrets/a"), some("Secret msp/a", false));
        assert_eq!(of("/apis/networking.istio.io/v1/gateways"), some("Gateway /", false));
        assert_eq!(of("/apis/networking.istio.io/v1/namespaces/n/gateways"), some("Gateway n/", false));
        assert_eq!(of("/apis/cert-manager.io/v1/namespaces/n/certificates/c/status"), some("Certificate n/c", true));
        for path in
            ["/apis/networking.istio.io/v1beta1/gateways", "/apis/apps/v1/deployments", "/api/v1/gateways", "/x"]
        {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
