//! On the server: what models cost, and where that is known from.

use chat::prices::{ModelPrice, as_of};
use leptos::prelude::*;
use protocol::money;

use crate::Language;

/// The section of the settings.
#[component]
pub(crate) fn PricesSection(language: Language, prices: Vec<ModelPrice>) -> impl IntoView {
    let words = language.words().usage;
    // Millionths of a dollar for a million tokens.
    let dollars = |price: u64| money::exact(price.saturating_mul(1_000_000));
    let priced = move |model: &ModelPrice| match model.price {
        None => (words.unknown.to_owned(), String::new()),
        Some(known) if known.price.is_free() => {
            (words.free.to_owned(), (words.sources)(known.source))
        }
        Some(known) => {
            let cached = known.price.cached_input.map(dollars);
            let (input, output) = (dollars(known.price.input), dollars(known.price.output));
            let price = (words.per_million)(&input, &output, cached.as_deref());
            (price, (words.sources)(known.source))
        }
    };
    view! {
        <section id="prices">
            <h2>{words.prices}</h2>
            <p>{(words.prices_about)(as_of())}</p>
            {(!prices.is_empty())
                .then(|| {
                    view! {
                        <details class="more">
                            <summary>{(words.prices_of)(prices.len())}</summary>
                            <div class="wide">
                                <table class="numbers words">
                                    <thead>
                                        <tr>
                                            <th scope="col">{words.model}</th>
                                            <th scope="col">{words.price}</th>
                                            <th scope="col">{words.source}</th>
                                        </tr>
                                    </thead>
                                    <tbody>
                                        {prices
                                            .iter()
                                            .map(|model| {
                                                let (price, source) = priced(model);
                                                let name = format!("{}/{}", model.provider, model.model);
                                                view! {
                                                    <tr>
                                                        <th scope="row" dir="auto">{name}</th>
                                                        <td>{price}</td>
                                                        <td>{source}</td>
                                                    </tr>
                                                }
                                            })
                                            .collect_view()}
                                    </tbody>
                                </table>
                            </div>
                        </details>
                    }
                })}
        </section>
    }
}
