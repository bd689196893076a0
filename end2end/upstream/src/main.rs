//! The scripted upstream as a program, for browser tests. The library's documentation says what
//! it does.

use std::{env, io, process::ExitCode};

use scripted_upstream::{Settings, Upstream};

const USAGE: &str =
    "usage: scripted-upstream [--port N] [--require-key KEY] [--models A,B] [--about-models JSON]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(settings) = settings(env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match serve(settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scripted-upstream: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(settings: Settings) -> io::Result<()> {
    let upstream = Upstream::start_with(settings).await?;
    println!("listening on {}", upstream.base_url());
    tokio::signal::ctrl_c().await
}

fn settings(mut arguments: impl Iterator<Item = String>) -> Option<Settings> {
    let mut settings = Settings::default();
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--port" => settings.port = value.parse().ok()?,
            "--require-key" => settings.require_key = Some(value),
            "--about-models" => settings.about_models = serde_json::from_str(&value).ok()?,
            "--models" => settings.models = value.split(',').map(str::to_owned).collect(),
            _ => return None,
        }
    }
    Some(settings)
}
