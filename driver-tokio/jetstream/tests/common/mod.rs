//! NATS servers of the distribution, as processes of the test.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::error::Error;
use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use socketmode_jetstream::{ConnectOptions, OpenQueue, Queue, async_nats};

pub(crate) mod bot;

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long anything may take in a test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// Whether there is a `nats-server`. If not, the test says that it was skipped.
pub(crate) fn has_nats(test: &str) -> bool {
    let there = Command::new("nats-server").arg("--version").output().is_ok();
    if !there {
        // What is printed by a macro is hidden when a test succeeds.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED {test}: there is no nats-server in PATH (.ci/nats installs it)"
        );
    }
    there
}

fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// One server, or a cluster. Dropping it kills all, and removes what they have stored.
pub(crate) struct Nats {
    servers: Vec<Server>,
    folder: PathBuf,
    /// How the tests themselves log in.
    login: ConnectOptions,
}

struct Server {
    name: String,
    port: u16,
    process: Option<Child>,
    arguments: Vec<String>,
}

impl Nats {
    /// Starts so many servers, one cluster.
    pub(crate) async fn start(servers: usize) -> Outcome<Self> {
        Self::start_with(servers, "", ConnectOptions::new()).await
    }

    /// The same with more lines of configuration, such as users. A port that was free may be taken when the server wants it:
    /// then others are tried.
    pub(crate) async fn start_with(servers: usize, more: &str, login: ConnectOptions) -> Outcome<Self> {
        for _ in 0..3 {
            let started = Self::start_once(servers, more, login.clone()).await;
            if started.is_ok() {
                return started;
            }
        }
        Self::start_once(servers, more, login).await
    }

    async fn start_once(servers: usize, more: &str, login: ConnectOptions) -> Outcome<Self> {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("socketmode-nats-{}-{number}", std::process::id()));
        let routes: Vec<u16> = (0..servers).map(|_| free_port()).collect::<Outcome<_>>()?;
        let mut all = Vec::new();
        for (number, route) in routes.iter().enumerate() {
            let (name, port) = (format!("n{number}"), free_port()?);
            let place = folder.join(&name);
            std::fs::create_dir_all(&place)?;
            let mut text = format!(
                "server_name: {name}\nlisten: 127.0.0.1:{port}\njetstream {{ store_dir: {:?}, max_mem: 4GB, max_file: 4GB }}\n{more}\n",
                place.display().to_string()
            );
            if servers > 1 {
                let others: Vec<_> = routes.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
                text += &format!(
                    "cluster {{ name: c, listen: 127.0.0.1:{route}, routes: [{}] }}\n",
                    others.join(", ")
                );
            }
            let config = place.join("nats.conf");
            std::fs::write(&config, text)?;
            let arguments = vec!["-c".to_owned(), config.display().to_string()];
            all.push(Server { name, port, process: None, arguments });
        }
        let mut nats = Self { servers: all, folder, login };
        for number in 0..servers {
            nats.restart(number)?;
        }
        nats.wait_for_jetstream().await?;
        Ok(nats)
    }

    /// Starts a server that was killed, with what it had stored.
    pub(crate) fn restart(&mut self, number: usize) -> Outcome {
        let server = self.servers.get_mut(number).ok_or("no such server")?;
        if server.process.is_none() {
            let mut command = Command::new("nats-server");
            command.args(&server.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            server.process = Some(command.spawn()?);
        }
        Ok(())
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self, number: usize) {
        let process = self.servers.get_mut(number).and_then(|server| server.process.take());
        if let Some(mut process) = process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// SIGSTOP: its connections stay, and nothing answers. A frozen server can be killed.
    pub(crate) fn freeze(&self, number: usize) -> Outcome {
        let process = self.servers.get(number).and_then(|server| server.process.as_ref());
        let process = process.ok_or("no such server")?.id().to_string();
        Command::new("kill").args(["-STOP", &process]).status()?;
        let start = Instant::now();
        loop {
            let state = Command::new("ps").args(["-o", "stat=", "-p", &process]).output()?.stdout;
            if state.first() == Some(&b'T') {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                return Err("it does not stop".into());
            }
        }
    }

    /// Kills the server that leads the stream, and returns its number.
    pub(crate) async fn kill_leader(&mut self, queue: &OpenQueue) -> Outcome<usize> {
        let leader = self.leader(queue).await?;
        self.kill(leader);
        Ok(leader)
    }

    pub(crate) async fn leader(&self, queue: &OpenQueue) -> Outcome<usize> {
        let start = Instant::now();
        loop {
            if let Ok(mut stream) = queue.jetstream().get_stream(queue.stream_name()).await {
                let info = stream.info().await?;
                let leader = info.cluster.as_ref().and_then(|cluster| cluster.leader.clone());
                let number = self.servers.iter().position(|server| Some(&server.name) == leader.as_ref());
                if let Some(number) = number {
                    return Ok(number);
                }
            }
            if start.elapsed() > PATIENCE {
                return Err("the stream has no leader".into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The addresses of all servers, with commas between them.
    pub(crate) fn addresses(&self) -> String {
        let all: Vec<_> =
            self.servers.iter().map(|server| format!("nats://127.0.0.1:{}", server.port)).collect();
        all.join(",")
    }

    /// The address of one server.
    pub(crate) fn address(&self, number: usize) -> Outcome<String> {
        let server = self.servers.get(number).ok_or("no such server")?;
        Ok(format!("nats://127.0.0.1:{}", server.port))
    }

    pub(crate) fn len(&self) -> usize {
        self.servers.len()
    }

    /// Opens a queue with these settings.
    pub(crate) async fn open(&self, queue: Queue) -> Outcome<OpenQueue> {
        Ok(queue.connect(servers(&self.addresses())?, ConnectOptions::new()).await?)
    }

    async fn wait_for_jetstream(&mut self) -> Outcome {
        let start = Instant::now();
        loop {
            if self.jetstream_answers().await {
                return Ok(());
            }
            let mut processes = self.servers.iter_mut().filter_map(|server| server.process.as_mut());
            let has_ended = processes.any(|process| !matches!(process.try_wait(), Ok(None)));
            if has_ended || start.elapsed() > PATIENCE {
                return Err("JetStream did not start".into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn jetstream_answers(&self) -> bool {
        let Ok(servers) = servers(&self.addresses()) else { return false };
        let Ok(client) = self.login.clone().connect(servers).await else { return false };
        let jetstream = async_nats::jetstream::new(client);
        // A stream on all of them can be created only when they are one cluster.
        let config = async_nats::jetstream::stream::Config {
            name: "PROBE".to_owned(),
            num_replicas: self.servers.len(),
            ..Default::default()
        };
        let is_fine = jetstream.get_or_create_stream(config).await.is_ok();
        is_fine && jetstream.delete_stream("PROBE").await.is_ok()
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        for number in 0..self.servers.len() {
            self.kill(number);
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn servers(addresses: &str) -> Outcome<Vec<async_nats::ServerAddr>> {
    addresses.split(',').map(|address| Ok(address.parse()?)).collect()
}

/// Waits until it holds.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) -> Outcome {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > PATIENCE {
            return Err(format!("it did not happen in time: {what}").into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}
