//! Changing: look, build on what is there, push; and what to do when somebody came between.

use std::{collections::BTreeMap, sync::Arc};

use git2::Oid;
use time::OffsetDateTime;

use super::{Guard, Repository, TRIES, check_branch, pause, unusable};
use crate::{
    GitError,
    store::{Author, Built, Former, Plan, build, folder},
    wire::{Advert, Failed, Report, Service},
};

/// Where a commit goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Onto the branch itself.
    Branch,
    /// Onto another branch, for a pull request: one commit of ours on top of the branch's head. A former commit of ours
    /// there is replaced; a commit of somebody else never is.
    PullRequest(String),
}

/// What became of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The commit that is at the remote now; `None` when nothing had to be changed (any more).
    pub commit: Option<String>,
    /// How often it was put on a head: 1 when nobody came between.
    pub tries: u32,
}

impl Repository {
    /// Makes `changes` (path below `root`; `None` deletes) on top of whatever the branch's head is when they land: one
    /// commit of the time `at`, pushed. When somebody pushed meanwhile, the changes are put on top of theirs: the files
    /// that are named here become what is given here, all others stay what they are. Where that changes nothing, there
    /// is no commit. The same call on the same head makes the same commit, bit by bit.
    ///
    /// # Errors
    /// [`GitError`]. Only after [`GitError::UnknownOutcome`] the commit may be at the remote all the same.
    pub async fn commit(
        &self,
        root: &str,
        changes: &BTreeMap<String, Option<Vec<u8>>>,
        message: &str,
        target: &Target,
        at: OffsetDateTime,
        mut guard: impl Guard,
    ) -> Result<Pushed, GitError> {
        let branch = self.branch_of(target)?;
        let plan = Arc::new(self.plan(root, changes, message, at)?);
        let _held = self.hold().await?;
        let mut seen = Seen::default();
        for tries in 1..=TRIES {
            pause(tries).await;
            match self.attempt(branch, target, &plan, &mut guard, &mut seen).await {
                Ok(Attempt::Again) => {}
                Ok(Attempt::Landed(commit)) => return Ok(Pushed { commit: Some(commit.to_string()), tries }),
                Ok(Attempt::Nothing) => return Ok(Pushed { commit: None, tries }),
                // What ended this try says nothing about the one before, which may have landed.
                Err(error @ (GitError::Unreachable { .. } | GitError::Stopped(_))) if !seen.sent.is_empty() => {
                    return Err(unknown(branch, error));
                }
                Err(error) => return Err(error),
            }
        }
        self.given_up(branch, seen).await
    }

    /// Looks, builds on what is there, and pushes, once.
    async fn attempt(
        &self,
        branch: &str,
        target: &Target,
        plan: &Arc<Plan>,
        guard: &mut impl Guard,
        seen: &mut Seen,
    ) -> Result<Attempt, GitError> {
        let advert = self.wire.advert(Service::UploadPack).await?;
        let tip = advert.branch(branch);
        if let Some(commit) = tip.filter(|tip| seen.sent.contains(tip)) {
            return Ok(Attempt::Landed(commit));
        }
        seen.tip(tip);
        let built = match self.build(&advert, plan, target).await? {
            None => return Ok(Attempt::Again),
            Some(None) => return Ok(Attempt::Nothing),
            Some(Some(built)) => built,
        };
        let abilities = self.wire.advert(Service::ReceivePack).await?;
        guard.may_push().await.map_err(GitError::Stopped)?;
        let reference = format!("refs/heads/{branch}");
        match self.wire.push(&abilities, &reference, tip, built.commit, &built.pack).await {
            Ok(Report::Taken) => {
                let commit = built.commit;
                self.remember(branch, built).await;
                return Ok(Attempt::Landed(commit));
            }
            Ok(Report::Refused { sentence, moving: true }) => seen.refusal = Some(sentence),
            // Words alone do not decide: a branch that moved meanwhile is tried again.
            Ok(Report::Refused { sentence, moving: false }) => {
                if self.wire.advert(Service::UploadPack).await?.branch(branch) == tip {
                    return Err(GitError::Refused { branch: branch.to_owned(), sentence });
                }
            }
            Err(Failed { heard: false, error }) => return Err(error),
            Err(Failed { heard: true, error }) => seen.unheard(built.commit, error),
        }
        Ok(Attempt::Again)
    }

    /// What to say when every try was spent.
    async fn given_up(&self, branch: &str, seen: Seen) -> Result<Pushed, GitError> {
        if let Some(error) = seen.last {
            let tip = self.wire.advert(Service::UploadPack).await.ok().and_then(|advert| advert.branch(branch));
            return match tip.filter(|tip| seen.sent.contains(tip)) {
                Some(commit) => Ok(Pushed { commit: Some(commit.to_string()), tries: TRIES }),
                None => Err(unknown(branch, error)),
            };
        }
        let branch = branch.to_owned();
        match seen.refusal {
            // It spoke of a branch that moves, which never did: rules against what we do, or a lock that somebody left.
            Some(sentence) if !seen.moved => Err(GitError::Refused { branch, sentence }),
            _ => Err(GitError::StillMoving { branch, tries: TRIES }),
        }
    }

    fn branch_of<'a>(&'a self, target: &'a Target) -> Result<&'a str, GitError> {
        match target {
            Target::Branch => Ok(&self.settings.branch),
            Target::PullRequest(branch) if *branch == self.settings.branch => Err(unusable(
                "a pull request cannot come from the branch that it is for",
                "Enter another name for the branch of the pull request.",
            )),
            Target::PullRequest(branch) => check_branch(branch).map(|()| branch.as_str()),
        }
    }

    fn plan(
        &self,
        root: &str,
        changes: &BTreeMap<String, Option<Vec<u8>>>,
        message: &str,
        at: OffsetDateTime,
    ) -> Result<Plan, GitError> {
        let author = Author { name: self.settings.author_name.clone(), email: self.settings.author_email.clone() };
        Ok(Plan { changes: folder(root, changes)?, message: message.to_owned(), author, at })
    }

    /// The commit on the branch's head; `None` inside when there is nothing to change, outside when the head is gone.
    async fn build(
        &self,
        advert: &Advert,
        plan: &Arc<Plan>,
        target: &Target,
    ) -> Result<Option<Option<Built>>, GitError> {
        let base = advert.branch(&self.settings.branch);
        let mut tips: Vec<_> = base.map(|base| (self.settings.branch.clone(), base)).into_iter().collect();
        let mut former = None;
        if let Target::PullRequest(branch) = target
            && let Some(tip) = advert.branch(branch)
        {
            tips.push((branch.clone(), tip));
            former = Some(Former { branch: branch.clone(), tip });
        }
        let plan = Arc::clone(plan);
        self.with(advert, tips, move |copy| build(copy, &plan, base, former.as_ref())).await
    }
}

/// What became of one try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempt {
    /// The commit is at the remote.
    Landed(Oid),
    /// There is nothing to change.
    Nothing,
    /// Somebody came between, or nobody said what became of it.
    Again,
}

/// What the tries for one commit have seen.
#[derive(Debug, Default)]
struct Seen {
    tips: Option<Option<Oid>>,
    moved: bool,
    refusal: Option<String>,
    sent: Vec<Oid>,
    last: Option<GitError>,
}

impl Seen {
    fn tip(&mut self, tip: Option<Oid>) {
        self.moved |= self.tips.is_some_and(|before| before != tip);
        self.tips = Some(tip);
    }

    /// A commit was sent, and nobody said what became of it.
    fn unheard(&mut self, commit: Oid, error: GitError) {
        self.sent.push(commit);
        self.last = Some(error);
    }
}

fn unknown(branch: &str, error: GitError) -> GitError {
    GitError::UnknownOutcome { branch: branch.to_owned(), source: Some(error.into()) }
}
