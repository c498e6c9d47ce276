//! Working with the copy: one at a time, with what is needed fetched before, and made anew where it came to harm.

use std::{
    fs::{File, OpenOptions, TryLockError},
    sync::Arc,
    time::{Duration, Instant},
};

use git2::Oid;
use tokio::sync::MutexGuard;

use super::Repository;
use crate::{
    GitError,
    store::{Built, Trouble},
    wire::Advert,
};

/// How often another run on the same cache is asked whether it is done.
const POLL: Duration = Duration::from_millis(50);

/// Nobody else works with the copy, in this process or in another one of this machine, while this lives.
pub(super) struct Held<'a> {
    _here: MutexGuard<'a, ()>,
    _elsewhere: File,
}

impl Repository {
    /// Works with the copy once it has `tips`. A copy that turns out to be damaged is made anew, once. `None`: the remote
    /// does not offer the tips any longer.
    pub(super) async fn with<T: Send + 'static>(
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
    pub(super) async fn remember(&self, branch: &str, built: Built) {
        let (cache, tips) = (self.cache.clone(), [(branch.to_owned(), built.commit)]);
        if let Err(cause) = blocking(move || cache.keep(Some(&built.pack), &[], &tips)).await {
            tracing::debug!(?cause, "our own commit could not be kept in the copy");
        }
    }

    pub(super) async fn hold(&self) -> Result<Held<'_>, GitError> {
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
