//! The servers around a bench: each is started on a free port, waited for, and ended with it.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

use crate::{LoadError, process};

/// How long a server may take to start. LiteLLM needs a minute on a slow machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// The token that relays want, where they want one.
pub const TOKEN: &str = "sk-load-0123456789abcdef";

/// A running server, which ends when it is dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its data, configuration and log.
    pub folder: TempDir,
    process: Child,
}

impl Server {
    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id().unwrap_or_default()
    }

    /// Starts a server that says where it listens, as the upstream and Inglenook do.
    async fn that_says_so(
        what: &str,
        mut command: Command,
        folder: TempDir,
    ) -> Result<Self, LoadError> {
        let mut process = start(what, command.stdout(Stdio::piped()), &folder)?;
        let not_ready =
            || LoadError::NotReady { what: what.to_owned(), log: folder.path().join("log") };
        let output = process.stdout.take().ok_or_else(not_ready)?;
        let mut lines = BufReader::new(output).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await? {
                if let Some((_, address)) = line.split_once("listening on http://") {
                    return Ok(address.trim().parse().ok());
                }
            }
            Ok::<_, std::io::Error>(None)
        };
        let address = timeout(PATIENCE, listening).await.map_err(|_| not_ready())??;
        // Its output is read on, so that it never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { address: address.ok_or_else(not_ready)?, folder, process })
    }

    /// Starts a server on a port chosen before, and waits until it takes connections.
    async fn on_port(
        what: &str,
        mut command: Command,
        address: SocketAddr,
        folder: TempDir,
    ) -> Result<Self, LoadError> {
        let process = start(what, command.stdout(Stdio::null()), &folder)?;
        let begun = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            if begun.elapsed() > PATIENCE {
                let log = folder.keep().join("log");
                return Err(LoadError::NotReady { what: what.to_owned(), log });
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(Self { address, folder, process })
    }
}

impl Drop for Server {
    /// Those that it has started would go on without it, and take their part of every bench that follows.
    fn drop(&mut self) {
        let Some(id) = self.process.id() else { return };
        let family = process::family(id).into_iter().map(|id| id.to_string());
        std::process::Command::new("kill").arg("-KILL").args(family).status().ok();
    }
}

fn start(what: &str, command: &mut Command, folder: &TempDir) -> Result<Child, LoadError> {
    let log = std::fs::File::create(folder.path().join("log"))?;
    command
        .stdin(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| LoadError::Start { what: what.to_owned(), source })
}

/// Starts the upstream, which is this program once more.
pub async fn upstream() -> Result<Server, LoadError> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("upstream");
    Server::that_says_so("the upstream", command, tempfile::tempdir()?).await
}

/// Starts Inglenook in front of an upstream.
pub async fn inglenook(program: &Path, upstream: SocketAddr) -> Result<Server, LoadError> {
    inglenook_in(tempfile::tempdir()?, program, upstream).await
}

/// The same in a folder in which `data` may be already.
pub async fn inglenook_in(
    folder: TempDir,
    program: &Path,
    upstream: SocketAddr,
) -> Result<Server, LoadError> {
    let configuration = format!(
        "data = \"data\"\n[limits]\nmax_open_answers = 5000\n\
         [[providers]]\nname = \"load\"\nbase_url = \"http://{upstream}/v1\"\nkey = \"{TOKEN}\"\n\
         models = [\"200x20\"]\n"
    );
    std::fs::write(folder.path().join("inglenook.toml"), configuration)?;
    let mut command = Command::new(program);
    command
        .args(["serve", "--addr", "127.0.0.1:0"])
        .current_dir(folder.path())
        .env_clear()
        .env("HOME", folder.path());
    Server::that_says_so("Inglenook", command, folder).await
}

/// Starts nginx as a proxy that passes every byte on at once.
pub async fn nginx(program: &Path, upstream: SocketAddr) -> Result<Server, LoadError> {
    let folder = tempfile::tempdir()?;
    let address = free_address()?;
    let here = folder.path().display();
    let configuration = format!(
        "daemon off;\nworker_processes 2;\npid {here}/pid;\nerror_log {here}/error.log;\n\
         worker_rlimit_nofile 16384;\nevents {{ worker_connections 8192; }}\n\
         http {{\n  access_log off;\n  client_body_temp_path {here}/body;\n  proxy_temp_path {here}/proxy;\n  \
         fastcgi_temp_path {here}/fastcgi;\n  uwsgi_temp_path {here}/uwsgi;\n  scgi_temp_path {here}/scgi;\n  \
         upstream models {{ server {upstream}; keepalive 64; }}\n  \
         server {{\n    listen {address};\n    location / {{\n      proxy_pass http://models;\n      \
         proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n      proxy_buffering off;\n    }}\n  }}\n}}\n"
    );
    let file = folder.path().join("nginx.conf");
    std::fs::write(&file, configuration)?;
    let mut command = Command::new(program);
    command.arg("-p").arg(folder.path()).arg("-e").arg(folder.path().join("error.log"));
    command.arg("-c").arg(&file);
    Server::on_port("nginx", command, address, folder).await
}

/// Starts the LiteLLM proxy with one worker for each core, as its documentation advises.
pub async fn litellm(program: &Path, upstream: SocketAddr) -> Result<Server, LoadError> {
    let folder = tempfile::tempdir()?;
    let address = free_address()?;
    let configuration = format!(
        "model_list:\n  - model_name: \"*\"\n    litellm_params:\n      model: \"openai/*\"\n      \
         api_base: \"http://{upstream}/v1\"\n      api_key: \"{TOKEN}\"\n\
         general_settings:\n  master_key: \"{TOKEN}\"\nlitellm_settings:\n  telemetry: false\n"
    );
    let file = folder.path().join("litellm.yaml");
    std::fs::write(&file, configuration)?;
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut command = Command::new(program);
    command
        .arg("--config")
        .arg(&file)
        .args(["--host", "127.0.0.1", "--port", &address.port().to_string()])
        .args(["--num_workers", &workers.to_string()])
        .env("LITELLM_LOG", "ERROR")
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True");
    Server::on_port("LiteLLM", command, address, folder).await
}

/// A port that is free now. Nobody else on the machine of a bench takes it in between.
fn free_address() -> Result<SocketAddr, LoadError> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
