//! One deployment: a real Postgres, a mail server, an issuer, and AWS played by MiniStack.

use std::path::{Path, PathBuf};

use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use tenantry_standins::{
    postgres::{self, Postgres},
    smtp::{Auth, Login, Options, Smtp, Tls},
};

use super::issuer::{AUDIENCE, Issuer};
use crate::peers::{ministack::MiniStack, root, tool};

const STACK: &str = "tenantry";
const PASSWORD: &str = "correct horse";

/// A deployed Tenantry; all of it ends with this handle.
pub(super) struct Deployed {
    pub(super) ministack: MiniStack,
    pub(super) issuer: Issuer,
    pub(super) smtp: Smtp,
    /// The API for people.
    pub(super) api: Door,
    /// The API for machines.
    pub(super) keys: Door,
    _postgres: Postgres,
    _files: TempDir,
}

/// One of the two HTTP APIs.
pub(super) struct Door {
    http: Client,
    url: String,
}

impl Deployed {
    /// Builds nothing: deploys what the build for AWS left behind. `None` when the peers are left out.
    pub(super) async fn start() -> Option<Self> {
        let sam = tool("sam")?;
        let files = tempfile::tempdir().unwrap();
        let login = Login::new("tenantry", PASSWORD);
        let options = Options { tls: Tls::Required, auth: Auth::Required(login), ..Options::default() };
        let smtp = Smtp::start(options).await.unwrap();
        let ca = files.path().join("ca.pem");
        std::fs::write(&ca, smtp.ca_pem()).unwrap();
        let issuer = Issuer::start().await;
        let (postgres, urls) = database().await;
        // A deployment brings a private authority as a file of a layer; here it lies on this machine.
        let ministack = MiniStack::start(&[("EMAIL_CA_FILE", ca.to_str().unwrap())]).await?;
        let secrets = secrets(&ministack, &urls).await;

        let template = files.path().join("template.yaml");
        std::fs::write(&template, with_zips(&zips())).unwrap();
        let mut parameters = vec![
            "Architecture=x86_64".to_owned(),
            format!("OidcIssuer={}", issuer.url),
            format!("OidcAudience={AUDIENCE}"),
            "OidcClientId=tenantry-console".to_owned(),
            "EmailHost=127.0.0.1".to_owned(),
            format!("EmailPort={}", smtp.address().port()),
            "EmailUsername=tenantry".to_owned(),
            "EmailFrom=platform@mail.example.com".to_owned(),
            "EmailTenantFromPattern={tenant}@mail.example.com".to_owned(),
            "PortalZone=portal.example.com".to_owned(),
        ];
        parameters.extend(secrets);
        let output = ministack
            .command(&sam)
            .args(["deploy", "--stack-name", STACK, "--capabilities", "CAPABILITY_IAM", "--resolve-s3"])
            .args(["--no-confirm-changeset", "--no-progressbar", "--template-file"])
            .arg(&template)
            .arg("--parameter-overrides")
            .args(&parameters)
            .current_dir(files.path())
            .output()
            .await
            .unwrap();
        assert!(
            output.status.success(),
            "sam deploy:\n{}\n{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            ministack.log()
        );
        let outputs = outputs(&ministack, &sam).await;
        let door = |id: &str| Door {
            http: Client::new(),
            url: format!("{}/_aws/execute-api/{}/$default", ministack.endpoint, outputs(id)),
        };
        let (api, keys) = (door("ApiId"), door("KeyApiId"));
        Some(Self { ministack, issuer, smtp, api, keys, _postgres: postgres, _files: files })
    }

    /// A fresh token of somebody who may do everything.
    pub(super) fn token(&self) -> String {
        self.issuer.token("platform_operator", AUDIENCE)
    }

    /// What the functions complain about, for a test that failed.
    pub(super) async fn complaints(&self) -> String {
        let mut lines = Vec::new();
        let functions = [
            "api",
            "onboard-tenant",
            "send-email",
            "create-domain",
            "check-dns",
            "activate-domain",
            "delete-domain",
            "check-portal",
            "reconcile-cluster",
            "deliver-webhook",
            "offboard-tenant",
            "notify",
            "sweep",
        ];
        for function in functions {
            let said = self.said(function).await;
            lines.extend(said.iter().filter(|line| line["level"] != "INFO").map(Value::to_string));
        }
        lines.join("\n")
    }

    /// A function's own log lines. (MiniStack keeps an invocation's lines as one event, and does not filter.)
    pub(super) async fn said(&self, function: &str) -> Vec<Value> {
        let answer: Value = Client::new()
            .post(&self.ministack.endpoint)
            .header("x-amz-target", "Logs_20140328.FilterLogEvents")
            .header("content-type", "application/x-amz-json-1.1")
            .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/logs/aws4_request")
            .json(&json!({"logGroupName": format!("/tenantry/{STACK}/{function}")}))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let events = answer["events"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
        let lines = events.iter().flat_map(|event| event["message"].as_str().unwrap_or_default().lines());
        lines.filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

impl Door {
    /// With a token or a key; an empty one sends none.
    pub(super) async fn get(&self, path: &str, credential: &str) -> (StatusCode, Value) {
        self.send(self.http.get(format!("{}{path}", self.url)), credential).await
    }

    /// With a body and more headers.
    pub(super) async fn post(
        &self,
        path: &str,
        credential: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> (StatusCode, Value) {
        let request = self.http.post(format!("{}{path}", self.url)).json(body);
        self.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)), credential)
            .await
    }

    async fn send(&self, request: RequestBuilder, credential: &str) -> (StatusCode, Value) {
        let request = if credential.is_empty() { request } else { request.bearer_auth(credential) };
        let response = request.send().await.unwrap();
        let status = response.status();
        let body = response.bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into()))
    }
}

/// A database as a deployment has it: migrated by its owner, with the logins of `infra/logins.sql`. Gives the URLs of the
/// functions' and the API's login.
async fn database() -> (Postgres, [String; 2]) {
    let postgres = Postgres::start(postgres::Options::temporary()).await.unwrap();
    postgres.create_database("tenantry", None).await.unwrap();
    let owner = postgres.url("tenantry");
    tenantry_store::migrate(&SecretString::from(owner.clone())).await.unwrap();
    let logins = std::fs::read_to_string(root().join("infra/logins.sql")).unwrap();
    // What psql does with its variables.
    let logins =
        logins.replace(":'functions_password'", "'functions-secret'").replace(":'api_password'", "'api-secret'");
    let mut connection = PgConnection::connect(&owner).await.unwrap();
    // Twice: it says of itself that it may be run again.
    for _ in 0..2 {
        sqlx::raw_sql(sqlx::AssertSqlSafe(logins.clone())).execute(&mut connection).await.unwrap();
    }
    let at = format!("127.0.0.1:{}/tenantry", postgres.port());
    let urls = [("tenantry_functions", "functions-secret"), ("tenantry_api", "api-secret")];
    (postgres, urls.map(|(login, password)| format!("postgres://{login}:{password}@{at}")))
}

/// Puts the secrets where a deployment has them, and gives the template's parameters with their ARNs.
async fn secrets(ministack: &MiniStack, [functions, api]: &[String; 2]) -> Vec<String> {
    let manager = aws_sdk_secretsmanager::Client::new(&ministack.sdk().await);
    // 32 bytes in base64, for this test alone.
    let keys = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    let mut parameters = Vec::new();
    for (parameter, name, value) in [
        ("FunctionsDatabaseUrlArn", "tenantry-database/url/functions", functions.as_str()),
        ("ApiDatabaseUrlArn", "tenantry-database/url/api", api.as_str()),
        ("SealingKeysArn", "tenantry/sealing-keys", keys),
        ("EmailPasswordArn", "tenantry/email-password", PASSWORD),
    ] {
        let made = manager.create_secret().name(name).secret_string(value).send().await.unwrap();
        parameters.push(format!("{parameter}={}", made.arn.unwrap()));
    }
    parameters
}

/// The folder with what was built for AWS.
fn zips() -> PathBuf {
    PathBuf::from(std::env::var_os("TENANTRY_PEERS_ZIPS").expect(
        "TENANTRY_PEERS_ZIPS must name a folder with <function>/bootstrap.zip, as tests/run and `cargo lambda build \
         --output-format zip` make one (TARGET/lambda), or TENANTRY_SKIP_PEERS=1 leave out the servers that are not ours",
    ))
}

/// The template, with each function's code where the build for AWS has left it, as `sam build` would write it.
fn with_zips(zips: &Path) -> String {
    let template = std::fs::read_to_string(root().join("infra/template.yaml")).unwrap();
    let lines = template.lines().map(|line| match line.trim().strip_prefix("CodeUri: ../functions/") {
        None => line.to_owned(),
        Some(function) => {
            let zip = zips.join(function).join("bootstrap.zip");
            assert!(zip.is_file(), "{} is missing; build it first", zip.display());
            format!("      CodeUri: {}", zip.display())
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The stack's outputs, by name.
async fn outputs(ministack: &MiniStack, sam: &Path) -> impl Fn(&str) -> String + use<> {
    let output = ministack
        .command(sam)
        .args(["list", "stack-outputs", "--stack-name", STACK, "--output", "json"])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let outputs: Vec<Value> = serde_json::from_str(&said)
        .unwrap_or_else(|error| panic!("{error}: {said}\n{}", String::from_utf8_lossy(&output.stderr)));
    move |name| {
        let found = outputs.iter().find(|output| output["OutputKey"] == name);
        found.unwrap_or_else(|| panic!("no output {name}: {outputs:?}"))["OutputValue"].as_str().unwrap().to_owned()
    }
}
