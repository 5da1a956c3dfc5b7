//! A local Slack on the command line: type what people say, see what the bot does.

use arguments::Arguments;
use clap::Parser;
use config::Config;
use input::Lines;
use label::Labels;
use output::{Output, visible};
use print::Printer;
use script::Verdict;
use session::{Next, Session};
use socketmode_simulator::{App, Simulator, StartError};
use std::cell::RefCell;
use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use stop::Stop;

mod arguments;
mod config;
mod help;
mod input;
mod label;
mod line;
mod output;
mod print;
mod script;
mod session;
mod stop;

/// What the program ends with where it could not begin: as for wrong arguments.
const CANNOT_START: u8 = 2;
/// How long nothing may happen after `:quit` until it is over.
const QUIET: Duration = Duration::from_millis(200);
/// How long answers are waited for after `:quit`.
const LAST_ANSWERS: Duration = Duration::from_secs(4);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(code) => code,
        Err(problem) => {
            // A file or its name may be somebody else's.
            eprintln!("slack-simulator: {}", visible(&problem));
            ExitCode::from(CANNOT_START)
        }
    }
}

/// Runs until it is told to stop.
///
/// # Errors
///
/// Why it cannot begin, or not go on, as a sentence.
fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let script = arguments.script.as_deref().map(script::read).transpose()?;
    let config = arguments.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
    let slack = Simulator::start(arguments.options(&config)).map_err(|error| start_error(&error))?;
    let others = config.apps.iter().skip(1).map(|app| slack.install(app));
    let others: Vec<_> = others.collect::<Result<_, _>>().map_err(|error| start_error(&error))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the system gives no event loop: {error}"))?;
    let output = if arguments.json { Output::json() } else { Output::text() };
    let ended = runtime.block_on(serve(&slack, &others, &output, script));
    slack.stop();
    match ended {
        Ok(code) => Ok(code),
        // Who read the output has enough of it; how a script would have ended is not known.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            Ok(if arguments.script.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Err(error) => Err(format!("cannot go on: {error}")),
    }
}

async fn serve(
    slack: &Simulator,
    others: &[App],
    output: &Output,
    script: Option<Vec<String>>,
) -> io::Result<ExitCode> {
    let mut stop = Stop::listen()?;
    output.start(slack, others)?;
    let labels = RefCell::new(Labels::default());
    let mut printer = Printer::new(slack, output, &labels);
    let mut session = Session::new(slack, output, &labels);
    let played = async {
        match script {
            Some(lines) => script::play(&mut session, lines).await.map(Some),
            None => listen(&mut session).await.map(|()| None),
        }
    };
    let verdict: Option<Verdict> = tokio::select! {
        never = printer.run() => match never? {},
        played = played => played?,
        () = stop.wanted() => {
            printer.print()?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    match verdict {
        Some(verdict) => {
            printer.print()?;
            output.verdict(&verdict)?;
            Ok(if verdict.is_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        None => {
            last_answers(slack, &mut printer).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Does what is typed until `:quit`. The end of the input is not the end.
async fn listen(session: &mut Session<'_>) -> io::Result<()> {
    let mut lines = Lines::of_stdin();
    while let Some(line) = lines.next().await {
        let done = match line {
            Ok(line) => session.act(&line).await,
            Err(words) => Err(words),
        };
        match done {
            Ok(Next::Quit) => return Ok(()),
            Ok(Next::Go) => {}
            Err(words) => session.output().complain(&words)?,
        }
    }
    std::future::pending().await
}

/// Prints the answers that are still to come.
async fn last_answers(slack: &Simulator, printer: &mut Printer<'_>) -> io::Result<()> {
    let quit = Instant::now();
    while quit.elapsed() < LAST_ANSWERS {
        let is_quiet = slack.wait_for_journal(printer.seen(), QUIET).await.is_err();
        printer.print()?;
        if is_quiet && slack.counters().unacked == 0 {
            break;
        }
    }
    Ok(())
}

fn start_error(error: &StartError) -> String {
    match error {
        StartError::Bind { address, source } if source.kind() == io::ErrorKind::AddrInUse => {
            format!(
                "port {} is in use: stop the program that has it, or choose another with --port (0 is any free one)",
                address.port()
            )
        }
        other => {
            let source =
                std::error::Error::source(other).map_or_else(String::new, |source| format!(" ({source})"));
            format!("{other}{source}")
        }
    }
}
