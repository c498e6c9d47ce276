//! The files below a root at a commit.

use std::collections::BTreeMap;

use git2::{ObjectType, Oid, Repository, Tree};

use super::{Trouble, path::bad};

/// All regular files below `root`. Links, submodules, and names that are not UTF-8 are not ours and are left out.
pub(crate) fn files(repository: &Repository, head: Oid, root: &[String]) -> Result<BTreeMap<String, Vec<u8>>, Trouble> {
    let mut found = BTreeMap::new();
    let mut tree = repository.find_commit(head)?.tree()?;
    for name in root {
        let Some((id, kind)) = tree.get_name(name).map(|entry| (entry.id(), entry.kind())) else { return Ok(found) };
        if kind != Some(ObjectType::Tree) {
            return Err(bad(&root.join("/"), "there is a file where the folder should be").into());
        }
        tree = repository.find_tree(id)?;
    }
    collect(repository, &tree, "", &mut found)?;
    Ok(found)
}

fn collect(
    repository: &Repository,
    tree: &Tree<'_>,
    above: &str,
    found: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), Trouble> {
    for entry in tree {
        let Ok(name) = entry.name() else { continue };
        let path = format!("{above}{name}");
        match entry.kind() {
            Some(ObjectType::Tree) => {
                collect(repository, &repository.find_tree(entry.id())?, &format!("{path}/"), found)?
            }
            Some(ObjectType::Blob) if is_regular(entry.filemode()) => {
                found.insert(path, repository.find_blob(entry.id())?.content().to_owned());
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_regular(mode: i32) -> bool {
    mode & 0o170_000 == 0o100_000
}
