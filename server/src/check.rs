//! `inglenook check`: what is in effect, and whether each provider works, in words.

use std::io::{self, Write};
use std::process::ExitCode;

use chat::prices::{self, KnownPrice, PriceSource};
use chat::upstream::{Provider, ProviderError, ProviderHealth, ProviderKey, Upstream};
use protocol::{Failure, FailureKind, ModelInfo, money};

use crate::command_line::Options;
use crate::config::Loaded;

/// The command: prints to standard output, mistakes to standard error, and fails if the
/// configuration is wrong or a provider does not work.
pub async fn command(options: &Options) -> ExitCode {
    let loaded = match Loaded::of_process(options) {
        Ok(loaded) => loaded,
        Err(mistakes) => {
            eprintln!("{mistakes}");
            return ExitCode::FAILURE;
        }
    };
    match run(&loaded, &mut io::stdout().lock()).await {
        Ok(true) => ExitCode::SUCCESS,
        // Output that nobody reads, as in `inglenook check | head -1`, is no reason to complain.
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

/// Prints the configuration without its secrets, then asks each provider for its models. Gives
/// whether everything works.
///
/// # Errors
/// The output cannot be written.
pub async fn run(loaded: &Loaded, out: &mut impl Write) -> io::Result<bool> {
    run_with(loaded, out, reach).await
}

/// Asks a provider for its models, with each of its keys.
async fn reach(provider: &Provider) -> Result<Vec<ModelInfo>, Trouble> {
    let mut keys: Vec<Vec<ProviderKey>> =
        provider.keys.iter().map(|key| vec![key.clone()]).collect();
    if keys.is_empty() {
        keys.push(Vec::new());
    }
    let several = keys.len() > 1;
    let mut listed = Vec::new();
    for keys in keys {
        let with_one = Provider { keys, ..provider.clone() };
        let upstream = Upstream::new(with_one).map_err(Trouble::Unusable)?;
        listed = upstream.models().await.map_err(|failure| {
            // A provider that is away is so for all of them.
            let is_of_key = several && failure.kind != FailureKind::Unreachable;
            Trouble::Failed(match is_of_key {
                true => of_key(failure, &upstream.health()),
                false => failure,
            })
        })?;
    }
    Ok(listed)
}

/// Says by its end which of several keys a failure is about.
fn of_key(failure: Failure, health: &ProviderHealth) -> Failure {
    let ending = health.keys.iter().find_map(|key| key.ending.as_deref()).unwrap_or_default();
    let said = failure.detail.clone().unwrap_or_else(|| failure.words());
    failure.with_detail(format!("{said} (with the key …{ending})"))
}

/// Why a provider did not list its models.
enum Trouble {
    /// It cannot be asked as it is configured.
    Unusable(ProviderError),
    /// It was asked in vain.
    Failed(Failure),
}

/// The same with another way of reaching a provider.
async fn run_with(
    loaded: &Loaded,
    out: &mut impl Write,
    reach: impl AsyncFn(&Provider) -> Result<Vec<ModelInfo>, Trouble>,
) -> io::Result<bool> {
    print_configuration(loaded, out)?;
    writeln!(out, "\nProviders:")?;
    if loaded.config.providers.is_empty() {
        let failure = Failure::new(FailureKind::NoProvider, "");
        writeln!(out, "  {} {}", failure.words(), failure.remedy())?;
        return Ok(false);
    }
    let mut all_work = true;
    for provider in &loaded.config.providers {
        match reach(provider).await {
            Ok(listed) => print_working(loaded, provider, &listed, out)?,
            Err(trouble) => {
                all_work = false;
                print_failing(provider, &trouble, out)?;
            }
        }
    }
    Ok(all_work)
}

fn print_configuration(loaded: &Loaded, out: &mut impl Write) -> io::Result<()> {
    match &loaded.file {
        Some(file) => writeln!(out, "Configuration, with the file {file}:")?,
        None => writeln!(out, "Configuration, without a file:")?,
    }
    let widest = |width: fn(&crate::config::Origin) -> usize| {
        loaded.origins.iter().map(width).max().unwrap_or_default()
    };
    let keys = widest(|origin| origin.key.chars().count());
    let values = widest(|origin| origin.shown.chars().count()).min(60);
    for origin in &loaded.origins {
        writeln!(out, "  {:keys$}  {:values$}  ({})", origin.key, origin.shown, origin.source)?;
    }
    for warning in &loaded.warnings {
        writeln!(out, "  Note: {warning}")?;
    }
    Ok(())
}

fn print_working(
    loaded: &Loaded,
    provider: &Provider,
    listed: &[ModelInfo],
    out: &mut impl Write,
) -> io::Result<()> {
    let models = if listed.len() == 1 { "1 model" } else { &format!("{} models", listed.len()) };
    writeln!(out, "  {}: works and lists {models}.", provider.name)?;
    // A list may be incomplete, so a model that is missing from it is worth a word, not a failure.
    let chosen = [&loaded.config.model, &loaded.config.title_model];
    let chosen = chosen.into_iter().flatten().filter(|choice| choice.provider == provider.name);
    let mut asked: Vec<&str> = chosen.map(|choice| choice.model.as_str()).collect();
    asked.extend(provider.models.iter().map(String::as_str));
    let mut said: Vec<&str> = Vec::new();
    for model in asked {
        if said.contains(&model) {
            continue;
        }
        said.push(model);
        let found = listed.iter().find(|listed| listed.name == model);
        writeln!(out, "    {model}: {}", price(prices::price_of(provider, model, found)))?;
        if found.is_none() {
            writeln!(out, "    Note: it does not list {model:?}. Check the name if it fails.")?;
        }
    }
    Ok(())
}

/// What a model costs, and where that is known from.
fn price(known: Option<KnownPrice>) -> String {
    let Some(KnownPrice { price, source }) = known else {
        return "no price is known; set `prices` for it, or what it costs is not counted"
            .to_owned();
    };
    let source = match source {
        PriceSource::Configured => "as configured".to_owned(),
        PriceSource::Listed => "as it lists".to_owned(),
        PriceSource::Table => format!("as published by {}", prices::as_of()),
        PriceSource::Local => return "free, since it runs here or in a private network".to_owned(),
    };
    // Millionths of a dollar for a million tokens.
    let dollars = |price: u64| money::exact(price.saturating_mul(1_000_000));
    let cached = match price.cached_input {
        Some(cached) => format!(" ({} cached)", dollars(cached)),
        None => String::new(),
    };
    let (input, output) = (dollars(price.input), dollars(price.output));
    format!("{input}{cached} in, {output} out, for a million tokens, {source}")
}

fn print_failing(provider: &Provider, trouble: &Trouble, out: &mut impl Write) -> io::Result<()> {
    let name = &provider.name;
    match trouble {
        Trouble::Unusable(error) => writeln!(out, "  {name}: cannot be used: {error}."),
        Trouble::Failed(failure) => {
            writeln!(out, "  {name}: {} {}", failure.words(), failure.remedy())?;
            match &failure.detail {
                Some(detail) => writeln!(out, "    It says: {detail}"),
                None => Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Environment;

    fn loaded(variables: &[(&str, &str)], file: &str) -> Loaded {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("inglenook.toml"), file).unwrap();
        let variables: BTreeMap<_, _> =
            variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let environment = Environment::new(variables, "").unwrap();
        let options = Options { data: Some("/data".to_owned()), ..Options::default() };
        Loaded::read(&options, &environment, folder.path()).unwrap()
    }

    #[tokio::test]
    async fn says_where_each_value_comes_from_and_what_each_provider_answers() {
        let loaded = loaded(
            &[
                ("OPENAI_API_KEY", "sk-secret-of-the-environment"),
                ("INGLENOOK_PASSWORD", "hearth-and-home"),
                ("INGLENOOK_TITLE_MODEL", "none"),
                ("INGLENOOK_PASWORD", "mistyped-secret"),
            ],
            r#"
            model = "home/llama"
            [[providers]]
            name = "home"
            base_url = "http://192.168.1.20/v1"
            keys = ["sk-first-secret", "sk-second-secret"]
            models = ["llama", "qwen"]
            proxy = "socks5://me:proxy-secret@127.0.0.1:1080"
            "#,
        );
        let mut out = Vec::new();
        let all_work = run_with(&loaded, &mut out, async |provider| match provider.name.as_str() {
            "home" => Ok(vec![ModelInfo::named("qwen")]),
            name => {
                let failure = Failure::new(FailureKind::Unauthorised, name);
                Err(Trouble::Failed(failure.with_detail("No such key.")))
            }
        })
        .await
        .unwrap();

        assert!(!all_work);
        let out = String::from_utf8(out).unwrap();
        assert!(!out.contains("secret") && !out.contains("hearth"), "{out}");
        insta::assert_snapshot!(out, @r#"
    Configuration, with the file inglenook.toml:
      addr                              127.0.0.1:3000             (default)
      data                              /data                      (command line, --data)
      password                          set, not shown             (environment, INGLENOOK_PASSWORD)
      cors_origins                      none                       (default)
      limits.max_message_bytes          1048576                    (default)
      limits.max_open_answers           64                         (default)
      limits.max_import_bytes           536870912                  (default)
      limits.max_file_bytes             20971520                   (default)
      limits.max_files_per_message      10                         (default)
      limits.max_relay_calls            1024                       (default)
      limits.max_relay_bytes            33554432                   (default)
      limits.max_connections            16384                      (default)
      providers.home.base_url           http://192.168.1.20/v1     (inglenook.toml, line 5)
      providers.home.keys               2 keys, not shown          (inglenook.toml, line 6)
      providers.home.models             llama, qwen                (inglenook.toml, line 7)
      providers.home.proxy              socks5://127.0.0.1:1080    (inglenook.toml, line 8)
      providers.home.connect_timeout_s  10                         (default)
      providers.home.idle_timeout_s     120                        (default)
      providers.openai.base_url         https://api.openai.com/v1  (default)
      providers.openai.models           what the provider lists    (default)
      providers.openai.keys             1 key, not shown           (environment, OPENAI_API_KEY)
      model                             home/llama                 (inglenook.toml, line 2)
      title_model                       none                       (environment, INGLENOOK_TITLE_MODEL)
      continue_when_cut                 true                       (default)
      Note: INGLENOOK_PASWORD has no effect, did you mean INGLENOOK_PASSWORD?

    Providers:
      home: works and lists 1 model.
        llama: free, since it runs here or in a private network
        Note: it does not list "llama". Check the name if it fails.
        qwen: free, since it runs here or in a private network
      openai: The key for openai was not accepted. Correct the key in inglenook.toml or OPENAI_API_KEY and restart Inglenook, or let it be used again on the page of settings; then retry.
        It says: No such key.
    "#);
    }

    #[tokio::test]
    async fn each_key_of_a_provider_is_tried() {
        let settings = scripted_upstream::Settings {
            require_key: Some("sk-the-right-key".to_owned()),
            ..scripted_upstream::Settings::default()
        };
        let upstream = scripted_upstream::Upstream::start_with(settings).await.unwrap();
        let check = async |keys: &str| {
            let base_url = upstream.base_url();
            let file =
                format!("[[providers]]\nname = 'a'\nbase_url = '{base_url}'\nkeys = [{keys}]");
            let mut out = Vec::new();
            let works = run(&loaded(&[], &file), &mut out).await.unwrap();
            (works, String::from_utf8(out).unwrap())
        };
        let (works, out) =
            check("'sk-the-right-key', { key = 'sk-the-right-key', weight = 2 }").await;
        assert!(works && out.contains("a: works and lists 1 model."), "{out}");
        let (works, out) = check("'sk-the-right-key', 'sk-a-wrong-key-wxyz'").await;
        assert!(!works && out.contains("(with the key …wxyz)"), "{out}");
        assert!(!out.contains("sk-"), "{out}");
    }

    #[tokio::test]
    async fn a_price_is_told_with_where_it_is_from() {
        let loaded = loaded(
            &[("OPENAI_API_KEY", "sk-1")],
            r#"
            model = "openai/gpt-5-mini"
            [[providers]]
            name = "shop"
            base_url = "https://shop.example.org/v1"
            models = ["listed", "own", "unknown"]
            prices = { own = { input = 0.1, output = 2.0, cached_input = 0.01 } }
            "#,
        );
        let price = Some(protocol::Price { input: 1_500_000, output: 0, cached_input: None });
        let mut out = Vec::new();
        run_with(&loaded, &mut out, async |_| {
            let names = ["own", "unknown", "gpt-5-mini"].map(ModelInfo::named);
            let listed = ModelInfo { price, ..ModelInfo::named("listed") };
            Ok(names.into_iter().chain([listed]).collect())
        })
        .await
        .unwrap();
        let out = String::from_utf8(out).unwrap().replace(prices::as_of(), "[its day]");
        let (_, providers) = out.split_once("Providers:\n").unwrap();
        insta::assert_snapshot!(providers, @r"
          shop: works and lists 4 models.
            listed: $1.50 in, $0.00 out, for a million tokens, as it lists
            own: $0.10 ($0.01 cached) in, $2.00 out, for a million tokens, as configured
            unknown: no price is known; set `prices` for it, or what it costs is not counted
          openai: works and lists 4 models.
            gpt-5-mini: $0.25 ($0.025 cached) in, $2.00 out, for a million tokens, as published by [its day]
        ");
    }

    #[tokio::test]
    async fn no_provider_is_a_failure_with_a_remedy() {
        let mut out = Vec::new();
        let all_work =
            run_with(&loaded(&[], ""), &mut out, async |_| Ok(Vec::new())).await.unwrap();
        assert!(!all_work);
        let out = String::from_utf8(out).unwrap();
        let (_, providers) = out.split_once("Providers:\n").unwrap();
        insta::assert_snapshot!(providers, @"  No provider is set up to answer. Set OPENAI_API_KEY or add a provider to inglenook.toml, then start again.");
    }
}
