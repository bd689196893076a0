//! The renderer on its own, without a browser: `bench-markdown PIECE_BYTES FILE` streams the file
//! and prints the times as JSON.

use std::time::{Duration, Instant};
use std::{env, error::Error, fs};

use markdown::{Options, Stream};
use serde::Serialize;

/// One run over a document. Its names are those of the browser's runs.
#[derive(Debug, Serialize)]
struct Run {
    bytes: usize,
    deltas: usize,
    total_ms: f64,
    first: Times,
    last: Times,
    /// The bytes parsed, those parsed again included.
    work: usize,
}

/// What the deltas of one tenth of the document took, in microseconds.
#[derive(Debug, Serialize)]
struct Times {
    mean_us: f64,
    p50_us: f64,
    p95_us: f64,
    max_us: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [size, file] = arguments.as_slice() else {
        return Err("usage: bench-markdown PIECE_BYTES FILE".into());
    };
    let source = fs::read_to_string(file)?;
    println!("{}", serde_json::to_string(&run(&source, size.parse()?))?);
    Ok(())
}

fn run(source: &str, size: usize) -> Run {
    let mut stream = Stream::new(Options::default());
    let mut times = Vec::with_capacity(source.len() / size.max(1) + 1);
    let mut rest = source;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(size.max(1)));
        rest = after;
        let start = Instant::now();
        std::hint::black_box(stream.push(piece));
        times.push(start.elapsed());
    }
    let tenth = times.len().div_ceil(10);
    Run {
        bytes: source.len(),
        deltas: times.len(),
        total_ms: times.iter().sum::<Duration>().as_secs_f64() * 1e3,
        first: summary(&times[..tenth]),
        last: summary(&times[times.len() - tenth..]),
        work: stream.work(),
    }
}

fn summary(times: &[Duration]) -> Times {
    let mut sorted: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e6).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (sorted.len() as f64 * share) as usize;
        sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    Times {
        mean_us: sorted.iter().sum::<f64>() / sorted.len().max(1) as f64,
        p50_us: at(0.5),
        p95_us: at(0.95),
        max_us: at(1.0),
    }
}
