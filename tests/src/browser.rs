//! A real browser: Chromium through WebDriver (<https://www.w3.org/TR/webdriver2/>), and axe-core in its pages.

use std::{path::PathBuf, process::Stdio, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::Element,
    wd::WebDriverCompatibleCommand,
};
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
/// What axe-core is asked for: WCAG 2.2, levels A and AA, and what is good practice besides.
const EVERYTHING: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";
/// What other colours change.
const CONTRAST: &str = "{ type: 'rule', values: ['color-contrast', 'link-in-text-block'] }";

/// A browser with a window of its own, that knows nobody.
pub struct Browser {
    pub client: Client,
    /// What every address that is a path begins with.
    pub base: String,
    driver: Child,
    profile: tempfile::TempDir,
}

/// Whether browsers are left out on purpose.
pub fn left_out() -> bool {
    let left_out = std::env::var("TENANTRY_SKIP_PEERS").is_ok_and(|value| value == "1");
    if left_out {
        eprintln!("skipped: TENANTRY_SKIP_PEERS=1 leaves out what needs a browser");
    }
    left_out
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
            .unwrap_or_else(|error| {
                panic!("{driver}: {error}; tests/run finds or installs a browser, TENANTRY_SKIP_PEERS=1 leaves it out")
            });
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
            // It ends with whoever drives it, also when that is killed.
            "--remote-debugging-pipe",
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
        let browser = Self { client, base: base.to_owned(), driver, profile };
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
        self.click_at(Locator::Css(css), css).await;
    }

    /// Clicks the link, the button or the summary with these words.
    pub async fn press(&self, words: &str) {
        let path =
            ["a", "button", "summary"].map(|kind| format!("//{kind}[normalize-space()=\"{words}\"]")).join(" | ");
        self.click_at(Locator::XPath(&path), words).await;
    }

    /// Clicks what leads to another page, and waits until that is there.
    pub async fn leave_by(&self, css: &str) {
        self.remember().await;
        self.click(css).await;
        self.until_script("return window.remembered !== true && document.readyState === 'complete'").await;
    }

    async fn click_at(&self, locator: Locator<'_>, what: &str) {
        let begun = std::time::Instant::now();
        loop {
            let clicked = match self.client.wait().at_most(PATIENCE).for_element(locator).await {
                Ok(element) => element.click().await,
                Err(error) => Err(error),
            };
            match clicked {
                Ok(()) => return,
                // The page has drawn itself anew between finding and clicking.
                Err(error) if error.is_stale_element_reference() && begun.elapsed() < PATIENCE => {}
                Err(error) => {
                    panic!("{what:?} on {} cannot be clicked: {error}\n{}", self.at().await, self.text().await)
                }
            }
        }
    }

    /// Types into a field, in place of what stands there.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("it can be cleared");
        field.send_keys(text).await.expect("it can be typed into");
    }

    /// Waits until the page says this by itself.
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

    /// Says yes to what the page asks before it goes on.
    pub async fn agree(&self) {
        self.client.accept_alert().await.expect("the page asks");
    }

    /// Presses a key, or several after one another, wherever the focus is: a letter, or one of [`fantoccini::key::Key`].
    pub async fn keys(&self, keys: &str) {
        let pressed = keys.chars().fold(KeyActions::new("keys".to_owned()), |actions, value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.client.perform_actions(pressed).await.expect("keys are pressed");
    }

    /// What a script in the page gives.
    pub async fn script(&self, code: &str) -> Value {
        self.client.execute(code, vec![]).await.unwrap_or_else(|error| panic!("{code}: {error}"))
    }

    /// Remembers this page, until it is loaded anew or left.
    pub async fn remember(&self) {
        self.script("window.remembered = true").await;
    }

    /// Whether it is still the page that was remembered.
    pub async fn is_the_same(&self) -> bool {
        self.script("return window.remembered === true").await == json!(true)
    }

    /// Waits until a script in the page gives `true`.
    pub async fn until_script(&self, code: &str) {
        let begun = std::time::Instant::now();
        while self.script(code).await != json!(true) {
            assert!(begun.elapsed() < PATIENCE, "in vain on {}: {code}\n{}", self.at().await, self.text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The words of the first element of this kind, once it is there.
    pub async fn words(&self, css: &str) -> String {
        self.find(css).await;
        let words = self.script(&format!("return document.querySelector({css:?})?.innerText?.trim() ?? ''")).await;
        words.as_str().unwrap_or_default().to_owned()
    }

    /// What stands in a field.
    pub async fn value(&self, css: &str) -> String {
        self.find(css).await.prop("value").await.expect("a field").unwrap_or_default()
    }

    /// Waits until the first element of this kind says exactly this, by itself or on another page.
    pub async fn becomes(&self, css: &str, words: &str) {
        let begun = std::time::Instant::now();
        loop {
            let text = if self.has(css).await { self.words(css).await } else { String::new() };
            if text == words {
                return;
            }
            assert!(
                begun.elapsed() < PATIENCE * 2,
                "{css} on {} is {text:?} and not {words:?}:\n{}",
                self.at().await,
                self.text().await
            );
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
        self.client.delete_all_cookies().await.expect("nobody is signed in");
        self.open("/sign-in").await;
        self.choose(who).await;
        self.find("header.top").await;
    }

    /// Chooses who to be, on the page that asks.
    pub async fn choose(&self, who: &str) {
        let path = format!("//button[contains(normalize-space(), \"{who}\")]");
        match self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&path)).await {
            Ok(element) => element.click().await.expect("it can be clicked"),
            Err(error) => panic!("nobody called {who:?} on {}: {error}\n{}", self.at().await, self.text().await),
        }
    }

    /// Keeps pictures of the page (light and dark, wide and as on a phone) below `target/screens`, and asks axe-core about it: no violation, in
    /// neither colours nor with everything unfolded on a phone; and nothing has to be scrolled sideways there.
    pub async fn look(&self, name: &str) {
        for (theme, size, rules) in
            [("light", WIDE, EVERYTHING), ("dark", WIDE, CONTRAST), ("light", PHONE, EVERYTHING), ("dark", PHONE, "")]
        {
            let width = if size == PHONE { "phone" } else { "wide" };
            self.theme(theme).await;
            self.size(size, size == PHONE).await;
            self.picture(&format!("{name}-{theme}-{width}")).await;
            self.fits(name, width).await;
            if rules.is_empty() {
                continue;
            }
            // What is folded away is judged, too.
            self.script("for (const one of document.querySelectorAll('details:not([open])')) { one.open = true; one.dataset.unfolded = ''; }").await;
            self.fits(&format!("{name}, unfolded"), width).await;
            self.accessible(&format!("{name}, {theme}, {width}"), rules).await;
            self.script("for (const one of document.querySelectorAll('[data-unfolded]')) { one.open = false; delete one.dataset.unfolded; }").await;
        }
        self.theme("light").await;
        self.size(WIDE, false).await;
    }

    async fn fits(&self, name: &str, width: &str) {
        let wider = "const most = document.documentElement.clientWidth;
             if (document.documentElement.scrollWidth <= most + 1) return [];
             const aside = one => one && (['auto', 'scroll', 'hidden'].includes(getComputedStyle(one).overflowX) || aside(one.parentElement));
             return [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > most + 1)
                 .sort((one, other) => Boolean(aside(one)) - Boolean(aside(other)))
                 .slice(0, 8).map(one => one.outerHTML.slice(0, 160));";
        let wider = self.script(wider).await;
        assert!(wider == json!([]), "{name} ({width}, {}) is wider than the window: {wider:#}", self.at().await);
    }

    async fn accessible(&self, what: &str, rules: &str) {
        if self.script("return typeof window.axe").await == json!("undefined") {
            let axe = std::env::var("TENANTRY_AXE")
                .map(PathBuf::from)
                .expect("TENANTRY_AXE says where axe.min.js is; tests/run fetches it");
            let axe = tokio::fs::read_to_string(&axe).await.expect("axe.min.js can be read");
            // By the driver, past the page's Content-Security-Policy, which forbids foreign scripts.
            self.script(&axe).await;
        }
        let asked = format!(
            "const done = arguments[arguments.length - 1];
             axe.run(document, {{ runOnly: {rules}, resultTypes: ['violations'], iframes: false }})
                .then(found => done(found.violations.map(one => `${{one.id}}: ${{one.help}}: ` + one.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | '))),
                      error => done([String(error)]));"
        );
        let found = self.client.execute_async(&asked, vec![]).await.expect("axe-core answers");
        let found: Vec<String> = serde_json::from_value(found).expect("texts");
        assert!(found.is_empty(), "axe-core on {what} ({}):\n{}", self.at().await, found.join("\n"));
    }

    /// Keeps a picture of the page as it is.
    pub async fn picture(&self, name: &str) {
        let folder = folder();
        let taken =
            self.devtools("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true })).await;
        let bytes = STANDARD.decode(taken["data"].as_str().unwrap_or_default()).expect("base64");
        tokio::fs::create_dir_all(&folder).await.expect("a folder");
        tokio::fs::write(folder.join(format!("{name}.png")), bytes).await.expect("written");
    }

    async fn theme(&self, theme: &str) {
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] }),
        )
        .await;
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
