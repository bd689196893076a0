//! What is admitted and what ends, by a clock that the tests hold.

use jiff::{SignedDuration, Zoned, civil, tz, tz::TimeZone};
use protocol::{LimitKind, money::DOLLAR};

use super::*;
use crate::accounts::{PersonId, TokenId};

/// A limiter, and a clock that stands until it is moved.
struct Counters {
    limiter: Arc<Limiter>,
    now: Zoned,
}

const PROGRAM: TokenId = TokenId(7);

impl Counters {
    /// At a quarter to midnight of the last day of a month, eight hours east of Greenwich.
    fn with(rules: Vec<Rule>) -> Self {
        let zone = TimeZone::fixed(tz::offset(8));
        let people = [(PersonId::OWNER, "owner".to_owned()), (PersonId(2), "guest".to_owned())];
        let limiter = Arc::new(Limiter::new(rules, people.into(), zone.clone()));
        let now = civil::date(2026, 11, 30).at(23, 45, 0, 0).to_zoned(zone).unwrap();
        Self { limiter, now }
    }

    fn of(allowance: Allowance) -> Self {
        Self::with(vec![Rule { allowance, ..Rule::default() }])
    }

    fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    fn admit(&self) -> Result<Permit, LimitReached> {
        self.admit_for(Caller::OWNER, "gpt-5")
    }

    fn admit_for(&self, caller: Caller, model: &str) -> Result<Permit, LimitReached> {
        let admission = admission(caller, model, Some(1));
        self.limiter.admit(admission, None, &self.now)
    }

    /// A call that took this much.
    fn spend(&self, tokens: u64, money: u64) {
        let permit = self.admit().unwrap();
        self.progress(&permit, tokens, money).unwrap();
    }

    fn progress(&self, permit: &Permit, tokens: u64, money: u64) -> Result<(), LimitReached> {
        self.limiter.progress(permit.id, Amount { tokens, money }, &self.now)
    }
}

fn admission(caller: Caller, model: &str, turns: Option<u64>) -> Admission<'_> {
    Admission { purpose: Purpose::Chat, caller, provider: "openai", model, turns }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, LimitReached>) -> (LimitKind, Option<u64>) {
    let reached = outcome.unwrap_err();
    (reached.kind, reached.retry_after_s)
}

const QUARTER: u64 = 15 * 60;

#[test]
fn requests_are_counted_over_any_minute() {
    let mut counters =
        Counters::of(Allowance { requests_per_minute: Some(2), ..Allowance::default() });
    counters.admit().unwrap();
    counters.wait(20);
    counters.admit().unwrap();
    counters.wait(39);
    assert_eq!(refused(counters.admit()), (LimitKind::RequestsPerMinute, Some(1)));
    counters.wait(1);
    counters.admit().unwrap();
    assert_eq!(refused(counters.admit()), (LimitKind::RequestsPerMinute, Some(20)));
}

#[test]
fn a_clock_that_is_set_back_blocks_nobody() {
    let mut counters =
        Counters::of(Allowance { requests_per_minute: Some(1), ..Allowance::default() });
    counters.admit().unwrap();
    counters.wait(-3_600);
    counters.admit().unwrap();
    assert_eq!(refused(counters.admit()), (LimitKind::RequestsPerMinute, Some(60)));
}

#[test]
fn a_refused_request_does_not_count() {
    let mut counters =
        Counters::of(Allowance { requests_per_minute: Some(1), ..Allowance::default() });
    counters.admit().unwrap();
    for _ in 0..5 {
        counters.wait(10);
        counters.admit().unwrap_err();
    }
    counters.wait(10);
    counters.admit().unwrap();
}

#[test]
fn answers_are_counted_while_they_are_written() {
    let counters = Counters::of(Allowance { concurrent_answers: Some(2), ..Allowance::default() });
    let first = counters.admit().unwrap();
    let _second = counters.admit().unwrap();
    assert_eq!(refused(counters.admit()), (LimitKind::ConcurrentAnswers, None));
    drop(first);
    let _third = counters.admit().unwrap();
    counters.admit().unwrap_err();
    let title = Admission { purpose: Purpose::Title, ..admission(Caller::OWNER, "gpt-5", None) };
    counters.limiter.admit(title, None, &counters.now).unwrap();
}

#[test]
fn an_answer_that_goes_on_over_a_restart_is_never_refused_and_counts_for_its_own_day() {
    let allowance = Allowance {
        concurrent_answers: Some(1),
        tokens_per_day: Some(100),
        ..Allowance::default()
    };
    let counters = Counters::of(allowance);
    let took_up = |began: &Zoned| {
        let admission = admission(Caller::OWNER, "gpt-5", None);
        let began = began.timestamp().as_millisecond();
        counters.limiter.take_up(admission, began, &counters.now)
    };
    let (first, second) = (took_up(&counters.now), took_up(&counters.now));
    assert_eq!(refused(counters.admit()), (LimitKind::ConcurrentAnswers, None));
    counters.progress(&first, 60, 0).unwrap();
    assert_eq!(refused(counters.progress(&second, 60, 0)).0, LimitKind::TokensPerDay);
    drop((first, second));
    assert_eq!(refused(counters.admit()).0, LimitKind::TokensPerDay);

    let counters = Counters::of(allowance);
    let yesterday = counters.now.checked_sub(SignedDuration::from_hours(24)).unwrap();
    let admission = admission(Caller::OWNER, "gpt-5", None);
    let began = yesterday.timestamp().as_millisecond();
    let permit = counters.limiter.take_up(admission, began, &counters.now);
    counters.progress(&permit, 200, 0).unwrap();
    drop(permit);
    counters.admit().unwrap();
}

#[test]
fn questions_of_a_conversation_are_counted() {
    let counters =
        Counters::of(Allowance { turns_per_conversation: Some(3), ..Allowance::default() });
    let ask = |turns| {
        let admission = admission(Caller::OWNER, "gpt-5", turns);
        counters.limiter.admit(admission, None, &counters.now)
    };
    ask(Some(3)).unwrap();
    ask(None).unwrap();
    assert_eq!(refused(ask(Some(4))), (LimitKind::TurnsPerConversation, None));
}

#[test]
fn tokens_and_money_have_room_again_at_midnight() {
    for allowance in [
        Allowance { tokens_per_day: Some(1_000), ..Allowance::default() },
        Allowance { money_per_day: Some(1_000), ..Allowance::default() },
    ] {
        let mut counters = Counters::of(allowance);
        counters.spend(999, 999);
        counters.spend(1, 1);
        let reached = counters.admit().unwrap_err();
        assert_eq!(reached.retry_after_s, Some(QUARTER));
        assert_eq!(reached.resets_at.as_deref(), Some("2026-12-01 00:00:00"));
        counters.wait(QUARTER as i64 - 1);
        counters.admit().unwrap_err();
        counters.wait(1);
        counters.admit().unwrap();
    }
}

#[test]
fn a_month_is_one_of_the_calendar() {
    let mut counters =
        Counters::of(Allowance { money_per_month: Some(DOLLAR), ..Allowance::default() });
    counters.wait(-24 * 60 * 60);
    counters.spend(0, DOLLAR / 2);
    counters.wait(24 * 60 * 60);
    counters.spend(0, DOLLAR / 2);
    assert_eq!(refused(counters.admit()), (LimitKind::MoneyPerMonth, Some(QUARTER)));
    counters.wait(QUARTER as i64);
    counters.admit().unwrap();
}

#[test]
fn an_answer_ends_when_it_goes_beyond_a_limit_with_others_counted() {
    let counters = Counters::of(Allowance { money_per_day: Some(100), ..Allowance::default() });
    counters.spend(0, 40);
    let (one, two) = (counters.admit().unwrap(), counters.admit().unwrap());
    assert!(one.is_counted());
    counters.progress(&one, 0, 30).unwrap();
    counters.progress(&two, 0, 30).unwrap();
    assert_eq!(refused(counters.progress(&two, 0, 31)).0, LimitKind::MoneyPerDay);
    // What was counted in the end is less, so the other may go on.
    counters.progress(&two, 0, 10).unwrap();
    drop(two);
    counters.progress(&one, 0, 50).unwrap();
    counters.progress(&one, 0, 51).unwrap_err();
}

#[test]
fn a_call_counts_for_the_day_on_which_it_began() {
    let mut counters = Counters::of(Allowance { tokens_per_day: Some(10), ..Allowance::default() });
    let permit = counters.admit().unwrap();
    counters.progress(&permit, 10, 0).unwrap();
    counters.admit().unwrap_err();
    counters.wait(QUARTER as i64);
    counters.admit().unwrap();
    counters.progress(&permit, 100, 0).unwrap();
    drop(permit);
    counters.spend(10, 0);
    counters.admit().unwrap_err();
}

#[test]
fn rules_hold_for_whom_they_name() {
    let allowance = Allowance { concurrent_answers: Some(1), ..Allowance::default() };
    let guest = Caller { person: PersonId(2), token: None };
    let program = Caller { person: PersonId::OWNER, token: Some(PROGRAM) };
    // With a call of the owner's to gpt-5 running: who is refused, and in whose name.
    let check = |rule: Rule, caller: Caller, model: &str, expected: Option<&str>| {
        let counters = Counters::with(vec![Rule { allowance, ..rule.clone() }]);
        let _running = counters.admit_for(Caller::OWNER, "gpt-5").unwrap();
        let refused = counters.admit_for(caller, model).err().map(|reached| reached.holds_for);
        assert_eq!(refused.as_deref(), expected, "{rule:?} {caller:?} {model}");
    };
    let named = |provider: Option<&str>, model: Option<&str>, each| Rule {
        provider: provider.map(str::to_owned),
        model: model.map(str::to_owned),
        each,
        ..Rule::default()
    };
    let all = || named(None, None, Each::All);
    check(all(), guest, "other", Some(""));
    let model = || named(Some("openai"), Some("gpt-5"), Each::All);
    check(model(), guest, "gpt-5", Some("openai · gpt-5"));
    check(model(), guest, "other", None);
    check(named(Some("home"), None, Each::All), guest, "gpt-5", None);
    let person = || named(None, None, Each::Person);
    check(person(), guest, "gpt-5", None);
    check(person(), program, "other", Some("owner"));
    check(named(None, None, Each::Token), program, "gpt-5", None);
}

#[test]
fn every_limit_holds_for_a_person_a_token_a_model_and_a_provider() {
    let none = Allowance::default;
    let kinds = [
        (LimitKind::RequestsPerMinute, Allowance { requests_per_minute: Some(1), ..none() }),
        (LimitKind::TokensPerDay, Allowance { tokens_per_day: Some(5), ..none() }),
        (LimitKind::TurnsPerConversation, Allowance { turns_per_conversation: Some(1), ..none() }),
        (LimitKind::ConcurrentAnswers, Allowance { concurrent_answers: Some(1), ..none() }),
        (LimitKind::MoneyPerDay, Allowance { money_per_day: Some(5), ..none() }),
        (LimitKind::MoneyPerMonth, Allowance { money_per_month: Some(5), ..none() }),
    ];
    let program = |token| Caller { person: PersonId::OWNER, token: Some(TokenId(token)) };
    let guest = Caller { person: PersonId(2), token: Some(TokenId(9)) };
    let call =
        |caller, provider, model| Admission { provider, ..admission(caller, model, Some(1)) };
    let first = call(program(7), "openai", "gpt-5");
    // A rule, a call that is counted with the first, and one that is not.
    let rules = [
        (
            Rule { each: Each::Person, ..Rule::default() },
            call(program(8), "home", "other"),
            call(guest, "openai", "gpt-5"),
        ),
        (
            Rule { each: Each::Token, ..Rule::default() },
            call(program(7), "home", "other"),
            call(program(8), "openai", "gpt-5"),
        ),
        (
            Rule { model: Some("gpt-5".to_owned()), ..Rule::default() },
            call(guest, "home", "gpt-5"),
            call(program(7), "openai", "other"),
        ),
        (
            Rule { provider: Some("openai".to_owned()), ..Rule::default() },
            call(guest, "openai", "other"),
            call(program(7), "home", "gpt-5"),
        ),
    ];
    for (kind, allowance) in kinds {
        for (rule, counted, other) in rules.clone() {
            let counters = Counters::with(vec![Rule { allowance, ..rule.clone() }]);
            let admit = |call| counters.limiter.admit(call, None, &counters.now);
            let running = admit(first).unwrap();
            counters.progress(&running, 5, 5).unwrap();
            let further = Admission { turns: Some(2), ..counted };
            assert_eq!(refused(admit(further)).0, kind, "{rule:?}");
            admit(other).unwrap_or_else(|reached| panic!("{kind:?} {rule:?}: {reached}"));
        }
    }
}

#[test]
fn a_token_has_limits_of_its_own() {
    let counters = Counters::with(Vec::new());
    let own = Allowance { tokens_per_day: Some(10), ..Allowance::default() };
    let admit = |token| {
        let caller = Caller { person: PersonId::OWNER, token: Some(token) };
        let admission = admission(caller, "gpt-5", None);
        counters.limiter.admit(admission, Some(("script".to_owned(), own)), &counters.now)
    };
    let permit = admit(PROGRAM).unwrap();
    assert_eq!(refused(counters.progress(&permit, 11, 0)).0, LimitKind::TokensPerDay);
    drop(permit);
    assert_eq!(admit(PROGRAM).unwrap_err().holds_for, "script");
    admit(TokenId(8)).unwrap();
    counters.admit().unwrap();
}

#[test]
fn counts_are_built_from_the_ledger() {
    let allowance = Allowance {
        tokens_per_day: Some(100),
        money_per_month: Some(50),
        requests_per_minute: Some(2),
        ..Allowance::default()
    };
    let past = |day: &str, tokens, money| PastCalls {
        day: day.to_owned(),
        caller: Caller::OWNER,
        provider: "openai".to_owned(),
        model: "gpt-5".to_owned(),
        tokens,
        money,
    };
    let check = |calls: &[PastCalls], starts: &[i64], expected: Option<LimitKind>| {
        let counters = Counters::of(allowance);
        let start = |seconds: &i64| PastStart {
            started_at: counters.now.timestamp().as_millisecond() - seconds * 1_000,
            caller: Caller::OWNER,
            provider: "openai".to_owned(),
            model: "gpt-5".to_owned(),
        };
        let starts: Vec<_> = starts.iter().map(start).collect();
        counters.limiter.restore(calls, &starts, &counters.now);
        assert_eq!(counters.admit().err().map(|reached| reached.kind), expected);
    };
    check(&[], &[], None);
    check(&[past("2026-11-29", 100, 0), past("2026-11-30", 99, 0)], &[], None);
    check(&[past("2026-11-30", 100, 0)], &[], Some(LimitKind::TokensPerDay));
    check(
        &[past("2026-11-01", 0, 25), past("2026-11-30", 0, 25)],
        &[],
        Some(LimitKind::MoneyPerMonth),
    );
    check(&[past("2026-10-31", 0, 50)], &[], None);
    check(&[], &[70, 30], None);
    check(&[], &[40, 30], Some(LimitKind::RequestsPerMinute));
}

#[test]
fn limits_of_a_token_are_kept_as_they_are_set() {
    let allowance = Allowance { money_per_day: Some(5 * DOLLAR), ..Allowance::default() };
    let json = serde_json::to_string(&allowance).unwrap();
    assert_eq!(json, r#"{"money_per_day":5000000000000}"#);
    assert_eq!(serde_json::from_str::<Allowance>(&json).unwrap(), allowance);
    assert_eq!(serde_json::from_str::<Allowance>("{}").unwrap(), Allowance::default());
}
