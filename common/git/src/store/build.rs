//! A commit on top of a head, built in memory: only what is new comes into being.

use git2::{Buf, ObjectType, Oid, Repository, Signature, Time, Tree, message_prettify};
use time::OffsetDateTime;

use super::{
    Trouble,
    path::{Folder, Node, bad},
};
use crate::GitError;

const FILE: i32 = 0o100_644;
const PROGRAM: i32 = 0o100_755;
const FOLDER: i32 = 0o040_000;

/// Who commits.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    pub(crate) name: String,
    pub(crate) email: String,
}

/// What shall be committed, and on what.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) changes: Folder,
    pub(crate) message: String,
    pub(crate) author: Author,
    pub(crate) at: OffsetDateTime,
}

/// A branch of a pull request, and the commit it is at.
#[derive(Debug, Clone)]
pub(crate) struct Former {
    pub(crate) branch: String,
    pub(crate) tip: Oid,
}

/// A commit that is nowhere but here yet.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) commit: Oid,
    /// It, and every object that it adds.
    pub(crate) pack: Vec<u8>,
}

/// Builds one commit on `base`; `None` when there is nothing to change. The same plan on the same base is the same commit.
pub(crate) fn build(
    repository: &Repository,
    plan: &Plan,
    base: Option<Oid>,
    former: Option<&Former>,
) -> Result<Option<Built>, Trouble> {
    // In memory: what is never pushed is never on disk, and ten thousand new files are not ten thousand loose objects.
    let odb = repository.odb()?;
    let _memory = odb.add_new_mempack_backend(1_000)?;
    let parent = base.map(|oid| repository.find_commit(oid)).transpose()?;
    let before = parent.as_ref().map(git2::Commit::tree).transpose()?;
    let mut made = Vec::new();
    let after = apply(repository, before.as_ref(), &plan.changes, "", &mut made)?;
    if after == before.as_ref().map(Tree::id) {
        return Ok(None);
    }
    let after = match after {
        Some(oid) => oid,
        None => {
            let empty = repository.treebuilder(None)?.write()?;
            made.push(empty);
            empty
        }
    };
    let by = Signature::new(&plan.author.name, &plan.author.email, &Time::new(plan.at.unix_timestamp(), 0))?;
    if let Some(former) = former.filter(|former| Some(former.tip) != base) {
        let tip = repository.find_commit(former.tip)?;
        let theirs = tip.committer();
        // With our signature, not with our settings: git trims what stands around a name.
        if theirs.name_bytes() != by.name_bytes() || theirs.email_bytes() != by.email_bytes() {
            return Err(GitError::BranchOfOthers { branch: former.branch.clone() }.into());
        }
        if tip.tree_id() == after && tip.parent_ids().eq(base) {
            return Ok(None);
        }
    }
    let message = message_prettify(plan.message.as_str(), None)?;
    let parents: Vec<_> = parent.iter().collect();
    let commit = repository.commit(None, &by, &by, &message, &repository.find_tree(after)?, &parents)?;
    made.push(commit);
    Ok(Some(Built { commit, pack: pack(repository, &made)? }))
}

/// `None`: the folder is empty, and git keeps no empty folders.
fn apply(
    repository: &Repository,
    tree: Option<&Tree<'_>>,
    changes: &Folder,
    above: &str,
    made: &mut Vec<Oid>,
) -> Result<Option<Oid>, Trouble> {
    let mut builder = repository.treebuilder(tree)?;
    let mut changed = false;
    for (name, node) in changes {
        let path = format!("{above}{name}");
        let there = builder.get(name)?.map(|entry| (entry.id(), entry.kind(), entry.filemode()));
        let there_is_folder = there.is_some_and(|(_, kind, _)| kind == Some(ObjectType::Tree));
        let now = match node {
            Node::File(_) if there_is_folder => return Err(bad(&path, "there is a folder of that name").into()),
            Node::File(None) => None,
            Node::File(Some(content)) => {
                let mode = there.map_or(FILE, |(_, _, mode)| if mode == PROGRAM { PROGRAM } else { FILE });
                let oid = Oid::hash_object(ObjectType::Blob, content)?;
                if there.is_none_or(|(before, _, _)| before != oid) {
                    made.push(repository.blob(content)?);
                }
                Some((oid, mode))
            }
            Node::Folder(inner) => {
                if there.is_some() && !there_is_folder {
                    return Err(bad(&path, "there is a file of that name, and it is not a folder").into());
                }
                let before = there.map(|(oid, _, _)| repository.find_tree(oid)).transpose()?;
                apply(repository, before.as_ref(), inner, &format!("{path}/"), made)?.map(|oid| (oid, FOLDER))
            }
        };
        if now == there.map(|(oid, _, mode)| (oid, mode)) {
            continue;
        }
        changed = true;
        match now {
            Some((oid, mode)) => drop(builder.insert(name, oid, mode)?),
            None => builder.remove(name)?,
        }
    }
    if !changed {
        return Ok(tree.map(Tree::id).filter(|_| !builder.is_empty()));
    }
    if builder.is_empty() {
        return Ok(None);
    }
    let oid = builder.write()?;
    made.push(oid);
    Ok(Some(oid))
}

fn pack(repository: &Repository, made: &[Oid]) -> Result<Vec<u8>, Trouble> {
    let mut builder = repository.packbuilder()?;
    builder.set_threads(1);
    for oid in made {
        builder.insert_object(*oid, None)?;
    }
    let mut bytes = Buf::new();
    builder.write_buf(&mut bytes)?;
    Ok(bytes.to_vec())
}
