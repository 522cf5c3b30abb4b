//! A web server on loopback that answers as it is told, and remembers what it was asked.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    /// As they were sent, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

/// What is sent.
pub(crate) enum Body {
    /// These bytes, and how many they are.
    Whole(Vec<u8>),
    /// As many as are announced are promised, and the connection ends after these.
    Cut(Vec<u8>, usize),
    /// As before, but the connection stays until the server releases it.
    Stalls(Vec<u8>, usize),
    /// This piece for ever, without saying how long it is.
    Endless(Vec<u8>),
}

/// The server; it ends with this.
pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<AtomicBool>,
    released: Arc<AtomicBool>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Reply {
    pub(crate) fn of(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: Body::Whole(body.into()) }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn write(&self, to: &mut TcpStream, released: &AtomicBool) -> std::io::Result<()> {
        let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let announced = match &self.body {
            Body::Whole(bytes) => Some(bytes.len()),
            Body::Cut(bytes, missing) | Body::Stalls(bytes, missing) => Some(bytes.len() + missing),
            Body::Endless(_) => None,
        };
        if let Some(announced) = announced {
            let _ = write!(head, "Content-Length: {announced}\r\n");
        }
        to.write_all(format!("{head}\r\n").as_bytes())?;
        match &self.body {
            Body::Whole(bytes) | Body::Cut(bytes, _) => to.write_all(bytes),
            Body::Stalls(bytes, _) => {
                to.write_all(bytes)?;
                while !released.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(20));
                }
                Ok(())
            }
            Body::Endless(piece) => loop {
                to.write_all(piece)?;
            },
        }
    }
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", answer)
    }

    pub(crate) fn at(address: &str, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).expect("a loopback listener");
        let address = listener.local_addr().expect("an address");
        let (asked, ended, released) = (Arc::default(), Arc::default(), Arc::default());
        let server = Self {
            address,
            asked: Arc::clone(&asked),
            ended: Arc::clone(&ended),
            released: Arc::clone(&released),
        };
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let (answer, asked) = (Arc::clone(&answer), Arc::clone(&asked));
                let released = Arc::clone(&released);
                thread::spawn(move || serve(stream, &*answer, &asked, &released));
            }
        });
        server
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Ends the connections that stall.
    pub(crate) fn release(&self) {
        self.released.store(true, Ordering::Relaxed);
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("nobody broke").clone()
    }

    /// The values of a header, of all that was asked.
    pub(crate) fn heard(&self, header: &str) -> Vec<String> {
        self.asked().iter().filter_map(|asked| asked.header(header).map(ToOwned::to_owned)).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        self.release();
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(
    mut stream: TcpStream,
    answer: &dyn Fn(&Asked) -> Reply,
    asked: &Mutex<Vec<Asked>>,
    released: &AtomicBool,
) {
    let mut lines =
        BufReader::new(stream.try_clone().expect("a second handle")).lines().map_while(Result::ok);
    let one = loop {
        let Some(first) = lines.next() else { return };
        let headers = lines.by_ref().take_while(|line| !line.is_empty()).filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        });
        let one = Asked {
            path: first.split(' ').nth(1).unwrap_or_default().to_owned(),
            headers: headers.collect(),
        };
        asked.lock().expect("nobody broke").push(one.clone());
        if !first.starts_with("CONNECT ") {
            break one;
        }
        // As a proxy, for whatever host.
        let _ = stream.write_all(b"HTTP/1.1 200 X\r\n\r\n");
    };
    // A client that has had enough closes: that is its right.
    let _ = answer(&one).write(&mut stream, released);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read(&mut [0; 64]);
}
