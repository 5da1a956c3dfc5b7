//! The page as a person uses it, and what must be true of it whatever happens.

use crate::chromium::{Chromium, LONG, program, skipped};
use serde_json::{Value, json};
use socketmode_simulator::{Options, Simulator};
use std::thread;
use std::time::{Duration, Instant};

/// How often the page is looked at while something is waited for.
const LOOK: Duration = Duration::from_millis(25);

/// The page of a local Slack in a browser of its own.
pub(crate) struct Page {
    browser: Chromium,
    /// The only host that may be asked for anything.
    host: String,
    asked: usize,
    /// Whether the simulator was stopped: then requests fail by themselves.
    pub(crate) may_fail: bool,
}

/// Options for dialogues: nothing is late or comes again, however busy the machine is.
pub(crate) fn patient() -> Options {
    Options { ack_deadline: 10 * LONG, ..Options::default() }
}

impl Page {
    /// Opens the page in a wide window with light colours, and waits until it is connected; none where there is no
    /// browser.
    pub(crate) fn open(test: &str, slack: &Simulator) -> Option<Self> {
        let Some(program) = program() else {
            skipped(test);
            return None;
        };
        let host = slack.address().to_string();
        let mut page = Self { browser: Chromium::start(&program), host, asked: 0, may_fail: false };
        page.colours("light");
        page.size(1440, 900);
        page.go("/");
        Some(page)
    }

    /// Goes to a path of the page.
    pub(crate) fn go(&mut self, path: &str) {
        let url = format!("http://{}{path}", self.host);
        self.browser.call("Page.navigate", &json!({"url": url}));
        self.until("document.documentElement?.dataset.connected === 'true'");
    }

    /// The colours that the system wishes: `light` or `dark`.
    pub(crate) fn colours(&mut self, scheme: &str) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.browser.call("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    /// The size of the window, in CSS pixels.
    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.browser.call("Emulation.setDeviceMetricsOverride", &size);
    }

    /// The value of an expression.
    pub(crate) fn js(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.browser.call("Runtime.evaluate", &asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub(crate) fn until(&mut self, expression: &str) {
        let start = Instant::now();
        while self.js(expression) != json!(true) {
            if start.elapsed() > LONG {
                let shown = self.js("document.body?.innerText");
                panic!(
                    "it never was true: {expression}\nthe page shows: {}",
                    shown.as_str().unwrap_or_default()
                );
            }
            thread::sleep(LOOK);
        }
    }

    /// Waits until an element that fits has this text in it.
    #[track_caller]
    pub(crate) fn until_text(&mut self, selector: &str, text: &str) {
        self.until(&format!(
            "[...document.querySelectorAll({})].some((one) => one.textContent.includes({}))",
            json!(selector),
            json!(text)
        ));
    }

    /// Clicks what fits, with the mouse; waits until it is there.
    #[track_caller]
    pub(crate) fn click(&mut self, selector: &str) {
        self.click_with(selector, "");
    }

    /// Clicks what fits and has this text in it.
    #[track_caller]
    pub(crate) fn click_with(&mut self, selector: &str, text: &str) {
        let find = format!(
            "[...document.querySelectorAll({})].filter((one) => one.textContent.includes({}) && \
             one.getClientRects().length).at(-1)",
            json!(selector),
            json!(text)
        );
        self.until(&format!("Boolean({find}) && !{find}.disabled"));
        // A row may move while messages come: it is looked for and clicked in one step of the page.
        self.js(&format!("{find}.scrollIntoView({{block: 'center'}})"));
        let at = self.js(&format!(
            "(() => {{ const box = {find}.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1});
            self.browser.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Moves the focus to what fits.
    #[track_caller]
    pub(crate) fn focus(&mut self, selector: &str) {
        let found = format!("document.querySelector({})", json!(selector));
        self.until(&format!("Boolean({found}?.getClientRects().length)"));
        self.js(&format!("{found}.focus()"));
    }

    /// Types a text where the focus is.
    pub(crate) fn text(&mut self, text: &str) {
        self.browser.call("Input.insertText", &json!({"text": text}));
    }

    /// Presses a key: by its name, with `Shift+` before it or not.
    pub(crate) fn key(&mut self, name: &str) {
        let (modifiers, name) = name.strip_prefix("Shift+").map_or((0, name), |name| (8, name));
        let (code, text) = match name {
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            "Tab" => (9, ""),
            "ArrowUp" => (38, ""),
            "ArrowDown" => (40, ""),
            "ArrowRight" => (39, ""),
            other => panic!("the key {other} has no code here"),
        };
        let mut event = json!({
            "type": "keyDown", "key": name, "code": name, "windowsVirtualKeyCode": code, "modifiers": modifiers,
        });
        if !text.is_empty() {
            event["text"] = json!(text);
        }
        self.browser.call("Input.dispatchKeyEvent", &event);
        event["type"] = json!("keyUp");
        self.browser.call("Input.dispatchKeyEvent", &event);
    }

    /// Writes a message, or a command, as the person does.
    #[track_caller]
    pub(crate) fn write(&mut self, text: &str) {
        self.focus("#composer textarea");
        self.text(text);
        // What is offered is not wanted.
        if self.js("!document.querySelector('#composer .completions').hidden") == json!(true) {
            self.key("Escape");
        }
        self.key("Enter");
    }

    /// The picture of the window as PNG.
    pub(crate) fn picture(&mut self) -> Vec<u8> {
        use base64::Engine;
        let picture = self.browser.call("Page.captureScreenshot", &json!({"format": "png"}));
        base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }

    /// Fails if a script failed, if something was refused by the policy, or if anything was asked of another host.
    #[track_caller]
    pub(crate) fn check(&mut self) {
        // What was told before this is in.
        self.js("0");
        for event in self.browser.events() {
            let params = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.exceptionThrown" => panic!("a script failed: {}", params["exceptionDetails"]),
                "Runtime.consoleAPICalled" if params["type"] == "error" => {
                    panic!("the console: {}", params["args"])
                }
                "Log.entryAdded" if params["entry"]["level"] == "error" => {
                    let is_network = params["entry"]["source"] == "network";
                    assert!(self.may_fail && is_network, "the log: {}", params["entry"]);
                }
                "Network.requestWillBeSent" => {
                    let url = params["request"]["url"].as_str().unwrap_or_default();
                    let is_own =
                        url.starts_with(&format!("http://{}/", self.host)) || url.starts_with("data:");
                    assert!(is_own, "another host was asked: {url}");
                    self.asked += 1;
                }
                _ => {}
            }
        }
        assert!(self.asked > 0, "no request was seen");
    }
}
