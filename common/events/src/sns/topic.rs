//! Topics, and which URLs belong to them. A URL is taken apart, never searched for a piece of text.

use std::{fmt, str::FromStr};

use url::Url;

use crate::Rejected;

/// The name of a topic: `arn:aws:sns:<region>:<account>:<name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicArn {
    text: String,
    /// `sns.<region>.amazonaws.com`, with `.cn` for the regions of China.
    host: String,
}

/// A text that is not the ARN of a topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not the ARN of an SNS topic; it looks like arn:aws:sns:eu-west-1:123456789012:mail-events")]
pub struct TopicError;

impl FromStr for TopicArn {
    type Err = TopicError;

    fn from_str(text: &str) -> Result<Self, TopicError> {
        let text = text.trim();
        let parts: Vec<&str> = text.split(':').collect();
        let &["arn", partition, "sns", region, account, name] = parts.as_slice() else { return Err(TopicError) };
        let label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let sound = matches!(partition, "aws" | "aws-cn" | "aws-us-gov")
            && (1..=63).contains(&region.len())
            && region.chars().all(label)
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && (1..=256).contains(&name.len())
            && name.chars().all(named);
        if !sound {
            return Err(TopicError);
        }
        let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        Ok(Self { text: text.to_owned(), host: format!("sns.{region}.{suffix}") })
    }
}

impl fmt::Display for TopicArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TopicArn {
    /// The ARN as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// A `SigningCertURL`: a `.pem` at the root of SNS in the topic's region.
    pub(super) fn certificate_url(&self, text: &str) -> Result<Url, Rejected> {
        let file =
            |path: &str| path.strip_prefix('/').is_some_and(|file| !file.contains('/') && file.ends_with(".pem"));
        self.own(text)
            .filter(|url| file(url.path()) && url.query().is_none())
            .ok_or(Rejected::ForeignUrl("SigningCertURL"))
    }

    /// A `SubscribeURL`: the call that confirms a subscription to this very topic.
    pub(super) fn subscribe_url(&self, text: &str) -> Result<Url, Rejected> {
        let one = |url: &Url, name: &str, value: &str| {
            let mut values = url.query_pairs().filter(|(key, _)| key == name);
            values.next().is_some_and(|(_, given)| given == value) && values.next().is_none()
        };
        self.own(text)
            .filter(|url| url.path() == "/" && one(url, "Action", "ConfirmSubscription"))
            .filter(|url| one(url, "TopicArn", &self.text))
            .ok_or(Rejected::ForeignUrl("SubscribeURL"))
    }

    /// A URL of SNS in this topic's region: https, the usual port, no user, no fragment.
    fn own(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let sound = url.scheme() == "https"
            && url.host_str() == Some(self.host.as_str())
            && url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        sound.then_some(url)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn topic() -> TopicArn {
        "arn:aws:sns:eu-west-1:123456789012:mail-events".parse().unwrap()
    }

    #[test]
    fn only_certificates_of_sns_in_the_topics_region_are_fetched() {
        let name = "SimpleNotificationService-0123456789abcdef.pem";
        assert!(topic().certificate_url(&format!("https://sns.eu-west-1.amazonaws.com/{name}")).is_ok());
        assert!(topic().certificate_url(&format!("https://sns.eu-west-1.amazonaws.com:443/{name}")).is_ok());
        for url in [
            "",
            "sns.eu-west-1.amazonaws.com/a.pem",
            "http://sns.eu-west-1.amazonaws.com/a.pem",
            "file:///etc/a.pem",
            "https://sns.us-east-1.amazonaws.com/a.pem",
            "https://sns.eu-west-1.amazonaws.com.cn/a.pem",
            "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
            "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
            "https://evil.example/?sns.eu-west-1.amazonaws.com/a.pem",
            "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
            "https://evil.example#@sns.eu-west-1.amazonaws.com/a.pem",
            "https://evil.example\\@sns.eu-west-1.amazonaws.com/a.pem",
            "https://user@sns.eu-west-1.amazonaws.com/a.pem",
            "https://:secret@sns.eu-west-1.amazonaws.com/a.pem",
            "https://bucket.sns.eu-west-1.amazonaws.com/a.pem",
            "https://s3.eu-west-1.amazonaws.com/a.pem",
            "https://sns-eu-west-1.amazonaws.com/a.pem",
            "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
            "https://sns.eu-west-1.amazonaws.com/bucket/a.pem",
            "https://sns.eu-west-1.amazonaws.com/a.pem?b",
            "https://sns.eu-west-1.amazonaws.com/a.pem#b",
            "https://sns.eu-west-1.amazonaws.com/?a.pem",
            "https://sns.eu-west-1.amazonaws.com/a.crt",
        ] {
            assert_eq!(topic().certificate_url(url), Err(Rejected::ForeignUrl("SigningCertURL")), "{url}");
        }
    }

    #[test]
    fn the_regions_of_china_have_hosts_of_their_own() {
        let topic: TopicArn = "arn:aws-cn:sns:cn-north-1:123456789012:mail".parse().unwrap();
        assert!(topic.certificate_url("https://sns.cn-north-1.amazonaws.com.cn/a.pem").is_ok());
        assert!(topic.certificate_url("https://sns.cn-north-1.amazonaws.com/a.pem").is_err());
    }

    #[test]
    fn only_the_confirmation_of_this_topic_is_called() {
        let host = "https://sns.eu-west-1.amazonaws.com";
        let arn = "arn:aws:sns:eu-west-1:123456789012:mail-events";
        let good = format!("{host}/?Action=ConfirmSubscription&TopicArn={arn}&Token=abc");
        assert!(topic().subscribe_url(&good).is_ok());
        assert!(topic().subscribe_url(&good.replace(':', "%3A").replace("https%3A", "https:")).is_ok());
        for url in [
            format!("{host}/?Action=DeleteTopic&TopicArn={arn}&Token=abc"),
            format!("{host}/?Action=ConfirmSubscription&TopicArn={arn}x&Token=abc"),
            format!("{host}/?Action=ConfirmSubscription&Token=abc"),
            format!("{good}&Action=DeleteTopic"),
            format!("https://evil.example/?Action=ConfirmSubscription&TopicArn={arn}&Token=abc"),
            format!("http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={arn}"),
        ] {
            assert_eq!(topic().subscribe_url(&url), Err(Rejected::ForeignUrl("SubscribeURL")), "{url}");
        }
    }

    #[test]
    fn what_is_not_a_topic_is_refused() {
        for text in [
            "",
            "mail-events",
            "arn:aws:sqs:eu-west-1:123456789012:mail",
            "arn:aws:sns:evil.example/:123456789012:mail",
            "arn:aws:sns::123456789012:mail",
            "arn:aws:sns:eu-west-1:12345:mail",
            "arn:aws:sns:eu-west-1:123456789012:",
            "arn:aws:sns:eu-west-1:123456789012:mail:7d1b2f5a",
        ] {
            assert_eq!(text.parse::<TopicArn>(), Err(TopicError), "{text:?}");
        }
    }
}
