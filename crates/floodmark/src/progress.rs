//! How far a run has come, on standard error, and only if a terminal is there.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the line is drawn anew.
const EVERY: Duration = Duration::from_millis(200);

/// A line on the terminal that says how far the run has come; gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Line {
    end: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Line {
    /// Starts to draw, if standard error is a terminal.
    pub(crate) fn start(progress: impl Display + Send + 'static) -> Self {
        if !io::stderr().is_terminal() {
            return Self { end: None };
        }
        let (end, ended) = channel();
        Self { end: Some((end, std::thread::spawn(move || draw(&progress, &ended)))) }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some((end, drawing)) = self.end.take() {
            drop(end);
            let _ = drawing.join();
        }
    }
}

fn draw(progress: &impl Display, ended: &Receiver<()>) {
    while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
        eprint!("\r\x1b[K{progress}");
    }
    eprint!("\r\x1b[K");
    let _ = io::stderr().flush();
}
