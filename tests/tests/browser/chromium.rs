//! A headless Chromium, and its DevTools protocol: <https://chromedevtools.github.io/devtools-protocol/>

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};
use tungstenite::{Message, WebSocket};

/// For what should come soon, on however busy a machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);
/// The names that distributions give to it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// A browser with one page. It is killed when it is dropped.
pub(crate) struct Chromium {
    process: Child,
    socket: WebSocket<TcpStream>,
    session: Option<String>,
    calls: u64,
    /// What the browser told and nobody has taken.
    events: VecDeque<Value>,
    profile: PathBuf,
}

/// The browser to use: that of the variable `CHROMIUM`, or one in the path.
pub(crate) fn program() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let folders: Vec<_> = env::split_paths(&env::var_os("PATH")?).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

/// Says that a test is skipped, where the output of tests that pass is not hidden.
pub(crate) fn skipped(test: &str) {
    let words =
        format!("{test}: skipped, for there is no Chromium here ({} in the path)\n", NAMES.join(", "));
    std::io::stderr().write_all(words.as_bytes()).unwrap();
}

impl Chromium {
    /// Starts one with an empty page.
    pub(crate) fn start(program: &Path) -> Self {
        static PROFILES: AtomicU32 = AtomicU32::new(0);
        let number = PROFILES.fetch_add(1, Ordering::Relaxed);
        let profile =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chromium-{}-{number}", std::process::id()));
        let mut process = Command::new(program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
            ])
            .args([
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--lang=en-GB",
            ])
            .args(["--disable-background-timer-throttling", "--disable-renderer-backgrounding"])
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (found, address) = channel();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        // It is read to its end, so that the browser never waits for us.
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("DevTools listening on ") {
                    let _ = found.send(address.to_owned());
                }
            }
        });
        let address = address.recv_timeout(LONG).expect("the address of the browser's DevTools");
        let host = address.strip_prefix("ws://").unwrap().split('/').next().unwrap();
        let tcp = TcpStream::connect(host).unwrap();
        let (socket, _) = tungstenite::client(&address, tcp).unwrap();
        socket.get_ref().set_read_timeout(Some(LONG)).unwrap();
        let mut browser = Self { process, socket, session: None, calls: 0, events: VecDeque::new(), profile };
        browser.open_page();
        browser
    }

    fn open_page(&mut self) {
        let target = self.call("Target.createTarget", &json!({"url": "about:blank"}));
        let target = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call("Target.attachToTarget", &target);
        self.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), &json!({}));
        }
    }

    /// Calls a method and gives its result.
    pub(crate) fn call(&mut self, method: &str, params: &Value) -> Value {
        self.calls += 1;
        let mut call = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = &self.session {
            call["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(call.to_string())).unwrap();
        loop {
            let message = self.read();
            if message["id"] == call["id"] {
                assert!(message.get("error").is_none(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push_back(message);
        }
    }

    /// What the browser told since the last time.
    pub(crate) fn events(&mut self) -> Vec<Value> {
        self.events.drain(..).collect()
    }

    fn read(&mut self) -> Value {
        loop {
            match self.socket.read().expect("the browser to answer") {
                Message::Text(text) => return serde_json::from_str(text.as_str()).unwrap(),
                Message::Close(_) => panic!("the browser has gone"),
                _ => {}
            }
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Closed in order, its other processes end too. One that hangs is killed.
        let _ = self.socket.send(Message::text(json!({"id": 0, "method": "Browser.close"}).to_string()));
        if !tried(|| matches!(self.process.try_wait(), Ok(Some(_)))) {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
        // Its other processes may write for a moment longer. What they hold even then is left to `cargo clean`.
        let _ = tried(|| std::fs::remove_dir_all(&self.profile).is_ok());
    }
}

/// Tries something until it succeeds, for five seconds at most.
fn tried(mut act: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !act() {
        if start.elapsed() > Duration::from_secs(5) {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    true
}
