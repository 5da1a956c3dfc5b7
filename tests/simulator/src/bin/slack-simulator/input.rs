//! The lines of the standard input.

use std::io::{self, BufRead};
use std::thread;
use tokio::sync::mpsc;

/// Lines that were read and not yet acted upon; the input waits for one more.
const READ_AHEAD: usize = 64;

/// The lines, as they are typed.
pub(crate) struct Lines(mpsc::Receiver<String>);

impl Lines {
    /// Those of the standard input. A thread reads them: nothing else can be waited for there.
    pub(crate) fn of_stdin() -> Self {
        let (sender, receiver) = mpsc::channel(READ_AHEAD);
        let read = move || {
            for line in io::stdin().lock().split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
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
    pub(crate) async fn next(&mut self) -> Option<String> {
        self.0.recv().await
    }
}
