//! Paths below the root, and the changes as a tree of them.

use std::collections::BTreeMap;

use crate::GitError;

/// What shall be in a folder, by name.
pub(crate) type Folder = BTreeMap<String, Node>;

/// What shall be at a name.
#[derive(Debug)]
pub(crate) enum Node {
    /// A file with this content, or none.
    File(Option<Vec<u8>>),
    /// A folder in which these names change, and all others stay.
    Folder(Folder),
}

/// The names on the way to a root; none for the whole repository.
pub(crate) fn steps(root: &str) -> Result<Vec<String>, GitError> {
    let root = root.trim_matches('/');
    if root.is_empty() {
        return Ok(Vec::new());
    }
    root.split('/').map(|name| checked(name, root)).collect()
}

/// The changes below `root`, seen from the top of the repository.
pub(crate) fn folder(root: &str, changes: &BTreeMap<String, Option<Vec<u8>>>) -> Result<Folder, GitError> {
    let root = steps(root)?;
    let mut top = Folder::new();
    for (path, content) in changes {
        let mut names = root.clone();
        for name in path.split('/') {
            names.push(checked(name, path)?);
        }
        put(&mut top, &names, content.clone()).map_err(|why| bad(path, why))?;
    }
    Ok(top)
}

fn put(folder: &mut Folder, names: &[String], content: Option<Vec<u8>>) -> Result<(), &'static str> {
    const BOTH: &str = "another change makes a file of a folder on its way";
    match names {
        [] => Err("it is empty"),
        [name] => match folder.insert(name.clone(), Node::File(content)) {
            None => Ok(()),
            Some(_) => Err(BOTH),
        },
        [name, rest @ ..] => match folder.entry(name.clone()).or_insert_with(|| Node::Folder(Folder::new())) {
            Node::Folder(inner) => put(inner, rest, content),
            Node::File(_) => Err(BOTH),
        },
    }
}

/// One name that git, and every file system it may be checked out to, takes as a plain name.
fn checked(name: &str, path: &str) -> Result<String, GitError> {
    if name.is_empty() || name == "." || name == ".." {
        return Err(bad(path, "one of its names is empty, or points elsewhere"));
    }
    if !name.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"\\:*?\"<>|".contains(&byte)) {
        return Err(bad(path, "it holds characters that not every file system can keep"));
    }
    // `git~1` is how a FAT file system calls `.git` in short; it drops dots and spaces at the end, too.
    let plain = name.trim_end_matches([' ', '.']).to_ascii_lowercase();
    if plain.is_empty() || plain == ".git" || plain == "git~1" {
        return Err(bad(path, "the name .git is git's own"));
    }
    Ok(name.to_owned())
}

pub(super) fn bad(path: &str, why: &'static str) -> GitError {
    GitError::UnusablePath { path: path.to_owned(), why }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn changes(paths: &[&str]) -> BTreeMap<String, Option<Vec<u8>>> {
        paths.iter().map(|path| ((*path).to_owned(), None)).collect()
    }

    #[test]
    fn changes_become_folders() {
        let top = folder("/a/b/", &changes(&["x.yaml", "c/y.yaml"])).unwrap();
        assert_eq!(
            format!("{top:?}"),
            r#"{"a": Folder({"b": Folder({"c": Folder({"y.yaml": File(None)}), "x.yaml": File(None)})})}"#
        );
        assert_eq!(folder("", &changes(&["x.yaml"])).unwrap().len(), 1);
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for path in [
            "",
            "/x",
            "x/",
            "a//b",
            "../x",
            "a/./b",
            ".git/config",
            ".GIT/x",
            "git~1",
            ".git .",
            "a\0b",
            "a\nb",
            "a\\b",
            "c:x",
            "\u{e4}",
        ] {
            assert!(folder("", &changes(&[path])).is_err(), "{path:?}");
        }
        assert!(steps("a/../b").is_err() && steps(".git").is_err());
    }

    #[test]
    fn a_name_cannot_be_a_file_and_a_folder() {
        assert!(folder("", &changes(&["a", "a/b"])).is_err());
    }
}
