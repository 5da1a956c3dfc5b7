//! The lines of the standard input.

use std::io::{self, BufRead, Read};
use std::thread;
use tokio::sync::mpsc;

/// Lines that were read and not yet acted upon; the input waits for one more.
const READ_AHEAD: usize = 64;

/// The longest line, in bytes.
const LONGEST_LINE: usize = 1 << 20;

/// The lines, as they are typed; of one that is too long what is wrong with it.
pub(crate) struct Lines(mpsc::Receiver<Result<String, String>>);

impl Lines {
    /// Those of the standard input. A thread reads them: nothing else can be waited for there.
    pub(crate) fn of_stdin() -> Self {
        let (sender, receiver) = mpsc::channel(READ_AHEAD);
        let read = move || {
            let mut input = io::stdin().lock();
            while let Ok(Some(line)) = line(&mut input) {
                if sender.blocking_send(line).is_err() {
                    return;
                }
            }
        };
        // Without a thread there is no input; the rest works.
        let _ = thread::Builder::new().name("input".to_owned()).spawn(read);
        Self(receiver)
    }

    /// The next line; none at the end of the input.
    pub(crate) async fn next(&mut self) -> Option<Result<String, String>> {
        self.0.recv().await
    }
}

/// The next line; none at the end.
fn line(input: &mut impl BufRead) -> io::Result<Option<Result<String, String>>> {
    let mut line = Vec::new();
    if input.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    if line.len() <= LONGEST_LINE {
        return Ok(Some(Ok(String::from_utf8_lossy(&line).into_owned())));
    }
    input.skip_until(b'\n')?;
    Ok(Some(Err(format!("a line has {LONGEST_LINE} bytes at most"))))
}
