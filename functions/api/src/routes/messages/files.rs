//! Files that go with a message: given, or fetched from where the caller says.

use std::time::Duration;

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use tenantry_fetch::{Guarded, Limits};
use tenantry_mail::Attachment;
use tokio::time::Instant;

use super::{mailbox::Wrong, wanted::WantedFile};
use crate::{error::sentence, problem::FieldError};

/// The most bytes that the files of one request may have, those of all its messages together: what a message may have.
const MOST: usize = 40_000_000;
/// How long fetching may take in all: API Gateway ends a request after 30 s.
const TOTAL: Duration = Duration::from_secs(18);
/// How long one file may take.
const EACH: Duration = Duration::from_secs(10);

/// Padding or none: both are written.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A file whose form is right.
pub(super) struct File {
    pointer: String,
    filename: String,
    content_type: String,
    cid: Option<String>,
    bytes: Bytes,
}

enum Bytes {
    Given(Vec<u8>),
    At(String),
}

/// Reads a file, or says what is wrong with its form.
pub(super) fn file(pointer: &str, wanted: WantedFile, wrong: &mut Wrong) -> Option<File> {
    let mut refuse = |field: &str, code: &str, words: &str| {
        wrong.push(FieldError::at(format!("{pointer}/{field}"), code, words));
        None
    };
    let bytes = match (wanted.content, wanted.url) {
        (Some(_), Some(_)) => return refuse("url", "invalid_value", "Give the file's content or its URL, not both."),
        (None, None) => return refuse("content", "missing_field", "A file needs content (base64) or a URL."),
        (None, Some(url)) => Bytes::At(url),
        (Some(content), None) => match BASE64.decode(content) {
            Ok(bytes) => Bytes::Given(bytes),
            Err(_) => return refuse("content", "invalid_value", "This is not base64."),
        },
    };
    let content_type = wanted.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    Some(File { pointer: pointer.to_owned(), filename: wanted.filename, content_type, cid: wanted.cid, bytes })
}

/// How much the files of one request may still take.
pub(super) struct Budget {
    bytes: usize,
    until: Instant,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: MOST, until: Instant::now() + TOTAL }
    }
}

impl Budget {
    /// The files with their bytes, one after the other, or everything that stands against it.
    pub(super) async fn fetch(&mut self, fetch: &Guarded, files: Vec<File>) -> Result<Vec<Attachment>, Wrong> {
        let (mut fetched, mut wrong) = (Vec::new(), Wrong::new());
        for File { pointer, filename, content_type, cid, bytes } in files {
            let content = match bytes {
                Bytes::Given(bytes) => bytes,
                Bytes::At(url) => {
                    let left = self.until.saturating_duration_since(Instant::now());
                    match fetch.get(&url, Limits { bytes: self.bytes, total: left.min(EACH) }).await {
                        Ok(bytes) => bytes,
                        Err(error) => {
                            let code = if error.is_transient() { "not_reachable" } else { "not_fetched" };
                            let words = sentence(&error.to_string());
                            wrong.push(FieldError::at(format!("{pointer}/url"), code, words));
                            continue;
                        }
                    }
                }
            };
            match self.bytes.checked_sub(content.len()) {
                Some(left) => self.bytes = left,
                None => {
                    let words = "The files of one request may have 40 MB together; send less at once.";
                    wrong.push(FieldError::at(pointer, "too_large", words));
                    continue;
                }
            }
            fetched.push(Attachment { filename, content_type, content, cid });
        }
        if wrong.is_empty() { Ok(fetched) } else { Err(wrong) }
    }
}

/// Whether anything has to be fetched.
pub(super) fn any_elsewhere(files: &[File]) -> bool {
    files.iter().any(|file| matches!(file.bytes, Bytes::At(_)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    fn wanted(content: Option<&str>, url: Option<&str>) -> WantedFile {
        let own = |text: &str| text.to_owned();
        WantedFile {
            filename: own("a.txt"),
            content_type: None,
            content: content.map(own),
            url: url.map(own),
            cid: None,
        }
    }

    fn refused(wanted: WantedFile) -> String {
        let mut wrong = Wrong::new();
        assert!(file("/attachments/0", wanted, &mut wrong).is_none());
        wrong.remove(0).pointer.unwrap()
    }

    async fn server(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/a.txt", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let _ = socket.read(&mut [0; 4096]).await;
                let _ = socket.write_all(answer).await;
            }
        });
        url
    }

    #[test]
    fn a_file_has_its_bytes_or_a_place_and_not_both() {
        assert_eq!(refused(wanted(None, None)), "/attachments/0/content");
        assert_eq!(refused(wanted(Some("aGk="), Some("https://example.com/"))), "/attachments/0/url");
        assert_eq!(refused(wanted(Some("a*"), None)), "/attachments/0/content");
        for padded in ["aGk=", "aGk"] {
            let read = file("", wanted(Some(padded), None), &mut Wrong::new()).unwrap();
            assert!(matches!(read.bytes, Bytes::Given(bytes) if bytes == b"hi"), "{padded}");
        }
    }

    #[tokio::test]
    async fn a_file_elsewhere_is_fetched_with_the_guard_of_deployments() {
        let url = server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
        let files = |url: &str| vec![file("/attachments/0", wanted(None, Some(url)), &mut Wrong::new()).unwrap()];
        assert!(any_elsewhere(&files(&url)));
        let fetched = Budget::default().fetch(&Guarded::for_tests().unwrap(), files(&url)).await.unwrap();
        assert_eq!((fetched[0].content.as_slice(), fetched[0].filename.as_str()), (&b"hi"[..], "a.txt"));
        let wrong = Budget::default().fetch(&Guarded::new().unwrap(), files(&url)).await.unwrap_err();
        let error = &wrong[0];
        assert_eq!((error.pointer.as_deref(), error.code.as_str()), (Some("/attachments/0/url"), "not_fetched"));
    }

    #[tokio::test]
    async fn files_share_what_a_request_may_take() {
        let files = (0..3).map(|at| File {
            pointer: format!("/attachments/{at}"),
            filename: "a".to_owned(),
            content_type: "text/plain".to_owned(),
            cid: None,
            bytes: Bytes::Given(vec![0; 15_000_000]),
        });
        let wrong = Budget::default().fetch(&Guarded::new().unwrap(), files.collect()).await.unwrap_err();
        assert_eq!((wrong.len(), wrong[0].pointer.as_deref()), (1, Some("/attachments/2")));
    }
}
