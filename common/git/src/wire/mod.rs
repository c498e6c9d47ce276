//! The smart protocol of git, version 0, in its stateless form: a question, an answer, nothing kept between.
//! `gitprotocol-pack`, `gitprotocol-http` and `gitprotocol-common` of git's documentation.

mod advert;
mod fetch;
mod http;
mod line;
mod local;
mod push;

use std::time::Duration;

pub(crate) use advert::Advert;
pub(crate) use fetch::{Fetched, Have};
pub(crate) use push::Report;

use crate::{Credentials, GitError, place::Place};

/// No oid: a branch that is not there.
const ZERO: &str = "0000000000000000000000000000000000000000";

/// What we call ourselves. Some servers speak to what begins with `git/` only.
const AGENT: &str = concat!("git/2.0 (tenantry ", env!("CARGO_PKG_VERSION"), ")");

/// What is asked of a remote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// To read.
    UploadPack,
    /// To push.
    ReceivePack,
}

impl Service {
    /// The program that serves it.
    fn program(self) -> &'static str {
        match self {
            Self::UploadPack => "git-upload-pack",
            Self::ReceivePack => "git-receive-pack",
        }
    }

    fn access(self) -> &'static str {
        match self {
            Self::UploadPack => "reading",
            Self::ReceivePack => "pushing",
        }
    }
}

/// A call that did not bring an answer.
#[derive(Debug)]
pub(crate) struct Failed {
    /// Why.
    pub(crate) error: GitError,
    /// The remote may have read the question, and acted.
    pub(crate) heard: bool,
}

/// The way to a remote.
#[derive(Debug)]
pub(crate) enum Wire {
    Http(http::Http),
    Local(local::Local),
}

impl Wire {
    pub(crate) fn new(place: &Place, credentials: Option<&Credentials>, timeout: Duration) -> Result<Self, GitError> {
        Ok(match place {
            Place::Http(url) => Self::Http(http::Http::new(url.clone(), place.shown(), credentials, timeout)?),
            Place::Folder(path) => Self::Local(local::Local::new(path.clone(), timeout)),
        })
    }

    /// Host and path, for people.
    fn shown(&self) -> String {
        match self {
            Self::Http(http) => http.shown().to_owned(),
            Self::Local(local) => local.shown(),
        }
    }

    /// Which branches there are, and what the remote can do.
    pub(crate) async fn advert(&self, service: Service) -> Result<Advert, GitError> {
        let bytes = match self {
            Self::Http(http) => http.advert(service).await,
            Self::Local(local) => local.advert(service).await,
        };
        Advert::parse(&bytes.map_err(|failed| failed.error)?).map_err(|saw| self.not_git(saw))
    }

    /// The commits `wants` and all that belongs to them, without what `have` has already. `None`: the remote does not
    /// offer one of them any longer, as its branch was moved away after the advert.
    pub(crate) async fn fetch(
        &self,
        advert: &Advert,
        wants: &[git2::Oid],
        have: &Have,
    ) -> Result<Option<Fetched>, GitError> {
        let question = fetch::question(advert, wants, have);
        let answer = self.call(Service::UploadPack, question).await.map_err(|failed| failed.error)?;
        match fetch::answer(&answer) {
            Ok(fetched) => Ok(Some(fetched)),
            Err(fetch::Bad::Said(sentence)) if sentence.contains("not our ref") => Ok(None),
            Err(fetch::Bad::Said(sentence)) => Err(self.not_git(format!("it said {sentence:?}"))),
            Err(fetch::Bad::Broken) => Err(self.unreachable("its answer was cut off")),
            Err(fetch::Bad::NoPack) => Err(self.not_git("its answer holds no objects".to_owned())),
        }
    }

    /// Moves `reference` from `old` to `new`, if it is at `old` still.
    pub(crate) async fn push(
        &self,
        advert: &Advert,
        reference: &str,
        old: Option<git2::Oid>,
        new: git2::Oid,
        pack: &[u8],
    ) -> Result<Report, Failed> {
        let question = push::question(advert, reference, old, new, pack);
        let answer = self.call(Service::ReceivePack, question).await?;
        push::answer(&answer, reference)
            .ok_or_else(|| Failed { error: self.unreachable("its answer to our push was cut off"), heard: true })
    }

    async fn call(&self, service: Service, question: Vec<u8>) -> Result<Vec<u8>, Failed> {
        match self {
            Self::Http(http) => http.call(service, question).await,
            Self::Local(local) => local.call(service, question).await,
        }
    }

    fn unreachable(&self, saw: &str) -> GitError {
        GitError::Unreachable { remote: self.shown(), saw: saw.to_owned(), retry_after: None, source: None }
    }

    fn not_git(&self, saw: String) -> GitError {
        GitError::NoRepository { remote: self.shown(), saw }
    }
}
