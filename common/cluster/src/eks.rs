//! Who we are to an EKS cluster: a token that is a signed question to AWS.
//!
//! The token is the base64 of a presigned URL of STS `GetCallerIdentity`; the cluster asks STS with it, and STS says who
//! signed. The signed header `x-k8s-aws-id` binds it to one cluster.
//! <https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html>

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials as _, SharedCredentialsProvider},
};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::HeaderValue;
use tokio::sync::Mutex;

use crate::ClusterError;

/// For how long STS takes the URL itself. The cluster accepts the token for 15 minutes after the signature.
const EXPIRES: Duration = Duration::from_secs(60);
/// A token is replaced well before its 15 minutes are over, whatever our clock says.
const REFRESH: Duration = Duration::from_secs(10 * 60);
/// AWS may be slow to say who we are, but not for ever.
const CREDENTIALS: Duration = Duration::from_secs(10);
/// No credentials of a session are used for longer than they live, less this.
const MARGIN: Duration = Duration::from_secs(60);

/// Makes tokens for one cluster, and keeps the last one.
pub(crate) struct Tokens {
    cluster: String,
    region: String,
    credentials: SharedCredentialsProvider,
    last: Mutex<Option<(HeaderValue, SystemTime)>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens for {}", self.cluster)
    }
}

impl Tokens {
    /// With the credentials that this process has: environment, role, profile.
    pub(crate) async fn of_this_process(cluster: &str, region: &str) -> Result<Self, ClusterError> {
        let config =
            aws_config::defaults(BehaviorVersion::latest()).region(Region::new(region.to_owned())).load().await;
        let credentials = config.credentials_provider().ok_or_else(no_credentials)?;
        Ok(Self::new(cluster, region, credentials))
    }

    pub(crate) fn new(cluster: &str, region: &str, credentials: SharedCredentialsProvider) -> Self {
        Self { cluster: cluster.to_owned(), region: region.to_owned(), credentials, last: Mutex::new(None) }
    }

    /// The value of the header `authorization`.
    pub(crate) async fn header(&self, now: SystemTime) -> Result<HeaderValue, ClusterError> {
        let mut last = self.last.lock().await;
        if let Some((header, until)) = last.as_ref()
            && now < *until
        {
            return Ok(header.clone());
        }
        let credentials = tokio::time::timeout(CREDENTIALS, self.credentials.provide_credentials())
            .await
            .map_err(|_| no_credentials())?
            .map_err(|_| no_credentials())?;
        let mut until = now + REFRESH;
        if let Some(expiry) = credentials.expiry() {
            until = until.min(expiry - MARGIN);
        }
        let token = token(credentials, &self.region, &self.cluster, now)?;
        let mut header = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| no_token())?;
        header.set_sensitive(true);
        *last = Some((header.clone(), until));
        Ok(header)
    }

    /// The cluster does not take the last one.
    pub(crate) async fn forget(&self) {
        *self.last.lock().await = None;
    }
}

/// `k8s-aws-v1.` and the presigned URL.
fn token(credentials: Credentials, region: &str, cluster: &str, now: SystemTime) -> Result<String, ClusterError> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(EXPIRES);
    let identity = credentials.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts")
        .time(now)
        .settings(settings)
        .build()
        .map_err(|_| no_token())?
        .into();
    let zone = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let url = format!("https://sts.{region}.{zone}/?Action=GetCallerIdentity&Version=2011-06-15");
    let headers = [("x-k8s-aws-id", cluster)];
    let request =
        SignableRequest::new("GET", &url, headers.into_iter(), SignableBody::Bytes(&[])).map_err(|_| no_token())?;
    let (instructions, _) = sign(request, &params).map_err(|_| no_token())?.into_parts();
    let mut signed = http::Request::get(&url).body(()).map_err(|_| no_token())?;
    instructions.apply_to_request_http1x(&mut signed);
    Ok(format!("k8s-aws-v1.{}", BASE64_URL_SAFE_NO_PAD.encode(signed.uri().to_string())))
}

fn no_credentials() -> ClusterError {
    ClusterError::Access { why: "there are no AWS credentials to be had; has the function a role?".to_owned() }
}

fn no_token() -> ClusterError {
    ClusterError::Access { why: "a token could not be signed; are region and cluster name right?".to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{
        collections::BTreeMap,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use aws_credential_types::provider::{ProvideCredentials, error::CredentialsError, future};
    use url::Url;

    use super::*;

    /// 2026-11-21T12:00:00Z.
    fn noon() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_262_400)
    }

    fn credentials(session: Option<&str>, expiry: Option<SystemTime>) -> Credentials {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        Credentials::new("AKIDEXAMPLE", secret, session.map(ToOwned::to_owned), expiry, "test")
    }

    fn opened(token: &str) -> Url {
        let url = BASE64_URL_SAFE_NO_PAD.decode(token.strip_prefix("k8s-aws-v1.").unwrap()).unwrap();
        Url::parse(&String::from_utf8(url).unwrap()).unwrap()
    }

    /// The signatures were computed by botocore 1.43, which is what `aws eks get-token` signs with.
    #[test]
    fn a_token_is_signed_as_the_aws_command_line_signs_it() {
        let plain = "fe2850b39d1de37acd72eac6912a853babfb71110d58fa9798626c34a991f868";
        let of_session = "04187072284d2e3d5d241f8957f7d270b8ce2b209ce8ec56782f89dc112eca2f";
        for (session, signature) in [(None, plain), (Some("the/session+token=="), of_session)] {
            let token = token(credentials(session, None), "eu-central-1", "portal-cluster", noon()).unwrap();

            let url = opened(&token);
            assert_eq!((url.scheme(), url.host_str()), ("https", Some("sts.eu-central-1.amazonaws.com")));
            let mut expected = BTreeMap::from([
                ("Action", "GetCallerIdentity"),
                ("Version", "2011-06-15"),
                ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
                ("X-Amz-Credential", "AKIDEXAMPLE/20261121/eu-central-1/sts/aws4_request"),
                ("X-Amz-Date", "20261121T120000Z"),
                ("X-Amz-Expires", "60"),
                ("X-Amz-SignedHeaders", "host;x-k8s-aws-id"),
                ("X-Amz-Signature", signature),
            ]);
            expected.extend(session.map(|session| ("X-Amz-Security-Token", session)));
            let seen: BTreeMap<_, _> = url.query_pairs().collect();
            let seen: BTreeMap<_, _> = seen.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn a_token_is_for_one_cluster_and_china_has_a_zone_of_its_own() {
        let one = token(credentials(None, None), "cn-north-1", "one", noon()).unwrap();
        let other = token(credentials(None, None), "cn-north-1", "other", noon()).unwrap();

        assert_ne!(one, other);
        assert_eq!(opened(&one).host_str(), Some("sts.cn-north-1.amazonaws.com.cn"));
    }

    #[derive(Debug, Default)]
    struct Counted {
        asked: Arc<AtomicUsize>,
        expiry: Option<SystemTime>,
    }

    impl ProvideCredentials for Counted {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            self.asked.fetch_add(1, Ordering::Relaxed);
            future::ProvideCredentials::ready(Ok(credentials(None, self.expiry)))
        }
    }

    async fn counted(expiry: Option<SystemTime>, after: &[u64]) -> usize {
        let asked = Arc::new(AtomicUsize::new(0));
        let provider = SharedCredentialsProvider::new(Counted { asked: Arc::clone(&asked), expiry });
        let tokens = Tokens::new("portal-cluster", "eu-central-1", provider);
        for seconds in after {
            tokens.header(noon() + Duration::from_secs(*seconds)).await.unwrap();
        }
        asked.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn a_token_is_kept_for_ten_minutes_and_no_longer_than_the_session() {
        assert_eq!(counted(None, &[0, 1, 599]).await, 1);
        assert_eq!(counted(None, &[0, 599, 600, 601]).await, 2);
        let session = noon() + Duration::from_secs(300);
        assert_eq!(counted(Some(session), &[0, 239]).await, 1);
        assert_eq!(counted(Some(session), &[0, 241]).await, 2);
    }

    #[tokio::test]
    async fn a_token_that_is_not_taken_is_forgotten_and_never_shown() {
        let asked = Arc::new(AtomicUsize::new(0));
        let provider = SharedCredentialsProvider::new(Counted { asked: Arc::clone(&asked), expiry: None });
        let tokens = Tokens::new("portal-cluster", "eu-central-1", provider);

        let header = tokens.header(noon()).await.unwrap();
        tokens.forget().await;
        tokens.header(noon()).await.unwrap();

        assert_eq!(asked.load(Ordering::Relaxed), 2);
        assert!(header.to_str().unwrap().starts_with("Bearer k8s-aws-v1."));
        assert_eq!(format!("{header:?} {tokens:?}"), "Sensitive Tokens for portal-cluster");
    }

    #[derive(Debug)]
    struct Nobody;

    impl ProvideCredentials for Nobody {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("secret words")))
        }
    }

    #[tokio::test]
    async fn without_credentials_it_says_so() {
        let tokens = Tokens::new("portal-cluster", "eu-central-1", SharedCredentialsProvider::new(Nobody));

        let error = tokens.header(noon()).await.unwrap_err();

        assert_eq!(error, no_credentials());
        assert!(!error.to_string().contains("secret words"));
    }
}
