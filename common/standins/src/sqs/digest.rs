//! The MD5 digests that clients check: of a body, and of message attributes ("Calculating the MD5 message digest for
//! message attributes", SQS Developer Guide).

use super::wire::Attribute;
use md5::{Digest, Md5};
use std::collections::BTreeMap;

/// Of a body, in lower-case hex.
pub(super) fn body(body: &str) -> String {
    hex::encode(Md5::digest(body.as_bytes()))
}

/// Of message attributes, in order of their names; `None` where there are none.
pub(super) fn attributes(attributes: &BTreeMap<String, Attribute>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut digest = Md5::new();
    for (name, attribute) in attributes {
        feed(&mut digest, name.as_bytes());
        feed(&mut digest, attribute.data_type.as_bytes());
        match &attribute.binary_value {
            Some(value) => {
                digest.update([2]);
                feed(&mut digest, &attribute.binary().unwrap_or_else(|| value.clone().into_bytes()));
            }
            None => {
                digest.update([1]);
                feed(&mut digest, attribute.string_value.as_deref().unwrap_or_default().as_bytes());
            }
        }
    }
    Some(hex::encode(digest.finalize()))
}

fn feed(digest: &mut Md5, value: &[u8]) {
    digest.update(u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
    digest.update(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_documentation() {
        // The body's from the API reference; the attributes' as computed by moto and botocore's own check.
        assert_eq!(body("This is a test message"), "fafb00f5732ab283681e124bf8747ed1");
        let attribute = Attribute { data_type: "String".into(), string_value: Some("b".into()), binary_value: None };
        let one = BTreeMap::from([("a".to_owned(), attribute)]);
        let mut by_hand = Vec::new();
        for (length, value) in [(1u32, "a"), (6, "String")] {
            by_hand.extend(length.to_be_bytes());
            by_hand.extend(value.bytes());
        }
        by_hand.extend([1, 0, 0, 0, 1, b'b']);
        assert_eq!(attributes(&one), Some(hex::encode(Md5::digest(&by_hand))));
        assert_eq!(attributes(&BTreeMap::new()), None);
    }
}
