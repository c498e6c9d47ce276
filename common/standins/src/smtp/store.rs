//! The mailbox on disk: one file per message, with the envelope in front as mail servers write it.
//!
//! ```text
//! Return-Path: <sender>
//! Delivered-To: recipient, recipient
//! Received: by localhost with SMTP id ID; 2026-11-21T03:00:00Z
//! ... the message as it was sent
//! ```

use super::message::Message;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The folder the messages lie in.
#[derive(Debug, Clone)]
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    /// Opens the folder, making it where needed.
    pub(super) fn open(folder: &Path) -> std::io::Result<Store> {
        std::fs::create_dir_all(folder)?;
        Ok(Store { folder: folder.to_owned() })
    }

    /// Writes a message; it is there as a whole or not at all.
    pub(super) fn write(&self, message: &Message) -> std::io::Result<()> {
        let received = message.received_at.format(&Rfc3339).map_err(std::io::Error::other)?;
        let mut bytes = format!(
            "Return-Path: <{}>\r\nDelivered-To: {}\r\nReceived: by localhost with SMTP id {}; {received}\r\n",
            message.from,
            message.to.join(", "),
            message.id
        )
        .into_bytes();
        bytes.extend_from_slice(&message.raw);
        let unfinished = self.folder.join(format!("{}.part", message.id));
        // Mails hold temporary passwords: they are for their owner's eyes.
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(&bytes)?;
        std::fs::rename(&unfinished, self.path(&message.id))
    }

    /// Removes a message.
    pub(super) fn remove(&self, id: &str) {
        // Somebody may have removed the file by hand.
        let _ = std::fs::remove_file(self.path(id));
    }

    /// All messages, oldest first. Files that are none of ours are passed over.
    pub(super) fn load(&self) -> std::io::Result<Vec<Message>> {
        let mut messages = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "part") {
                // Left by a process that was killed while writing: it was never accepted.
                let _ = std::fs::remove_file(&path);
            } else if path.extension().is_some_and(|extension| extension == "eml") {
                messages.extend(read(&std::fs::read(&path)?));
            }
        }
        messages.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(messages)
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.eml"))
    }
}

fn read(bytes: &[u8]) -> Option<Message> {
    let (from, rest) = line(bytes, "Return-Path: <")?;
    let (to, rest) = line(rest, "Delivered-To: ")?;
    let (received, raw) = line(rest, "Received: by localhost with SMTP id ")?;
    let (id, at) = received.split_once("; ")?;
    let at = OffsetDateTime::parse(at, &Rfc3339).ok()?;
    let to = to.split(", ").map(str::to_owned).collect();
    Some(Message::new(id.to_owned(), from.strip_suffix('>')?.to_owned(), to, at, raw.to_vec()))
}

fn line<'a>(bytes: &'a [u8], start: &str) -> Option<(&'a str, &'a [u8])> {
    let bytes = bytes.strip_prefix(start.as_bytes())?;
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_is_unfinished_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opens");
        let to = vec!["b@c.example".to_owned(), "d@e.example".to_owned()];
        let message = Message::new(
            "018".into(),
            "a@b.example".into(),
            to,
            OffsetDateTime::now_utc(),
            b"Subject: x\r\n\r\n\xff".into(),
        );
        store.write(&message).expect("writes");
        std::fs::write(folder.path().join("019.part"), "Return-Path: <").expect("written");
        std::fs::write(folder.path().join("020.eml"), "not ours").expect("written");

        let read = store.load().expect("loads");

        assert_eq!(read.len(), 1);
        let seen = (&read[0].id, &read[0].from, &read[0].to, read[0].received_at, &read[0].raw);
        assert_eq!(seen, (&message.id, &message.from, &message.to, message.received_at, &message.raw));
        store.remove("018");
        store.remove("018");
        assert!(store.load().expect("loads").is_empty());
    }
}
