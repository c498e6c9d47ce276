use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    remote::{MESSAGE, ROOT, Remote, TOKEN, Us, settings},
    server::{Mood, Server},
};

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(all_files(&path)) } else { found.push(path) }
    }
    found
}

/// Makes a file that git made read-only writable, and changes it.
fn spoil(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

fn pack_file(us: &Us, ending: &str) -> PathBuf {
    let mut all = all_files(&us.mirror().join("objects/pack"));
    all.retain(|path| path.extension().is_some_and(|end| end == ending));
    all.sort_by_key(|path| fs::metadata(path).unwrap().len());
    all.pop().unwrap()
}

type Harm = (&'static str, fn(&Us));

const HARMS: [Harm; 13] = [
    ("it vanished", |us| fs::remove_dir_all(&us.cache).unwrap()),
    ("a pack was cut", |us| spoil(&pack_file(us, "pack"), |bytes| bytes.truncate(bytes.len() / 2))),
    ("a pack is empty", |us| spoil(&pack_file(us, "pack"), Vec::clear)),
    ("a pack is missing", |us| fs::remove_file(pack_file(us, "pack")).unwrap()),
    ("an index was cut", |us| spoil(&pack_file(us, "idx"), |bytes| bytes.truncate(100))),
    ("bits of a pack flipped", |us| {
        spoil(&pack_file(us, "pack"), |bytes| bytes.iter_mut().skip(12).for_each(|byte| *byte ^= 0x55));
    }),
    ("a lock was left on the branch", |us| fs::write(us.mirror().join("refs/heads/main.lock"), "").unwrap()),
    ("locks were left everywhere", |us| {
        for name in ["HEAD.lock", "config.lock", "index.lock", "packed-refs.lock", "shallow.lock"] {
            fs::write(us.mirror().join(name), "").unwrap();
        }
    }),
    ("the branch is rubbish", |us| fs::write(us.mirror().join("refs/heads/main"), "rubbish").unwrap()),
    ("the list of shallow commits is rubbish", |us| fs::write(us.mirror().join("shallow"), "rubbish").unwrap()),
    ("it was half-made", |us| fs::remove_file(us.mirror().join("tenantry-remote")).unwrap()),
    ("its settings are gone", |us| fs::remove_file(us.mirror().join("HEAD")).unwrap()),
    ("there is a file instead", |us| {
        fs::remove_dir_all(us.mirror()).unwrap();
        fs::write(us.mirror(), "x").unwrap();
    }),
];

#[tokio::test]
async fn a_copy_that_came_to_harm_is_made_anew_and_the_run_succeeds() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    us.sync(&[("acme.yaml", Some("a: 0\n"))]).await.unwrap();
    for (at, (what, harm)) in HARMS.into_iter().enumerate() {
        harm(&us);
        let files = us.repository.read(ROOT).await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        assert_eq!(files.files.len(), 2, "{what}");
        assert_eq!(files.files["acme.yaml"], format!("a: {at}\n").as_bytes(), "{what}");
        harm(&us);
        let now = format!("a: {}\n", at + 1);
        let pushed = us.sync(&[("acme.yaml", Some(&now))]).await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        assert!(pushed.commit.is_some(), "{what}");
    }
    assert_eq!(remote.count("main"), 2 + 1 + HARMS.len());
    remote.assert_sound();
}

#[tokio::test]
async fn a_copy_of_another_remote_is_not_mixed_in() {
    let (first, second) = (Remote::with_others(), Remote::empty());
    let us = Us::beside(&first);
    us.repository.read("").await.unwrap();
    let other = us.again(second.path().to_str().unwrap());
    assert_eq!(other.read("").await.unwrap().head, None);
    second.other("only.txt", "x");
    assert_eq!(other.read("").await.unwrap().files.len(), 1);
    let kept = super::remote::git(&us.mirror(), &["rev-list", "--all"]);
    assert_eq!(kept, second.git(&["rev-parse", "main"]), "nothing of the first is left");
    assert_eq!(all_files(&us.mirror().join("objects")).len(), 2, "one pack and its index");
    assert_eq!(us.repository.read("").await.unwrap().files.len(), 2);
}

#[tokio::test]
async fn a_fetch_that_was_cut_off_leaves_the_copy_as_it_was() {
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    us.repository.read("").await.unwrap();
    let before = all_files(&us.mirror()).len();
    remote.other("more.txt", "more");
    server.next("/git-upload-pack", Mood::Cut);
    us.repository.read("").await.unwrap_err();
    assert_eq!(all_files(&us.mirror()).len(), before);
    assert_eq!(us.repository.read("").await.unwrap().files.len(), 3);
}

#[tokio::test]
async fn what_else_is_in_the_folder_is_left_alone() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    fs::create_dir_all(us.cache.join("somebody's")).unwrap();
    fs::write(us.cache.join("somebody's/file"), "dear").unwrap();
    us.repository.read("").await.unwrap();
    fs::write(us.mirror().join("refs/heads/main"), "rubbish").unwrap();
    us.repository.read("").await.unwrap();
    assert_eq!(fs::read_to_string(us.cache.join("somebody's/file")).unwrap(), "dear");
}

#[tokio::test]
async fn a_copy_that_has_grown_is_made_anew() {
    let remote = Remote::empty();
    let us = Us::beside(&remote);
    for at in 0..70 {
        us.sync(&[("acme.yaml", Some(&at.to_string()))]).await.unwrap();
    }
    let packs = all_files(&us.mirror().join("objects/pack")).len();
    assert!(packs <= 122, "{packs} files of packs");
    assert_eq!(remote.count("main"), 70);
    assert_eq!(us.repository.read(ROOT).await.unwrap().files["acme.yaml"], b"69");
    assert!(all_files(&us.mirror().join("objects")).iter().all(|path| path.parent().unwrap().ends_with("pack")));
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_is_local_trouble() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    fs::write(&us.cache, "a file where the folder should be").unwrap();
    let error = us.repository.read("").await.unwrap_err();
    assert!(matches!(error, tenantry_git::GitError::Local { .. }), "{error:?}");
}

#[tokio::test]
async fn no_token_is_on_disk() {
    use base64::Engine;
    let remote = Remote::with_others();
    let server = Server::of(&remote).await;
    let us = Us::at(&server.url());
    us.repository.read("").await.unwrap();
    us.sync(&[("acme.yaml", Some("a"))]).await.unwrap();
    assert_eq!(remote.subjects("main")[0], MESSAGE);
    let secrets =
        [TOKEN.to_owned(), base64::engine::general_purpose::STANDARD.encode(format!("x-access-token:{TOKEN}"))];
    let files = all_files(&us.cache);
    assert!(files.len() > 5);
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{}", file.display());
    }
}

#[tokio::test]
async fn another_process_with_the_same_copy_is_waited_for() {
    let remote = Remote::with_others();
    let us = Us::beside(&remote);
    us.repository.read("").await.unwrap();
    let theirs = fs::File::open(us.cache.join("mirror.in-use")).unwrap();
    theirs.lock().unwrap();
    let mut hasty = settings(remote.path().to_str().unwrap(), &us.cache);
    hasty.timeout = std::time::Duration::from_millis(200);
    let error = tenantry_git::Repository::new(hasty).unwrap().read("").await.unwrap_err();
    assert!(matches!(error, tenantry_git::GitError::Local { .. }), "{error:?}");
    let (files, ()) = tokio::join!(us.repository.read(""), async { theirs.unlock().unwrap() });
    assert_eq!(files.unwrap().files.len(), 2);
}
