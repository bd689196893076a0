//! The keys of a provider without any provider: which is leased, what it is set aside for, and for
//! how long. The clock stands still and is moved by hand.

use std::collections::HashMap;

use proptest::{collection::vec, prelude::*};
use tokio::time::advance;

use super::{standing::MINUTE, *};
use crate::upstream::provider::tests::provider;

fn key(secret: &str) -> ProviderKey {
    secret.into()
}

fn pool(keys: impl IntoIterator<Item = ProviderKey>) -> Arc<KeyPool> {
    let keys = keys.into_iter().collect();
    KeyPool::new(&Provider { keys, ..provider() }).unwrap()
}

fn two() -> Arc<KeyPool> {
    pool([key("sk-first-key-0001"), key("sk-second-key-0002")])
}

/// The key that is leased now, given back at once.
#[track_caller]
fn next(pool: &Arc<KeyPool>) -> usize {
    pool.lease(&[], false).unwrap().index()
}

/// Why no key is leased now.
#[track_caller]
fn refusal(pool: &Arc<KeyPool>) -> Failure {
    pool.lease(&[], false).unwrap_err().expect("a reason")
}

fn failure(kind: FailureKind, retry_after_s: Option<u64>) -> Failure {
    Failure { retry_after_s, ..Failure::new(kind, "test").with_detail("its words") }
}

fn report(pool: &Arc<KeyPool>, index: usize, kind: FailureKind, retry_after_s: Option<u64>) {
    pool.report(index, Err(&failure(kind, retry_after_s)));
}

#[tokio::test(start_paused = true)]
async fn the_least_loaded_key_is_leased_and_of_equals_the_one_least_recently_used() {
    let pool = two();
    let first = pool.lease(&[], false).unwrap();
    let second = pool.lease(&[], false).unwrap();
    assert_eq!((first.index(), second.index()), (0, 1));
    drop(second);
    assert_eq!([next(&pool), next(&pool)], [1, 1], "the other has a request open");
    drop(first);
    assert_eq!([next(&pool), next(&pool), next(&pool)], [0, 1, 0]);
    assert_eq!(pool.lease(&[0], false).unwrap().index(), 1, "what was tried is passed over");
    assert_eq!(pool.lease(&[0, 1], false).unwrap_err(), None, "nothing is left to say");
}

#[tokio::test(start_paused = true)]
async fn a_key_of_twice_the_weight_serves_twice_as_many() {
    let pool = pool([key("a"), ProviderKey { weight: 2, ..key("b") }]);
    let leases: Vec<Lease> = (0..9).map(|_| pool.lease(&[], false).unwrap()).collect();
    let heavy = leases.iter().filter(|lease| lease.index() == 1).count();
    assert_eq!(heavy, 6);
}

#[tokio::test(start_paused = true)]
async fn a_provider_without_keys_has_one_place_for_requests() {
    let pool = pool([]);
    let lease = pool.lease(&[], false).unwrap();
    assert_eq!((lease.index(), lease.authorization()), (0, None));
    let known = KeyHealth { ending: None, state: KeyState::Healthy, open: 1 };
    assert_eq!(pool.health().keys, [known]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_parked_until_someone_looks() {
    let pool = two();
    report(&pool, 0, FailureKind::Unauthorised, None);
    // Another request that was under way fails less badly, which makes nothing better.
    report(&pool, 0, FailureKind::RateLimited, Some(1));
    advance(Duration::from_secs(365 * 24 * 60 * 60)).await;
    assert_eq!([next(&pool), next(&pool)], [1, 1]);
    report(&pool, 1, FailureKind::Unauthorised, None);
    let refused = refusal(&pool);
    assert_eq!((refused.kind, refused.retry_after_s), (FailureKind::Unauthorised, None));
    let words = "test was not asked, since its 2 keys are set aside; it last said: its words";
    assert_eq!(refused.detail.as_deref(), Some(words));
    assert!(pool.use_again(0) && !pool.use_again(2));
    assert_eq!([next(&pool), next(&pool)], [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_key_rests_for_as_long_as_fits_its_failure() {
    #[track_caller]
    fn resting(pool: &Arc<KeyPool>, expected: Option<u64>) {
        let state = pool.health().keys[0].state;
        let remaining = match state {
            KeyState::Healthy => None,
            KeyState::BackingOff { remaining, .. } => Some(remaining),
            KeyState::Parked { remaining, .. } => remaining,
        };
        assert_eq!(remaining.map(|it| it.as_secs()), expected, "{state:?}");
    }
    let hours = 6 * 60 * 60;
    for (kind, retry_after_s, expected) in [
        (FailureKind::RateLimited, Some(20), Some(20)),
        (FailureKind::RateLimited, None, Some(5)),
        (FailureKind::RateLimited, Some(0), None),
        (FailureKind::RateLimited, Some(1_000_000_000), Some(24 * 60 * 60)),
        (FailureKind::UpstreamError, Some(7), Some(7)),
        (FailureKind::UpstreamError, None, None),
        (FailureKind::OutOfQuota, None, Some(hours)),
        (FailureKind::OutOfQuota, Some(1), Some(hours)),
        (FailureKind::CutOff, None, None),
        (FailureKind::TimedOut, None, None),
        (FailureKind::Refused, Some(9), None),
        (FailureKind::ModelNotFound, None, None),
    ] {
        let pool = pool([key("a")]);
        report(&pool, 0, kind, retry_after_s);
        resting(&pool, expected);
        let Some(expected) = expected else { continue };
        advance(Duration::from_secs(expected) - Duration::from_millis(1)).await;
        let refused = refusal(&pool);
        assert_eq!((refused.kind, refused.retry_after_s), (kind, Some(1)));
        assert!(pool.lease(&[], true).is_err(), "insisting does not help");
        advance(Duration::from_millis(1)).await;
        assert_eq!(next(&pool), 0, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_cannot_be_reached_is_passed_over_for_longer_each_time() {
    let pool = two();
    for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
        report(&pool, 0, FailureKind::Unreachable, None);
        // Its other requests of that moment fail as well, and that is one trouble.
        report(&pool, 1, FailureKind::Unreachable, None);
        let refused = refusal(&pool);
        assert_eq!(
            (refused.kind, refused.retry_after_s),
            (FailureKind::Unreachable, Some(expected))
        );
        assert_eq!(pool.health().unreachable_for, Some(Duration::from_secs(expected)));
        assert!(pool.lease(&[], true).is_ok(), "who has nobody else insists");
        advance(Duration::from_secs(expected)).await;
    }
    pool.report(0, Ok(()));
    report(&pool, 0, FailureKind::Unreachable, None);
    assert_eq!(refusal(&pool).retry_after_s, Some(1), "an answer ends the trouble");
    pool.use_again(0);
    assert_eq!(pool.health().unreachable_for, None);
}

#[tokio::test(start_paused = true)]
async fn a_keys_own_limits_are_kept() {
    let pool =
        pool([ProviderKey { max_concurrent: Some(2), requests_per_minute: Some(3), ..key("a") }]);
    let held = [pool.lease(&[], false).unwrap(), pool.lease(&[], false).unwrap()];
    let refused = refusal(&pool);
    assert_eq!((refused.kind, refused.retry_after_s), (FailureKind::RateLimited, None));
    drop(held);
    advance(Duration::from_secs(20)).await;
    assert_eq!(next(&pool), 0);
    assert_eq!(refusal(&pool).retry_after_s, Some(40), "the first two were 20 s ago");
    assert_eq!(pool.uncounted(0).index(), 0, "lists of models are not counted");
    advance(Duration::from_secs(40)).await;
    assert_eq!([next(&pool), next(&pool)], [0, 0]);
    assert_eq!(refusal(&pool).retry_after_s, Some(20));
}

#[test]
fn only_the_end_of_a_long_key_is_shown() {
    let pool = pool([key("sk-a-secret-wxyz"), key("short-key")]);
    let shown = format!("{pool:?} {:?} {:?}", pool.health(), key("sk-a-secret-wxyz"));
    assert!(shown.contains("\"wxyz\""), "{shown}");
    for secret in ["sk-a", "secret-wxyz", "short", "key\""] {
        assert!(!shown.contains(secret), "{secret:?} is in {shown}");
    }
}

/// What happens to a pool, in any order.
#[derive(Debug, Clone)]
enum Step {
    Lease { tried: Vec<usize>, insists: bool },
    GiveBack(usize),
    Report(usize, FailureKind, Option<u64>),
    Answered(usize),
    UseAgain(usize),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        Just(FailureKind::Unauthorised),
        Just(FailureKind::Forbidden),
        Just(FailureKind::OutOfQuota),
        Just(FailureKind::RateLimited),
        Just(FailureKind::Unreachable),
        Just(FailureKind::UpstreamError),
    ];
    prop_oneof![
        8 => (vec(0..KEYS, 0..2), any::<bool>())
            .prop_map(|(tried, insists)| Step::Lease { tried, insists }),
        5 => any::<prop::sample::Index>().prop_map(|index| Step::GiveBack(index.index(1_000))),
        1 => (0..KEYS, kind, prop::option::of(0..100_u64))
            .prop_map(|(index, kind, after)| Step::Report(index, kind, after)),
        1 => (0..KEYS).prop_map(Step::Answered),
        1 => (0..KEYS).prop_map(Step::UseAgain),
        3 => (0..30_000_u64).prop_map(Step::Wait),
    ]
}

const KEYS: usize = 3;
const AT_ONCE: usize = 2;
const PER_MINUTE: usize = 4;

proptest! {
    #[test]
    fn leases_keep_to_the_limits_and_always_come_back(steps in vec(step(), 1..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let limited = |index| ProviderKey {
                weight: index + 1,
                max_concurrent: Some(AT_ONCE as u32),
                requests_per_minute: Some(PER_MINUTE as u32),
                ..key("a-long-secret-key")
            };
            let pool = pool((0..KEYS as u32).map(limited));
            let mut open: Vec<Lease> = Vec::new();
            let mut begun: HashMap<usize, Vec<Instant>> = HashMap::new();
            let mut parked = [false; KEYS];
            for step in steps {
                match step {
                    Step::Lease { tried, insists } => {
                        if let Ok(lease) = pool.lease(&tried, insists) {
                            let index = lease.index();
                            prop_assert!(!tried.contains(&index), "it was tried");
                            prop_assert!(!parked[index], "it is parked");
                            open.push(lease);
                            begun.entry(index).or_default().push(Instant::now());
                        }
                    }
                    Step::GiveBack(index) if !open.is_empty() => {
                        let index = index % open.len();
                        open.swap_remove(index);
                    }
                    Step::GiveBack(_) => {}
                    Step::Report(index, kind, after) => {
                        report(&pool, index, kind, after);
                        parked[index] |= kind == FailureKind::Unauthorised;
                    }
                    Step::Answered(index) => pool.report(index, Ok(())),
                    Step::UseAgain(index) => {
                        pool.use_again(index);
                        parked[index] = false;
                    }
                    Step::Wait(ms) => advance(Duration::from_millis(ms)).await,
                }
                for (index, known) in pool.health().keys.iter().enumerate() {
                    let held = open.iter().filter(|lease| lease.index() == index).count();
                    prop_assert_eq!(known.open as usize, held);
                    prop_assert!(held <= AT_ONCE);
                    let recent = begun.get(&index).into_iter().flatten();
                    let recent = recent.filter(|began| began.elapsed() < MINUTE).count();
                    prop_assert!(recent <= PER_MINUTE, "{recent} within a minute");
                }
            }
            open.clear();
            prop_assert!(pool.health().keys.iter().all(|known| known.open == 0));
            prop_assert!((0..KEYS).all(|index| pool.use_again(index)));
            advance(MINUTE).await;
            prop_assert!(pool.lease(&[], false).is_ok(), "none is lost for good");
            Ok(())
        })?;
    }
}
