//! Typed identifiers: a prefix that says what the id names, and a UUID in 32 hexadecimal digits (`run_018f...`).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {kind} id; it looks like {prefix}_ followed by 32 hexadecimal digits")]
pub struct IdError {
    text: String,
    kind: &'static str,
    prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal, $new:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id that no other row has.
            #[must_use]
            #[allow(clippy::new_without_default, reason = "an id is made on purpose, never by default")]
            pub fn new() -> Self {
                Self(Uuid::$new())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or_else(|| IdError { text: text.chars().take(64).collect(), kind: $kind, prefix: $prefix })
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A tenant. Random (UUID v4): the first digits become the public label of its portal host.
    TenantId, "ten", "tenant", new_v4
);
id!(
    /// A company of a tenant.
    CompanyId, "com", "company", new_v4
);
id!(
    /// A user of a tenant.
    UserId, "usr", "user", new_v4
);
id!(
    /// One run of a workflow. Time-ordered (UUID v7).
    RunId, "run", "run", now_v7
);
id!(
    /// One command of a run. Time-ordered.
    CommandId, "cmd", "command", now_v7
);
id!(
    /// One timer of a run. Time-ordered.
    TimerId, "tmr", "timer", now_v7
);
id!(
    /// One human task. Time-ordered.
    TaskId, "tsk", "task", now_v7
);
id!(
    /// One e-mail message. Time-ordered.
    MessageId, "msg", "message", now_v7
);
id!(
    /// A sending domain that a tenant brings; the same UUID as its run's. Time-ordered.
    EmailDomainId, "dom", "email domain", now_v7
);
id!(
    /// One API key (not its secret). Time-ordered.
    ApiKeyId, "key", "API key", now_v7
);
id!(
    /// A webhook endpoint of a tenant. Time-ordered.
    WebhookEndpointId, "whe", "webhook endpoint", now_v7
);
id!(
    /// One event that endpoints are told of: the same in every delivery of it. Time-ordered.
    WebhookEventId, "evt", "webhook event", now_v7
);
id!(
    /// One delivery of an event to an endpoint; the same UUID as its run's. Time-ordered.
    WebhookDeliveryId, "whd", "webhook delivery", now_v7
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_prints() {
        let id = RunId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(serde_json::from_value::<RunId>(serde_json::json!(id)).ok(), Some(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused_with_the_expected_form() {
        let error = TenantId::new().to_string().parse::<RunId>().expect_err("a tenant id is no run id");
        assert!(error.to_string().contains("run_ followed by 32"), "{error}");
        assert!("run_zz".parse::<RunId>().is_err());
    }
}
