//! On the server: the page of the tokens that programs carry.

use chat::{ApiToken, NewToken, Scope, TokenText};
use leptos::prelude::*;

use crate::{
    Assets, Look,
    plain_form::{DeleteForm, LineField, Outcome},
    plain_page,
    words::TokenWords,
};

/// How many days a new token may last, in the order in which they are offered; beside them it may
/// last for ever.
pub const TOKEN_DAYS: [u32; 4] = [90, 7, 30, 365];

/// What the page is rendered from.
#[derive(Debug, Clone, Default)]
pub struct TokensPage {
    /// Every token, the newest first.
    pub tokens: Vec<ApiToken>,
    /// The token that was just made, with the address of this server, to be shown this once.
    pub made: Option<(TokenText, String)>,
    /// What was written and refused, to be shown again.
    pub written: NewToken,
    /// Why it was refused.
    pub refusal: Option<String>,
}

/// `/tokens`, at the time `now` in milliseconds.
pub fn tokens_page(assets: Assets, look: Look, page: TokensPage, now: i64) -> impl IntoView {
    let words = look.language.words().tokens;
    let TokensPage { tokens, made, written, refusal } = page;
    let none = tokens.is_empty().then_some(words.none);
    let (living, ended): (Vec<_>, Vec<_>) =
        tokens.into_iter().partition(|token| !token.has_ended(now));
    plain_page(assets, look, words.title, move || {
        view! {
            <p class="effect">{words.about}</p>
            <Outcome outcome=refusal.map_or(Ok(None), Err) />
            {made.map(|(text, address)| view! { <Made words text address /> })}
            {none.map(|words| view! { <p>{words}</p> })}
            <ul class="cards">
                {living.into_iter().map(|token| view! { <TokenCard words token now /> }).collect_view()}
                {ended.into_iter().map(|token| view! { <TokenCard words token now /> }).collect_view()}
            </ul>
            <section id="add">
                <h2>{words.add}</h2>
                <form method="post" action="/tokens">
                    <TokenFields words written />
                </form>
            </section>
        }
    })
}

/// The new token, and how it is used.
#[component]
fn Made(words: &'static TokenWords, text: TokenText, address: String) -> impl IntoView {
    let token = text.expose().to_owned();
    let line = format!(
        "curl {address}/v1/chat/completions -H \"Authorization: Bearer {token}\" \
         -H \"Content-Type: application/json\" \
         -d '{{\"messages\": [{{\"role\": \"user\", \"content\": \"Hello\"}}], \"stream\": true}}'"
    );
    view! {
        <section class="made" role="status">
            <h2>{words.made}</h2>
            <p class="effect">{words.made_effect}</p>
            <div class="field">
                <label for="token">{words.token}</label>
                <input id="token" value=token readonly=true autocomplete="off" spellcheck="false" dir="ltr" />
            </div>
            <p>{words.try_it}</p>
            <pre dir="ltr"><code>{line}</code></pre>
        </section>
    }
}

#[component]
fn TokenCard(words: &'static TokenWords, token: ApiToken, now: i64) -> impl IntoView {
    let ended = token.has_ended(now);
    let scopes = token.scopes.iter().map(|scope| (words.scope)(*scope).0).collect::<Vec<_>>();
    let times = [
        Some((words.created, token.created_at)),
        token.last_used_at.map(|time| (words.last_used, time)),
        token.revoked_at.map(|time| (words.revoked, time)),
        token.expires_at.map(|time| (if ended { words.expired } else { words.expires }, time)),
    ];
    let never_used = (token.last_used_at.is_none() && !ended).then_some(words.never_used);
    let limits = (words.limits)(&token.limits);
    let name = token.name.clone();
    view! {
        <li class:ended=ended>
            <h2 dir="auto">{token.name}</h2>
            <code>"ink_…"{token.ending}</code>
            <p>{scopes.join(", ")}</p>
            {(!limits.is_empty()).then(|| view! { <p>{limits}</p> })}
            {times
                .into_iter()
                .flatten()
                .map(|(what, time)| view! { <p>{what}" "<time datetime=stamp(time)>{shown(time)}</time></p> })
                .collect_view()}
            {never_used.map(|words| view! { <p>{words}</p> })}
            {(!ended)
                .then(|| {
                    view! {
                        <div class="ways">
                            <DeleteForm
                                action=format!("/tokens/{}/revoke", token.id.number())
                                label=words.revoke
                                sure=words.revoke_for_good
                                what=name
                            />
                        </div>
                    }
                })}
        </li>
    }
}

#[component]
fn TokenFields(words: &'static TokenWords, written: NewToken) -> impl IntoView {
    // A program that asks models is what most tokens are for.
    let fresh = written == NewToken::default();
    let chosen = written.scopes;
    view! {
        <LineField name="name" label=words.name value=written.name hint=words.name_hint required=true />
        <fieldset class="field">
            <legend>{words.scopes}</legend>
            {Scope::ALL
                .map(|scope| {
                    let (name, effect) = (words.scope)(scope);
                    let checked = chosen.contains(&scope) || (fresh && scope == Scope::Relay);
                    view! {
                        <label class="choice">
                            <input type="checkbox" name="scope" value=scope.as_str() checked=checked />
                            {name}
                        </label>
                        <p class="effect">{effect}</p>
                    }
                })
                .collect_view()}
        </fieldset>
        <LineField name="money_per_day" label=words.money_per_day value=written.money_per_day hint=words.limits_hint />
        <LineField name="tokens_per_day" label=words.tokens_per_day value=written.tokens_per_day />
        <LineField name="requests_per_minute" label=words.requests_per_minute value=written.requests_per_minute />
        <div class="field">
            <label for="days">{words.lasts}</label>
            <select id="days" name="days">
                {TOKEN_DAYS
                    .map(|days| {
                        view! {
                            <option value=days.to_string() selected=written.days == Some(days)>
                                {(words.days)(days)}
                            </option>
                        }
                    })
                    .collect_view()}
                <option value="" selected=written.days.is_none() && !fresh>{words.for_ever}</option>
            </select>
        </div>
        <p class="buttons">
            <button type="submit" class="primary">{words.make}</button>
        </p>
    }
}

/// A time as programs read it.
fn stamp(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds).map(|time| time.to_string()).unwrap_or_default()
}

/// A time as people read it. The server does not know where they are.
fn shown(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map(|time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default()
}
