//! A queue's attributes: their defaults, their ranges, and how they are read and written.

use super::error::Fault;
use std::collections::BTreeMap;
use std::time::Duration;

/// 256 KiB, for a message and for a batch.
pub(super) const MAX_BYTES: usize = 256 * 1024;

/// What can be set on a queue ("SetQueueAttributes", SQS API reference).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) visibility: Duration,
    pub(super) delay: Duration,
    pub(super) wait: Duration,
    pub(super) retention: Duration,
    pub(super) max_bytes: usize,
    pub(super) redrive: Option<Redrive>,
    /// Attributes that are kept and shown and change nothing here.
    kept: BTreeMap<String, String>,
}

/// Where messages go that were received too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Redrive {
    /// The name of the dead-letter queue, the last part of its ARN.
    pub(super) queue: String,
    /// Receives before it goes there.
    pub(super) max_receives: u32,
    /// As it was written.
    words: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            visibility: Duration::from_secs(30),
            delay: Duration::ZERO,
            wait: Duration::ZERO,
            retention: Duration::from_secs(345_600),
            max_bytes: MAX_BYTES,
            redrive: None,
            kept: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// These settings with some attributes changed; all of them, or none when one is wrong.
    pub(super) fn with(&self, attributes: &BTreeMap<String, String>) -> Result<Settings, Fault> {
        let mut settings = self.clone();
        for (name, value) in attributes {
            settings.set(name, value)?;
        }
        Ok(settings)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let number = |least: u64, most: u64| {
            let number = value.parse::<u64>().ok().filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| Fault::bad_attribute(name))
        };
        match name {
            "VisibilityTimeout" => self.visibility = Duration::from_secs(number(0, 43_200)?),
            "DelaySeconds" => self.delay = Duration::from_secs(number(0, 900)?),
            "ReceiveMessageWaitTimeSeconds" => self.wait = Duration::from_secs(number(0, 20)?),
            "MessageRetentionPeriod" => self.retention = Duration::from_secs(number(60, 1_209_600)?),
            "MaximumMessageSize" => {
                self.max_bytes = usize::try_from(number(1024, MAX_BYTES as u64)?).unwrap_or(MAX_BYTES);
            }
            "RedrivePolicy" => self.redrive = Redrive::read(value)?,
            "FifoQueue" | "ContentBasedDeduplication" | "DeduplicationScope" | "FifoThroughputLimit" => {
                return Err(fifo());
            }
            "Policy"
            | "RedriveAllowPolicy"
            | "KmsMasterKeyId"
            | "KmsDataKeyReusePeriodSeconds"
            | "SqsManagedSseEnabled" => {
                self.kept.insert(name.to_owned(), value.to_owned());
            }
            _ => return Err(Fault::unknown_attribute(name)),
        }
        Ok(())
    }

    /// Everything that is set, by its name.
    pub(super) fn list(&self) -> BTreeMap<String, String> {
        let mut list = self.kept.clone();
        for (name, value) in [
            ("VisibilityTimeout", self.visibility.as_secs()),
            ("DelaySeconds", self.delay.as_secs()),
            ("ReceiveMessageWaitTimeSeconds", self.wait.as_secs()),
            ("MessageRetentionPeriod", self.retention.as_secs()),
            ("MaximumMessageSize", self.max_bytes as u64),
        ] {
            list.insert(name.to_owned(), value.to_string());
        }
        if let Some(redrive) = &self.redrive {
            list.insert("RedrivePolicy".to_owned(), redrive.words.clone());
        }
        list
    }
}

impl Redrive {
    /// `{"deadLetterTargetArn": "arn:...:NAME", "maxReceiveCount": 3}`, the count also as a string; an empty value
    /// takes the policy away.
    fn read(words: &str) -> Result<Option<Redrive>, Fault> {
        if words.is_empty() {
            return Ok(None);
        }
        let wrong = || Fault::bad_attribute("RedrivePolicy");
        let policy: serde_json::Value = serde_json::from_str(words).map_err(|_| wrong())?;
        let arn = policy["deadLetterTargetArn"].as_str().ok_or_else(wrong)?;
        let queue =
            arn.rsplit(':').next().filter(|name| !name.is_empty() && arn.starts_with("arn:")).ok_or_else(wrong)?;
        let count = &policy["maxReceiveCount"];
        let count = count.as_u64().or_else(|| count.as_str()?.parse().ok());
        let max_receives = count.filter(|count| (1..=1000).contains(count)).ok_or_else(wrong)?;
        let max_receives = u32::try_from(max_receives).map_err(|_| wrong())?;
        Ok(Some(Redrive { queue: queue.to_owned(), max_receives, words: words.to_owned() }))
    }
}

/// What is said to whoever asks for a FIFO queue.
pub(super) fn fifo() -> Fault {
    Fault::unsupported("FIFO queues are not part of this stand-in: use a standard queue.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, value: &str) -> Result<Settings, Fault> {
        Settings::default().with(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn values_out_of_range_and_unknown_names_are_refused() {
        assert_eq!(set("VisibilityTimeout", "43200").expect("fits").visibility.as_secs(), 43_200);
        assert_eq!(set("VisibilityTimeout", "43201").expect_err("too long").name, "InvalidAttributeValue");
        assert_eq!(set("DelaySeconds", "-1").expect_err("negative").name, "InvalidAttributeValue");
        assert_eq!(set("Colour", "red").expect_err("unknown").name, "InvalidAttributeName");
        assert_eq!(set("FifoQueue", "true").expect_err("fifo").name, "UnsupportedOperation");
    }

    #[test]
    fn a_redrive_policy_is_read_with_its_count_as_number_or_text_and_taken_away_by_nothing() {
        for count in ["3", "\"3\""] {
            let words =
                format!(r#"{{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:1:dead","maxReceiveCount":{count}}}"#);
            let settings = set("RedrivePolicy", &words).expect("reads");
            let redrive = settings.redrive.clone().expect("there");
            assert_eq!((redrive.queue.as_str(), redrive.max_receives), ("dead", 3));
            let cleared = settings.with(&BTreeMap::from([("RedrivePolicy".to_owned(), String::new())]));
            assert_eq!(cleared.expect("clears").redrive, None);
        }
        for wrong in ["{", r#"{"deadLetterTargetArn":"dead","maxReceiveCount":3}"#, "{\"maxReceiveCount\":3}"] {
            assert!(set("RedrivePolicy", wrong).is_err(), "{wrong}");
        }
    }
}
