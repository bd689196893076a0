//! The counting of calls, by a clock that is given to it.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::{Arc, Mutex, MutexGuard},
};

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};
use protocol::{LimitKind, LimitReached, Usage};

use super::{Admission, Allowance, Each, Permit, Rule};
use crate::{
    accounts::{Caller, PersonId, TokenId},
    store::{Store, StoreError},
};

/// Over how long requests are counted, in milliseconds.
const MINUTE_MS: i64 = 60_000;

/// Counts calls and admits them.
#[derive(Debug)]
pub(crate) struct Limiter {
    rules: Vec<Rule>,
    people: HashMap<PersonId, String>,
    zone: TimeZone,
    book: Mutex<Book>,
}

impl Limiter {
    /// Nothing is counted yet.
    pub(crate) fn new(rules: Vec<Rule>, people: HashMap<PersonId, String>, zone: TimeZone) -> Self {
        Self { rules, people, zone, book: Mutex::default() }
    }

    /// Builds the counts from the ledger.
    pub(crate) async fn of_ledger(rules: Vec<Rule>, store: &Store) -> Result<Self, StoreError> {
        let limiter = Self::new(rules, store.people().await?, TimeZone::system());
        let now = limiter.now();
        let month = now.date().first_of_month().to_string();
        let minute_ago = now.timestamp().as_millisecond() - MINUTE_MS;
        let past = store.calls_since(&month).await?;
        let starts = store.starts_since(minute_ago).await?;
        limiter.restore(&past, &starts, &now);
        Ok(limiter)
    }

    pub(super) fn restore(&self, past: &[PastCalls], starts: &[PastStart], now: &Zoned) {
        let mut book = self.book();
        for calls in past {
            let Ok(day) = calls.day.parse::<Date>() else { continue };
            let amount = Amount { tokens: calls.tokens, money: calls.money };
            for key in self.keys(calls.caller, &calls.provider, &calls.model) {
                let account = book.accounts.entry(key).or_default();
                account.roll(now.date());
                account.revise(day, Amount::default(), amount);
            }
        }
        for start in starts {
            for key in self.keys(start.caller, &start.provider, &start.model) {
                book.accounts.entry(key).or_default().begun.push_back(start.started_at);
            }
        }
    }

    /// The time by the clock of the server.
    pub(crate) fn now(&self) -> Zoned {
        Timestamp::now().to_zoned(self.zone.clone())
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A poisoned lock means a panic elsewhere; counts are never left half changed.
        self.book.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The accounts that a call is counted in.
    fn keys(&self, caller: Caller, provider: &str, model: &str) -> Vec<Key> {
        let holds = |rule: &Rule| {
            rule.provider.as_deref().is_none_or(|name| name == provider)
                && rule.model.as_deref().is_none_or(|name| name == model)
        };
        let of_rules = self.rules.iter().enumerate().filter(|(_, rule)| holds(rule));
        of_rules
            .filter_map(|(place, rule)| match rule.each {
                Each::All => Some(Key::All(place)),
                Each::Person => Some(Key::Person(place, caller.person)),
                Each::Token => Some(Key::Token(place, caller.token?)),
            })
            .chain(caller.token.map(Key::Own))
            .collect()
    }

    /// What holds for a call, each limit with whom it holds for.
    fn held(&self, admission: Admission<'_>, own: Option<&OwnLimits>) -> Vec<Held> {
        let token = own.map(|(name, _)| name.as_str()).unwrap_or_default();
        self.keys(admission.caller, admission.provider, admission.model)
            .into_iter()
            .map(|key| {
                let (place, whose) = match key {
                    Key::All(place) => (place, None),
                    Key::Person(place, person) => {
                        (place, self.people.get(&person).map(String::as_str))
                    }
                    Key::Token(place, _) => (place, Some(token)),
                    Key::Own(_) => {
                        let allowance = own.map(|(_, allowance)| *allowance).unwrap_or_default();
                        return Held { key, allowance, holds_for: token.to_owned() };
                    }
                };
                let rule = &self.rules[place];
                let names = [rule.provider.as_deref(), rule.model.as_deref(), whose];
                let names: Vec<&str> = names.into_iter().flatten().collect();
                Held { key, allowance: rule.allowance, holds_for: names.join(" · ") }
            })
            .collect()
    }

    pub(super) fn admit(
        self: &Arc<Self>,
        admission: Admission<'_>,
        own: Option<OwnLimits>,
        now: &Zoned,
    ) -> Result<Permit, LimitReached> {
        let held = self.held(admission, own.as_ref());
        let now_ms = now.timestamp().as_millisecond();
        let is_answer = admission.purpose.is_answer();
        let mut book = self.book();
        for limit in &held {
            let account = book.accounts.entry(limit.key).or_default();
            account.roll(now.date());
            // What is ahead by more was counted before the clock was set back, and would count for ever.
            account.begun.retain(|begun| (*begun - now_ms).abs() < MINUTE_MS);
            let look = Look { limit, now };
            look.turns(admission.turns)?;
            look.requests(&account.begun)?;
            if is_answer {
                look.concurrent(account.running)?;
            }
            look.spending(account, |spent, allowed| spent >= allowed)?;
        }
        for limit in held.iter().filter(|limit| limit.allowance.requests_per_minute.is_some()) {
            book.accounts.entry(limit.key).or_default().begun.push_back(now_ms);
        }
        Ok(self.open(&mut book, held, is_answer, now.date()))
    }

    /// Counts a call of the owner that goes on from before this server was, since `began` in milliseconds. It is
    /// made already, so nothing refuses it.
    pub(super) fn take_up(
        self: &Arc<Self>,
        admission: Admission<'_>,
        began: i64,
        now: &Zoned,
    ) -> Permit {
        let held = self.held(admission, None);
        let mut book = self.book();
        for limit in &held {
            book.accounts.entry(limit.key).or_default().roll(now.date());
        }
        let began = Timestamp::from_millisecond(began).unwrap_or_else(|_| now.timestamp());
        let day = began.to_zoned(now.time_zone().clone()).date();
        self.open(&mut book, held, admission.purpose.is_answer(), day)
    }

    fn open(
        self: &Arc<Self>,
        book: &mut Book,
        held: Vec<Held>,
        is_answer: bool,
        day: Date,
    ) -> Permit {
        for limit in &held {
            book.accounts.entry(limit.key).or_default().running += u64::from(is_answer);
        }
        let counts = held.iter().any(|limit| limit.allowance.counts_spending());
        let id = book.next;
        book.next += 1;
        book.open.insert(id, Open { held, is_answer, day, amount: Amount::default() });
        Permit { limiter: Arc::clone(self), id, counts }
    }

    pub(super) fn progress(
        &self,
        id: u64,
        amount: Amount,
        now: &Zoned,
    ) -> Result<(), LimitReached> {
        let mut book = self.book();
        let Book { accounts, open, .. } = &mut *book;
        let Some(open) = open.get_mut(&id) else { return Ok(()) };
        let before = mem::replace(&mut open.amount, amount);
        for limit in &open.held {
            let account = accounts.entry(limit.key).or_default();
            account.roll(now.date());
            account.revise(open.day, before, amount);
        }
        open.held.iter().try_for_each(|limit| match accounts.get(&limit.key) {
            Some(account) => {
                Look { limit, now }.spending(account, |spent, allowed| spent > allowed)
            }
            None => Ok(()),
        })
    }

    pub(super) fn close(&self, id: u64) {
        let mut book = self.book();
        let Some(open) = book.open.remove(&id) else { return };
        for limit in open.held {
            let account = book.accounts.entry(limit.key).or_default();
            account.running -= u64::from(open.is_answer);
        }
    }
}

/// A token's name and limits.
pub(crate) type OwnLimits = (String, Allowance);

/// What a closed call took, as the ledger has it.
#[derive(Debug, Clone)]
pub(crate) struct PastCalls {
    pub(crate) day: String,
    pub(crate) caller: Caller,
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) tokens: u64,
    pub(crate) money: u64,
}

/// When a call began, as the ledger has it.
#[derive(Debug, Clone)]
pub(crate) struct PastStart {
    pub(crate) started_at: i64,
    pub(crate) caller: Caller,
    pub(crate) provider: String,
    pub(crate) model: String,
}

/// What tokens and money came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) tokens: u64,
    pub(super) money: u64,
}

impl Amount {
    pub(super) fn of(usage: &Usage, cost: Option<u64>) -> Self {
        let tokens = [usage.prompt_tokens, usage.completion_tokens];
        Self { tokens: tokens.into_iter().flatten().sum(), money: cost.unwrap_or_default() }
    }

    /// The sum in which one amount takes the place of another.
    fn revised(self, before: Self, now: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_sub(before.tokens).saturating_add(now.tokens),
            money: self.money.saturating_sub(before.money).saturating_add(now.money),
        }
    }
}

/// Calls that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// By the rule of this place.
    All(usize),
    Person(usize, PersonId),
    Token(usize, TokenId),
    /// By a token's own limits.
    Own(TokenId),
}

/// What calls took, running ones as far as they have come, and when they began.
#[derive(Debug, Default)]
struct Account {
    /// Milliseconds since 1970, within the last minute only.
    begun: VecDeque<i64>,
    /// How many answers are being written.
    running: u64,
    day: Date,
    today: Amount,
    /// Of the month of `day`.
    month: Amount,
}

impl Account {
    /// Forgets what was counted before today, and before this month.
    fn roll(&mut self, today: Date) {
        if self.day.first_of_month() != today.first_of_month() {
            self.month = Amount::default();
        }
        if self.day != today {
            self.today = Amount::default();
            self.day = today;
        }
    }

    /// Counts what a call has taken by now that began on a day, in place of what it had before.
    fn revise(&mut self, day: Date, before: Amount, now: Amount) {
        if day == self.day {
            self.today = self.today.revised(before, now);
        }
        if day.first_of_month() == self.day.first_of_month() {
            self.month = self.month.revised(before, now);
        }
    }
}

/// A limit that holds for a call.
#[derive(Debug, Clone)]
struct Held {
    key: Key,
    allowance: Allowance,
    holds_for: String,
}

/// A call that is running.
#[derive(Debug)]
struct Open {
    held: Vec<Held>,
    is_answer: bool,
    day: Date,
    amount: Amount,
}

#[derive(Debug, Default)]
struct Book {
    accounts: HashMap<Key, Account>,
    open: HashMap<u64, Open>,
    next: u64,
}

impl Allowance {
    fn counts_spending(&self) -> bool {
        self.tokens_per_day.is_some()
            || self.money_per_day.is_some()
            || self.money_per_month.is_some()
    }
}

/// Compares counts with a limit.
struct Look<'a> {
    limit: &'a Held,
    now: &'a Zoned,
}

impl Look<'_> {
    fn turns(&self, turns: Option<u64>) -> Result<(), LimitReached> {
        match (self.limit.allowance.turns_per_conversation, turns) {
            (Some(allowed), Some(turns)) if turns > allowed => {
                Err(self.reached(LimitKind::TurnsPerConversation, allowed, None))
            }
            _ => Ok(()),
        }
    }

    fn requests(&self, begun: &VecDeque<i64>) -> Result<(), LimitReached> {
        let Some(allowed) = self.limit.allowance.requests_per_minute else { return Ok(()) };
        let Some(over) = (begun.len() as u64).checked_sub(allowed) else { return Ok(()) };
        // There is room once the oldest of the last `allowed` calls is a minute old.
        let oldest = usize::try_from(over).ok().and_then(|over| begun.get(over));
        let resets = oldest
            .and_then(|begun| Timestamp::from_millisecond(begun + MINUTE_MS).ok())
            .map(|time| time.to_zoned(self.now.time_zone().clone()));
        Err(self.reached(LimitKind::RequestsPerMinute, allowed, resets))
    }

    fn concurrent(&self, running: u64) -> Result<(), LimitReached> {
        match self.limit.allowance.concurrent_answers {
            Some(allowed) if running >= allowed => {
                Err(self.reached(LimitKind::ConcurrentAnswers, allowed, None))
            }
            _ => Ok(()),
        }
    }

    fn spending(
        &self,
        account: &Account,
        is_over: fn(u64, u64) -> bool,
    ) -> Result<(), LimitReached> {
        let (today, month) = (account.today, account.month);
        let allowance = &self.limit.allowance;
        let midnight = |date: Result<Date, jiff::Error>| {
            date.ok()?.to_zoned(self.now.time_zone().clone()).ok()
        };
        let tomorrow = || midnight(self.now.date().tomorrow());
        let next_month = || midnight(self.now.date().last_of_month().tomorrow());
        let over = |allowed: Option<u64>, spent| allowed.filter(|allowed| is_over(spent, *allowed));
        if let Some(allowed) = over(allowance.tokens_per_day, today.tokens) {
            return Err(self.reached(LimitKind::TokensPerDay, allowed, tomorrow()));
        }
        if let Some(allowed) = over(allowance.money_per_day, today.money) {
            return Err(self.reached(LimitKind::MoneyPerDay, allowed, tomorrow()));
        }
        if let Some(allowed) = over(allowance.money_per_month, month.money) {
            return Err(self.reached(LimitKind::MoneyPerMonth, allowed, next_month()));
        }
        Ok(())
    }

    fn reached(&self, kind: LimitKind, allowed: u64, resets: Option<Zoned>) -> LimitReached {
        let seconds = |time: &Zoned| {
            let ms = time.timestamp().as_millisecond() - self.now.timestamp().as_millisecond();
            u64::try_from(ms).unwrap_or_default().div_ceil(1_000)
        };
        LimitReached {
            kind,
            allowed,
            holds_for: self.limit.holds_for.clone(),
            retry_after_s: resets.as_ref().map(seconds),
            resets_at: resets.map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string()),
        }
    }
}
