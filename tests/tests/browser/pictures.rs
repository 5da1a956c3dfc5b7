//! Pictures of the page: in `target` always, for the README when `SCREENSHOTS` is set.

use crate::bot::Bot;
use crate::page::{Page, patient};
use socketmode_simulator::{Options, Simulator};
use std::path::Path;

/// The README's pictures are no larger, in bytes.
const LARGEST: usize = 200_000;

fn is_for_readme() -> bool {
    std::env::var_os("SCREENSHOTS").is_some()
}

/// Keeps a picture of the page as it looks now.
pub(crate) fn keep(page: &mut Page, name: &str) {
    let picture = page.picture();
    assert!(picture.starts_with(b"\x89PNG"));
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{name}.png")), &picture)
        .unwrap();
    if is_for_readme() {
        assert!(picture.len() < LARGEST, "{name}.png has {} bytes", picture.len());
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("simulator/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }
}

#[test]
fn the_page_is_readable_in_light_and_dark() {
    // On the README's pictures the time is Slack's; elsewhere nothing may be late.
    let options = if is_for_readme() { Options::default() } else { patient() };
    let slack = Simulator::start(options).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("the_page_is_readable_in_light_and_dark", &slack) else { return };
    page.write("/silent");
    page.until_text(if is_for_readme() { ".envelope[data-state=lost]" } else { ".envelope" }, "/silent");
    page.write("status");
    page.until_text("#messages .block-header", "Build 4812");
    page.write("/deploy api");
    page.until_text("#messages .message.ephemeral", "Deploying api");
    page.write("stream");
    page.click_with("#messages .replies", "1 reply");
    page.until_text("#thread-messages .message", "All done.");
    page.write("ignore this one");
    page.until_text(".envelope[data-state=pending]", "ignore this one");
    for scheme in ["light", "dark"] {
        page.colours(scheme);
        let contrasts = page.js(CONTRASTS);
        assert_eq!(contrasts, serde_json::json!([]), "{scheme}");
        keep(&mut page, scheme);
    }
    // The switch wins over the system.
    page.click("#theme");
    page.until("getComputedStyle(document.body).colorScheme === 'light' || getComputedStyle(document.documentElement).colorScheme === 'light'");
    page.check();
}

/// The texts whose contrast with what is behind them is below 4.5 to 1 (WCAG 2.2, 1.4.3).
const CONTRASTS: &str = r"(() => {
    const parse = (text) => {
        const numbers = text.match(/[\d.]+/g).map(Number);
        const [r, g, b, a = 1] = text.startsWith('color(') ? [...numbers.slice(-4 + (numbers.length < 4)).map((n, at) => at < 3 ? n * 255 : n)] : numbers;
        return [r, g, b, a];
    };
    const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
    const behind = (node) => {
        const layers = [];
        for (let one = node; one; one = one.parentElement) {
            const colour = parse(getComputedStyle(one).backgroundColor);
            layers.push(colour);
            if (colour[3] === 1) break;
        }
        return layers.reverse().reduce((below, colour) => over(colour, below), [255, 255, 255]);
    };
    const light = (colour) => {
        const [r, g, b] = colour.map((one) => one / 255).map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const bad = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !node.getClientRects().length || node.closest('.tools, script, style, noscript, option')) continue;
        const below = behind(node);
        const [a, b] = [light(over(parse(getComputedStyle(node).color), below)), light(below)];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) bad.push(`${walker.currentNode.data.slice(0, 30)} ${ratio.toFixed(2)} ${node.className}`);
    }
    return bad;
})()";
