//! A local Slack on the command line: type what people say, see what the bot does.

use clap::Parser;
use serde_json::Value;
use socketmode_simulator::{Ack, CHANNEL, Call, LinkInfo, Options, PERSON, Simulator};
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A local Slack: start a bot with the three variables it prints, then type.
///
/// A line of text is a message from a person; `/name text` a slash command; `:press action value` a button;
/// `:submit callback_id {"block":{"action":{"value":"text"}}}` a submitted modal; `:mention text` a mention of the bot;
/// `:event {"type":"…"}` any event; `:rotate` rotates the links; `:ghosts number` sets how many connections of dead
/// processes there are beside the bot's own.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The port to listen on; 0 is any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The app-level token to take, xapp-…, in place of a random one: for a bot that outlives this program.
    #[arg(long)]
    app_token: Option<String>,
    /// The bot token to take, xoxb-…, in place of a random one.
    #[arg(long)]
    bot_token: Option<String>,
    /// Seconds until a link is rotated.
    #[arg(long, default_value_t = 18_060.0, value_parser = seconds)]
    lifetime: f64,
    /// Seconds between the pings on a link; 0 for none.
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    ping_interval: f64,
    /// Seconds between a link's warning and its close.
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    rotation_grace: f64,
    /// Connections of dead processes: they are counted, and swallow their share of the envelopes.
    #[arg(long, default_value_t = 0)]
    ghosts: usize,
}

/// How often the printing looks up, to see whether it is over.
const LOOK_UP: Duration = Duration::from_millis(100);
/// How long nothing may happen before the end of input is the end.
const QUIET: Duration = Duration::from_millis(700);
/// How long answers are waited for after the end of input.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let slack = Simulator::start(Options {
        port: arguments.port,
        app_token: arguments.app_token,
        bot_token: arguments.bot_token,
        lifetime: Some(Duration::from_secs_f64(arguments.lifetime)),
        ping_interval: (arguments.ping_interval > 0.0)
            .then(|| Duration::from_secs_f64(arguments.ping_interval)),
        rotation_grace: Duration::from_secs_f64(arguments.rotation_grace),
        ghosts: arguments.ghosts,
        record_frames: false,
        ..Options::default()
    })?;
    let mut out = io::stdout();
    writeln!(out, "SLACK_API_URL={}", slack.api_url())?;
    writeln!(out, "SLACK_APP_TOKEN={}", slack.app_token())?;
    writeln!(out, "SLACK_BOT_TOKEN={}", slack.bot_token())?;
    out.flush()?;

    let over = Arc::new(AtomicBool::new(false));
    let printer = thread::spawn({
        let (slack, over) = (slack.clone(), Arc::clone(&over));
        move || print_answers(&slack, &over)
    });
    for line in io::stdin().lock().lines() {
        act(&slack, line?.trim())?;
    }
    over.store(true, Ordering::Relaxed);
    match printer.join() {
        Ok(printed) => printed?,
        Err(_) => return Err("the printing of answers failed".into()),
    }
    slack.stop();
    Ok(())
}

/// Does what a line of input says.
fn act(slack: &Simulator, line: &str) -> io::Result<()> {
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    match first {
        "" => {}
        ":rotate" => {
            for link in slack.links().into_iter().filter(LinkInfo::is_open) {
                // It may have closed meanwhile.
                let _ = slack.rotate(link.id);
            }
        }
        ":ghosts" => match rest.parse() {
            Ok(ghosts) => {
                slack.set_ghosts(ghosts);
                say(&format!("slack: counts {} connections, {ghosts} of them ghosts", slack.connections()))?;
            }
            Err(_) => say(&format!("{rest:?} is no number of ghosts; write something like :ghosts 3"))?,
        },
        ":mention" => drop(slack.mention(PERSON, CHANNEL, rest)),
        ":press" => {
            let (action, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            drop(slack.press_button(action, value.trim()));
        }
        ":submit" => {
            let (callback_id, state) = rest.split_once(char::is_whitespace).unwrap_or((rest, "{}"));
            with_json(state, |state| drop(slack.submit_view(callback_id, state)))?;
        }
        ":event" => with_json(rest, |event| drop(slack.event(&event)))?,
        other if other.starts_with(':') => {
            say(&format!(
                "unknown: {other}; there are :rotate, :ghosts NUMBER, :mention TEXT, :press ACTION VALUE, \
                 :submit CALLBACK_ID STATE, :event EVENT"
            ))?;
        }
        command if command.starts_with('/') => drop(slack.command(command, rest)),
        _ => drop(slack.say(PERSON, CHANNEL, line)),
    }
    Ok(())
}

/// Does something with the JSON that somebody typed, or says what is wrong with it.
fn with_json(text: &str, act: impl FnOnce(Value)) -> io::Result<()> {
    match serde_json::from_str(text) {
        Ok(value) => act(value),
        Err(error) => say(&format!("this is no JSON: {error}"))?,
    }
    Ok(())
}

/// Prints what the bot does until the input is over and the answers have come.
fn print_answers(slack: &Simulator, over: &AtomicBool) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (mut calls, mut acks, mut links) = (0, 0, 0);
    let mut last_change = Instant::now();
    let mut ended = None;
    loop {
        let changed = runtime.block_on(slack.wait_until(LOOK_UP, |now| {
            (now.counters.calls, now.counters.acks, now.counters.hellos) != (calls, acks, links)
        }));
        if let Ok(now) = changed {
            last_change = Instant::now();
            slack.acks_since(&mut acks).iter().try_for_each(print_ack)?;
            slack.calls_since(&mut calls).iter().try_for_each(print_call)?;
            if now.counters.hellos != links {
                say(&format!("slack: {} links open", now.open_links()))?;
            }
            links = now.counters.hellos;
        }
        if over.load(Ordering::Relaxed) {
            let waited = ended.get_or_insert_with(Instant::now).elapsed();
            let answered = slack.counters().unacked == 0 && last_change.elapsed() >= QUIET;
            if (answered && waited >= QUIET) || waited >= LAST_ANSWERS {
                return io::stdout().flush();
            }
        }
    }
}

fn print_ack(ack: &Ack) -> io::Result<()> {
    let Some(payload) = &ack.payload else { return Ok(()) };
    match payload.get("text").and_then(|text| text.as_str()) {
        Some(text) => say(&format!("answer: {text}")),
        None => say(&format!("answer: {payload}")),
    }
}

fn print_call(call: &Call) -> io::Result<()> {
    if let Some(error) = &call.error {
        return say(&format!("slack: {} was refused: {error}", call.method));
    }
    match call.body.get("text").and_then(|text| text.as_str()) {
        Some(text) => say(&format!("bot: {text}")),
        None => say(&format!("bot: {} {}", call.method, call.body)),
    }
}

/// Prints a line. What commands a terminal, forges a line or hides text is printed as an escape: `\n`, `\u{1b}`.
fn say(line: &str) -> io::Result<()> {
    let mut visible = String::with_capacity(line.len() + 1);
    for c in line.chars() {
        if c.is_control() || is_invisible(c) {
            visible.extend(c.escape_default());
        } else {
            visible.push(c);
        }
    }
    visible.push('\n');
    io::stdout().write_all(visible.as_bytes())
}

/// Whether a character shows nothing and changes how others show: Unicode's format characters (category Cf, but for the
/// joiner of emoji and the variation selectors, which do not belong to it), and its line and paragraph separators.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (0.0..=1e9).contains(&number) => Ok(number),
        _ => Err(format!("{text:?} is no number of seconds; write something like 10 or 0.5")),
    }
}
