//! A real browser: Chromium through WebDriver (<https://www.w3.org/TR/webdriver2/>), and axe-core in its pages.

use std::{
    path::PathBuf,
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element, wd::WebDriverCompatibleCommand};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// So long a page may take to come to what a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);
const WIDE: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (360, 740);

/// A browser with a window of its own, that knows nobody.
pub struct Browser {
    pub client: Client,
    /// What every address that is a path begins with.
    pub base: String,
    driver: Child,
    profile: tempfile::TempDir,
    looked: AtomicBool,
}

impl Browser {
    /// Starts one. `TENANTRY_CHROMEDRIVER` and `TENANTRY_CHROMIUM` say where they are, if not in the path.
    ///
    /// # Panics
    /// There is none, and what to do.
    pub async fn start(base: &str) -> Self {
        let driver = std::env::var("TENANTRY_CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let mut driver = Command::new(&driver)
            .args(["--port=0", "--log-level=SEVERE"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{driver}: {error}; tests/run finds or installs a browser, TENANTRY_SKIP_PEERS=1 leaves it out"));
        let mut lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
        let port = loop {
            let line = lines.next_line().await.expect("its output").expect("chromedriver says its port");
            if let Some(port) = line.strip_suffix('.').and_then(|line| line.rsplit_once("on port ")) {
                break port.1.to_owned();
            }
        };
        // Nobody reads on; a full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let profile = tempfile::tempdir().expect("a folder");
        let mut options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            "--force-prefers-reduced-motion", format!("--user-data-dir={}", profile.path().display()),
        ] });
        if let Ok(binary) = std::env::var("TENANTRY_CHROMIUM") {
            options["binary"] = json!(binary);
        }
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().expect("an object").clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser");
        let browser = Self { client, base: base.to_owned(), driver, profile, looked: AtomicBool::new(false) };
        browser.size(WIDE, false).await;
        browser
    }

    /// Opens a page, by its path.
    pub async fn open(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.expect("the page opens");
    }

    /// The element, once it is there.
    pub async fn find(&self, css: &str) -> Element {
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!("no {css} on {}: {error}\n{}", self.at().await, self.text().await),
        }
    }

    /// Whether the element is there now.
    pub async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap_or_default().is_empty()
    }

    /// Clicks, once it is there.
    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        if let Err(error) = element.click().await {
            panic!("{css} on {} cannot be clicked: {error}", self.at().await);
        }
    }

    /// Clicks the link or button with these words.
    pub async fn press(&self, words: &str) {
        let path = format!("//a[normalize-space()='{words}'] | //button[normalize-space()='{words}']");
        match self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await {
            Ok(element) => element.click().await.expect("it can be clicked"),
            Err(error) => panic!("nothing called {words:?} on {}: {error}\n{}", self.at().await, self.text().await),
        }
    }

    /// Types into a field, in place of what stands there.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("it can be cleared");
        field.send_keys(text).await.expect("it can be typed into");
    }

    /// Waits until the page says this, loading it anew where it does not move by itself.
    pub async fn says(&self, words: &str) {
        let begun = std::time::Instant::now();
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE * 2, "{} does not say {words:?}:\n{text}", self.at().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The words of the page.
    pub async fn text(&self) -> String {
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Where it is.
    pub async fn at(&self) -> String {
        self.client.current_url().await.map(|url| url.to_string()).unwrap_or_default()
    }

    /// Signs in by choosing who to be: the words of the choice, as the development issuer shows them.
    pub async fn be(&self, who: &str) {
        self.open("/sign-in").await;
        let path = format!("//button[contains(normalize-space(), '{who}')]");
        match self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await {
            Ok(element) => element.click().await.expect("it can be clicked"),
            Err(error) => panic!("nobody called {who:?} on {}: {error}\n{}", self.at().await, self.text().await),
        }
        self.find("main").await;
    }

    /// Keeps pictures of the page (light and dark, wide and as on a phone) below `target/screens`, and asks axe-core about each: no violation,
    /// and nothing that has to be scrolled sideways on a phone.
    pub async fn look(&self, name: &str) {
        self.looked.store(true, Ordering::Relaxed);
        for (size, width) in [(WIDE, "wide"), (PHONE, "phone")] {
            for theme in ["light", "dark"] {
                self.theme(theme).await;
                self.size(size, width == "phone").await;
                self.picture(&format!("{name}-{theme}-{width}")).await;
                self.accessible(&format!("{name}, {theme}, {width}")).await;
            }
            let wider = self.client.execute("return document.documentElement.scrollWidth - document.documentElement.clientWidth", vec![]).await;
            let wider = wider.expect("its width").as_f64().unwrap_or(0.0);
            assert!(wider <= 1.0, "{name} ({width}) is {wider} pixels wider than the window");
        }
        self.theme("light").await;
        self.size(WIDE, false).await;
    }

    async fn accessible(&self, what: &str) {
        let axe = std::env::var("TENANTRY_AXE").map(PathBuf::from).expect("TENANTRY_AXE says where axe.min.js is; tests/run fetches it");
        let axe = tokio::fs::read_to_string(&axe).await.expect("axe.min.js can be read");
        // By the driver, past the page's Content-Security-Policy, which forbids foreign scripts.
        self.client.execute(&format!("if (!window.axe) {{ {axe} }}"), vec![]).await.expect("axe-core runs");
        let found = self
            .client
            .execute_async(
                "const done = arguments[arguments.length - 1];
                 axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], iframes: false })
                    .then(found => done(found.violations.map(one => `${one.id}: ${one.help}: ` + one.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | '))),
                          error => done([String(error)]));",
                vec![],
            )
            .await
            .expect("axe-core answers");
        let found: Vec<String> = serde_json::from_value(found).expect("texts");
        assert!(found.is_empty(), "axe-core on {what} ({}):\n{}", self.at().await, found.join("\n"));
    }

    async fn picture(&self, name: &str) {
        let folder = folder();
        let taken = self.devtools("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true })).await;
        let bytes = STANDARD.decode(taken["data"].as_str().unwrap_or_default()).expect("base64");
        tokio::fs::create_dir_all(&folder).await.expect("a folder");
        tokio::fs::write(folder.join(format!("{name}.png")), bytes).await.expect("written");
    }

    async fn theme(&self, theme: &str) {
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] })).await;
    }

    async fn size(&self, (width, height): (u32, u32), mobile: bool) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// A command of the DevTools protocol, which ChromeDriver passes on.
    pub async fn devtools(&self, command: &str, with: Value) -> Value {
        let command = DevTools(json!({ "cmd": command, "params": with }));
        self.client.issue_cmd(command).await.expect("DevTools answers")
    }

    /// Ends it.
    pub async fn close(mut self) {
        let _ = self.client.clone().close().await;
        let _ = self.driver.kill().await;
        let _ = self.profile.close();
    }
}

/// Where pictures are kept.
fn folder() -> PathBuf {
    let here = std::env::current_exe().expect("this test's own path");
    here.ancestors().nth(3).expect("the target folder").join("screens")
}

#[derive(Debug)]
struct DevTools(Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}
