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
