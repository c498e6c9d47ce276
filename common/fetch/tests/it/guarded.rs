//! What is fetched and what is not, against servers of this machine.

use std::time::Duration;

use tenantry_fetch::{FetchError, Guarded, Limits, Posted};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// A server that answers every request with these bytes, and then keeps the connection open or closes it.
async fn server(answer: &'static [u8], closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/file", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(answer).await;
            if !closes {
                kept.push(socket);
            }
        }
    });
    url
}

async fn get(url: &str, limits: Limits) -> Result<Vec<u8>, FetchError> {
    Guarded::for_tests().unwrap().get(url, limits).await
}

#[tokio::test]
async fn a_file_is_fetched_whole() {
    let url = server(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", true).await;
    assert_eq!(get(&url, Limits { bytes: 5, ..Limits::default() }).await.unwrap(), b"hello");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_by_its_length_and_by_its_bytes() {
    let limits = Limits { bytes: 4, ..Limits::default() };
    let announced = server(b"HTTP/1.1 200 OK\r\ncontent-length: 5000000000\r\n\r\n", false).await;
    assert_eq!(get(&announced, limits).await.unwrap_err(), FetchError::TooLarge(4));
    let chunked = server(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true).await;
    assert_eq!(get(&chunked, limits).await.unwrap_err(), FetchError::TooLarge(4));
}

#[tokio::test]
async fn a_redirect_and_a_refusal_are_not_files() {
    let url =
        server(b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n", true).await;
    assert_eq!(get(&url, Limits::default()).await.unwrap_err(), FetchError::Redirected(302));
    let url = server(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", true).await;
    let error = get(&url, Limits::default()).await.unwrap_err();
    assert_eq!((error.is_transient(), error), (false, FetchError::Status(404)));
}

#[tokio::test]
async fn a_file_that_breaks_off_is_no_file() {
    let url = server(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello", true).await;
    assert_eq!(get(&url, Limits::default()).await.unwrap_err(), FetchError::Unreachable);
}

#[tokio::test]
async fn a_server_that_dawdles_is_given_up() {
    let url = server(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello", false).await;
    let limits = Limits { total: Duration::from_millis(200), ..Limits::default() };
    let error = get(&url, limits).await.unwrap_err();
    assert_eq!((error.is_transient(), error), (true, FetchError::TimedOut));
}

#[tokio::test]
async fn in_a_deployment_only_the_public_internet_is_reached() {
    let guarded = Guarded::new().unwrap();
    for (url, expected) in [
        ("nonsense", FetchError::NotAUrl),
        ("mailto:ada@example.com", FetchError::NotAUrl),
        ("http://files.example.com/a", FetchError::NotAllowed),
        ("ftp://files.example.com/a", FetchError::NotAllowed),
        ("https://ada@files.example.com/a", FetchError::NotAllowed),
        ("https://files.example.com:25/a", FetchError::NotAllowed),
        ("https://127.0.0.1/a", FetchError::NotPublic),
        // The same address as the URL standard reads it.
        ("https://2130706433/a", FetchError::NotPublic),
        ("https://0x7f.1/a", FetchError::NotPublic),
        ("https://0177.0.0.1/a", FetchError::NotPublic),
        ("https://169.254.169.254/latest/meta-data/", FetchError::NotPublic),
        ("https://[::1]/a", FetchError::NotPublic),
        ("https://[::ffff:10.0.0.1]/a", FetchError::NotPublic),
        ("https://[fd00:ec2::254]/a", FetchError::NotPublic),
        // A name is resolved first, and leads home.
        ("https://localhost/a", FetchError::NotPublic),
        ("https://localhost:8443/a", FetchError::NotPublic),
    ] {
        assert_eq!(guarded.get(url, Limits::default()).await.unwrap_err(), expected, "{url}");
    }
}

#[tokio::test]
async fn what_is_posted_is_answered_by_a_status_whatever_it_is() {
    let post = async |url: &str| {
        let client = Guarded::with_loopback().unwrap();
        client.post(url, &[("webhook-id", "evt_1".to_owned())], "{}".to_owned(), Duration::from_millis(500)).await
    };
    for (answer, status, retry_after) in [
        (&b"HTTP/1.1 204 No Content\r\n\r\n"[..], 204, None),
        (b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n", 302, None),
        (b"HTTP/1.1 503 Busy\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n", 503, Some(120)),
        // It says more than it sends.
        (b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nhello", 200, None),
    ] {
        let url = server(answer, true).await;
        assert_eq!(post(&url).await, Ok(Posted { status, retry_after }));
    }
    let silent = server(b"", false).await;
    assert_eq!(post(&silent).await, Err(FetchError::TimedOut));
}

#[tokio::test]
async fn this_machine_is_reached_by_whom_it_was_allowed_and_no_other_that_is_not_public() {
    let allowed = Guarded::with_loopback().unwrap();
    for url in ["http://127.0.0.1:9000/", "https://127.0.0.1/", "http://[::1]:1/", "http://localhost:9000/hook"] {
        assert!(allowed.check(url).is_ok(), "{url}");
        assert!(Guarded::new().unwrap().check(&url.replace("localhost", "127.0.0.1")).is_err(), "{url}");
    }
    for url in [
        "http://10.0.0.1/",
        "https://10.0.0.1/",
        "http://example.com/",
        "http://localhost.example.com/",
        "http://user@127.0.0.1/",
        "ftp://127.0.0.1/",
    ] {
        assert!(allowed.check(url).is_err(), "{url}");
    }
    assert!(allowed.check("https://hooks.example.com/").is_ok());
}
