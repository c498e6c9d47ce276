//! Reading, and changing under the eyes of others who push as well.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions, TryLockError},
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use git2::Oid;
use tenantry_model::Fault;
use time::OffsetDateTime;
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    GitError, Settings,
    place::Place,
    store::{Author, Built, Cache, Former, Plan, Trouble, build, files, folder, steps},
    wire::{Advert, Failed, Report, Service, Wire},
};

/// How often a commit is put on the newest head before we give up for this time.
pub const TRIES: u32 = 8;
/// The wait before the second try; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// How often another run on the same cache is asked whether it is done.
const POLL: Duration = Duration::from_millis(50);

/// The files below a root at a branch's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The commit they are of; `None` when the branch does not exist.
    pub head: Option<String>,
    /// By their path below the root. Links, submodules and names that are not UTF-8 are left out.
    pub files: BTreeMap<String, Vec<u8>>,
}

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

/// Asked right before every push whether we may still do it (the lock is still ours).
///
/// A closure that returns a future is one; so is [`Unguarded`].
pub trait Guard: Send {
    /// Whether we may push now.
    ///
    /// # Errors
    /// Why not. Nothing is sent, and the fault comes back as [`GitError::Stopped`].
    fn may_push(&mut self) -> impl Future<Output = Result<(), Fault>> + Send;
}

impl<F, R> Guard for F
where
    F: FnMut() -> R + Send,
    R: Future<Output = Result<(), Fault>> + Send,
{
    fn may_push(&mut self) -> impl Future<Output = Result<(), Fault>> + Send {
        self()
    }
}

/// Always lets us push.
#[derive(Debug, Clone, Copy)]
pub struct Unguarded;

impl Guard for Unguarded {
    async fn may_push(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}

/// A branch of a git repository at a remote. One call at a time works with the copy; others wait.
#[derive(Debug)]
pub struct Repository {
    settings: Settings,
    wire: Wire,
    cache: Cache,
    busy: Mutex<()>,
}

/// Nobody else works with the copy, in this process or in another one of this machine, while this lives.
struct Held<'a> {
    _here: MutexGuard<'a, ()>,
    _elsewhere: File,
}

impl Repository {
    /// Looks at the settings only; nothing is read or written yet.
    ///
    /// # Errors
    /// [`GitError::Unusable`]: the address or the branch's name.
    pub fn new(settings: Settings) -> Result<Self, GitError> {
        let place = Place::parse(&settings.url)?;
        check_branch(&settings.branch)?;
        let signature = git2::Signature::new(&settings.author_name, &settings.author_email, &git2::Time::new(0, 0));
        if signature.is_err() {
            return Err(unusable(
                "the author's name or address cannot stand in a commit",
                "Enter a plain name and address.",
            ));
        }
        let wire = Wire::new(&place, settings.credentials.as_ref(), settings.timeout)?;
        let cache = Cache::new(settings.cache.clone(), place.shown());
        Ok(Self { settings, wire, cache, busy: Mutex::default() })
    }

    /// Reads the files below `root` (`""`: the whole repository) at the head of the branch. A branch or a root that is
    /// not there has no files.
    ///
    /// # Errors
    /// [`GitError`]; the remote has not changed.
    pub async fn read(&self, root: &str) -> Result<Files, GitError> {
        let root = Arc::new(steps(root)?);
        let _held = self.hold().await?;
        for tries in 1..=TRIES {
            pause(tries).await;
            let advert = self.wire.advert(Service::UploadPack).await?;
            let Some(head) = advert.branch(&self.settings.branch) else {
                return Ok(Files { head: None, files: BTreeMap::new() });
            };
            let (tips, root) = (vec![(self.settings.branch.clone(), head)], Arc::clone(&root));
            if let Some(files) = self.with(&advert, tips, move |copy| files(copy, head, &root)).await? {
                return Ok(Files { head: Some(head.to_string()), files });
            }
        }
        Err(GitError::StillMoving { branch: self.settings.branch.clone(), tries: TRIES })
    }

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

    /// Works with the copy once it has `tips`. A copy that turns out to be damaged is made anew, once. `None`: the remote
    /// does not offer the tips any longer.
    async fn with<T: Send + 'static>(
        &self,
        advert: &Advert,
        tips: Vec<(String, Oid)>,
        work: impl Fn(&git2::Repository) -> Result<T, Trouble> + Send + Sync + 'static,
    ) -> Result<Option<T>, GitError> {
        let work = Arc::new(work);
        match self.once(advert, &tips, Arc::clone(&work), false).await {
            Err(Trouble::Damaged(cause)) => {
                tracing::warn!(%cause, "the copy of the git repository is made anew");
            }
            done => return done.map_err(said),
        }
        self.once(advert, &tips, work, true).await.map_err(said)
    }

    async fn once<T: Send + 'static>(
        &self,
        advert: &Advert,
        tips: &[(String, Oid)],
        work: Arc<impl Fn(&git2::Repository) -> Result<T, Trouble> + Send + Sync + 'static>,
        anew: bool,
    ) -> Result<Option<T>, Trouble> {
        let cache = self.cache.clone();
        let have = blocking(move || {
            if anew {
                cache.wipe()?;
            }
            cache.have()
        })
        .await?;
        let mut wants: Vec<Oid> = tips.iter().map(|(_, tip)| *tip).filter(|tip| !have.commits.contains(tip)).collect();
        wants.dedup();
        if !wants.is_empty() {
            let Some(fetched) = self.wire.fetch(advert, &wants, &have).await? else { return Ok(None) };
            let (cache, tips) = (self.cache.clone(), tips.to_owned());
            blocking(move || cache.keep(fetched.pack.as_deref(), &fetched.shallow, &tips)).await?;
        }
        let cache = self.cache.clone();
        blocking(move || work(&cache.open()?)).await.map(Some)
    }

    /// Spares the next run a fetch. The commit is at the remote already: that this fails is no matter.
    async fn remember(&self, branch: &str, built: Built) {
        let (cache, tips) = (self.cache.clone(), [(branch.to_owned(), built.commit)]);
        if let Err(cause) = blocking(move || cache.keep(Some(&built.pack), &[], &tips)).await {
            tracing::debug!(?cause, "our own commit could not be kept in the copy");
        }
    }

    async fn hold(&self) -> Result<Held<'_>, GitError> {
        let here = self.busy.lock().await;
        let folder = self.settings.cache.clone();
        let open = move || {
            std::fs::create_dir_all(&folder)?;
            OpenOptions::new().create(true).append(true).open(folder.join("mirror.in-use"))
        };
        let elsewhere = blocking(move || Ok(open()?)).await.map_err(said)?;
        let since = Instant::now();
        loop {
            match elsewhere.try_lock() {
                Ok(()) => return Ok(Held { _here: here, _elsewhere: elsewhere }),
                Err(TryLockError::WouldBlock) if since.elapsed() < self.settings.timeout => {
                    tokio::time::sleep(POLL).await;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(GitError::Local { saw: "another run holds it".to_owned(), source: None });
                }
                Err(TryLockError::Error(error)) => return Err(said(error.into())),
            }
        }
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

async fn pause(tries: u32) {
    if tries > 1 {
        tokio::time::sleep(FIRST_WAIT * 2_u32.pow(tries - 2)).await;
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Trouble> + Send + 'static) -> Result<T, Trouble> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panicked) => Err(Trouble::Damaged(panicked.into())),
    }
}

fn said(trouble: Trouble) -> GitError {
    match trouble {
        Trouble::Said(error) => error,
        Trouble::Damaged(cause) => {
            GitError::Local { saw: "it cannot be written, or not be read back".to_owned(), source: Some(cause) }
        }
    }
}

fn unknown(branch: &str, error: GitError) -> GitError {
    GitError::UnknownOutcome { branch: branch.to_owned(), source: Some(error.into()) }
}

fn unusable(saw: &str, todo: &'static str) -> GitError {
    GitError::Unusable { saw: saw.to_owned(), todo }
}

fn check_branch(branch: &str) -> Result<(), GitError> {
    if git2::Branch::name_is_valid(branch).unwrap_or(false) && !branch.starts_with("refs/") {
        return Ok(());
    }
    Err(unusable(
        "that is no name of a branch",
        "Enter the branch's name as the git server shows it, for example main.",
    ))
}
