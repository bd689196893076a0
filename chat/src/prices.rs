//! What models cost, and where that is known from.
//!
//! What the owner configures wins over what a provider lists, and that over the table in
//! `prices.csv`. The table holds at the real hosts of its providers only: a server of one's own may
//! call its model `gpt-4o` as well. Models on this machine or in a private network are free, unless
//! somebody says otherwise.

use std::{net::IpAddr, sync::LazyLock};

use protocol::{ModelInfo, Price};
use url::{Host, Url};

use crate::upstream::Provider;

const TABLE: &str = include_str!("prices.csv");

/// Where a price is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceSource {
    /// The owner's configuration.
    Configured,
    /// The provider's list of models.
    Listed,
    /// The table that comes with this program, see [`as_of`].
    Table,
    /// The model runs on this machine or in a private network.
    Local,
}

/// A price with where it is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownPrice {
    /// The price.
    pub price: Price,
    /// Where it is known from.
    pub source: PriceSource,
}

/// What a model of a provider costs, as it is priced now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPrice {
    /// The provider's name.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// `None` if nobody says what it costs.
    pub price: Option<KnownPrice>,
}

/// The day on which the prices of the table held, such as `2026-11-26`.
pub fn as_of() -> &'static str {
    TABLE
        .lines()
        .find_map(|line| line.strip_prefix("# as_of: "))
        .expect("the table has its date, as a test says")
}

/// What a model costs at a provider. `listed` is what the provider itself says of the model.
pub fn price_of(
    provider: &Provider,
    model: &str,
    listed: Option<&ModelInfo>,
) -> Option<KnownPrice> {
    let known = |source| move |price| KnownPrice { price, source };
    let configured = provider.facts.price.of(model).map(known(PriceSource::Configured));
    configured
        .or_else(|| listed?.price.map(known(PriceSource::Listed)))
        .or_else(|| in_table(&provider.base_url, model)?.price.map(known(PriceSource::Table)))
        .or_else(|| is_local(&provider.base_url).then(|| known(PriceSource::Local)(Price::FREE)))
}

/// What is known of a model: as configured, otherwise as listed, otherwise as the table has it.
pub(crate) fn complete(provider: &Provider, listed: ModelInfo) -> ModelInfo {
    let price = price_of(provider, &listed.name, Some(&listed)).map(|known| known.price);
    let window = in_table(&provider.base_url, &listed.name).and_then(|row| row.context_window);
    let known = ModelInfo { context_window: listed.context_window.or(window), ..listed };
    ModelInfo { price, ..provider.facts.complete(known) }
}

/// A row of the table.
struct Row {
    host: &'static str,
    model: ModelInfo,
}

/// The table's row of a model. A name that is not found is looked for without the date at its end.
fn in_table(base_url: &Url, model: &str) -> Option<&'static ModelInfo> {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(read_table);
    let host = base_url.host_str()?;
    // Google's list has this before each name.
    let mut name = model.strip_prefix("models/").unwrap_or(model);
    loop {
        if let Some(row) = ROWS.iter().find(|row| row.host == host && row.model.name == name) {
            return Some(&row.model);
        }
        name = without_version(name)?;
    }
}

/// A name without `-latest`, `-20251101` or `-2025-11-01` at its end. Shorter numbers tell models
/// apart that differ in price.
fn without_version(name: &str) -> Option<&str> {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let (rest, last) = name.rsplit_once('-')?;
    if last == "latest" || digits(last, 8) {
        return Some(rest);
    }
    let (rest, month) = rest.rsplit_once('-')?;
    let (rest, year) = rest.rsplit_once('-')?;
    (digits(last, 2) && digits(month, 2) && digits(year, 4)).then_some(rest)
}

fn read_table() -> Vec<Row> {
    let read = |line: &'static str| {
        let mut fields = line.split(',');
        let (host, name) = (fields.next()?, fields.next()?);
        let (input, output) = (fields.next()?, fields.next()?);
        let price = Price {
            input: Price::from_dollars(input)?,
            output: Price::from_dollars(output)?,
            cached_input: fields.next().and_then(Price::from_dollars),
        };
        let context_window = fields.next()?.parse().ok();
        let model = ModelInfo { context_window, price: Some(price), ..ModelInfo::named(name) };
        Some(Row { host, model })
    };
    TABLE.lines().filter(|line| !line.starts_with('#')).skip(1).filter_map(read).collect()
}

/// True for addresses that lead to this machine or into a private network, by number or by a name
/// that no public server can have.
fn is_local(base_url: &Url) -> bool {
    match base_url.host() {
        Some(Host::Ipv4(ip)) => is_private(ip.into()),
        Some(Host::Ipv6(ip)) => is_private(ip.into()),
        Some(Host::Domain(name)) => {
            const PRIVATE: [&str; 5] = [".localhost", ".local", ".internal", ".lan", ".home.arpa"];
            !name.contains('.') || PRIVATE.iter().any(|ending| name.ends_with(ending))
        }
        None => false,
    }
}

fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            // 100.64.0.0/10 is what networks laid over others use, such as Tailscale's.
            let [first, second, ..] = ip.octets();
            let shared = first == 100 && (64..128).contains(&second);
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::ForModels;

    fn at(base_url: &str) -> Provider {
        Provider {
            base_url: Url::parse(base_url).unwrap(),
            ..crate::upstream::provider_for_tests()
        }
    }

    /// What a million tokens of a request cost, in dollars, and who says so.
    fn check(base_url: &str, model: &str, expected: Option<(&str, PriceSource)>) {
        let found = price_of(&at(base_url), model, None);
        let found = found.map(|known| (known.price.input, known.source));
        let expected =
            expected.map(|(dollars, source)| (Price::from_dollars(dollars).unwrap(), source));
        assert_eq!(found, expected, "{model} at {base_url}");
    }

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count() - 1;
        let rows = read_table();
        assert!(lines > 90 && rows.len() == lines, "{} of {lines}", rows.len());
        for (index, row) in rows.iter().enumerate() {
            let price = row.model.price.unwrap();
            let name = &row.model.name;
            assert!(price.output > 0 && price.cached_input < Some(price.input.max(1)), "{name}");
            let twice = rows[..index]
                .iter()
                .any(|other| other.host == row.host && other.model.name == *name);
            assert!(!twice, "{name} stands there twice");
        }
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        assert!(as_of().len() == 10 && digits(as_of()), "{}", as_of());
    }

    #[test]
    fn well_known_models_are_found_at_their_own_host_only() {
        use PriceSource::{Local, Table};
        let openai = "https://api.openai.com/v1";
        check(openai, "gpt-5-mini", Some(("0.25", Table)));
        check(openai, "gpt-5-mini-2025-08-07", Some(("0.25", Table)));
        check(openai, "gpt-4o", Some(("2.5", Table)));
        check(openai, "gpt-4o-2024-05-13", Some(("5", Table)));
        check(openai, "gpt-5-mini-of-mine", None);
        check(openai, "claude-opus-4-5", None);
        check("https://api.anthropic.com/v1", "claude-opus-4-5-20251101", Some(("5", Table)));
        let google = "https://generativelanguage.googleapis.com/v1beta/openai";
        check(google, "models/gemini-2.5-flash", Some(("0.3", Table)));
        check("https://api.mistral.ai/v1", "codestral-latest", Some(("0.3", Table)));
        check("https://api.mistral.ai/v1", "codestral-2405", None);
        check("http://localhost:8000/v1", "gpt-4o", Some(("0", Local)));
        check("https://llm.example.org/v1", "gpt-4o", None);
        check("https://api.openai.com.example.org/v1", "gpt-4o", None);
    }

    #[test]
    fn models_in_private_networks_are_free() {
        for host in [
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.20",
            "169.254.1.1",
            "100.64.0.1",
            "[::1]",
            "[fd12::1]",
            "[fe80::1]",
            "[::ffff:192.168.1.20]",
            "ollama",
            "localhost",
            "host.docker.internal",
            "cellar.local",
            "nas.lan",
            "0x7f000001",
        ] {
            check(&format!("http://{host}:11434/v1"), "m", Some(("0", PriceSource::Local)));
        }
        for host in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "[2001:db8::1]", "a.org", "local.org"]
        {
            check(&format!("http://{host}/v1"), "m", None);
        }
    }

    #[test]
    fn the_owner_wins_over_the_list_and_the_list_over_the_table() {
        let price = |input| Price { input, ..Price::default() };
        let mut provider = at("https://api.openai.com/v1");
        let listed = ModelInfo { price: Some(price(2)), ..ModelInfo::named("gpt-5") };
        let found = price_of(&provider, "gpt-5", Some(&listed)).unwrap();
        assert_eq!((found.price, found.source), (price(2), PriceSource::Listed));
        provider.facts.price = ForModels { all: None, each: [("gpt-5".into(), price(3))].into() };
        let found = price_of(&provider, "gpt-5", Some(&listed)).unwrap();
        assert_eq!((found.price, found.source), (price(3), PriceSource::Configured));
        let known = complete(&provider, ModelInfo::named("gpt-5"));
        assert_eq!((known.price, known.context_window), (Some(price(3)), Some(272_000)));
    }
}
