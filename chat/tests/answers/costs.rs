//! What one more event costs on its way to a program, counted rather than timed.

use tokio::runtime::{Builder, Runtime};

use super::*;

/// A runtime whose tasks all run on the thread that waits for it.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// What one more costs, where so many have a cost together.
fn for_each(more: u64, cost: impl Fn(u64) -> u64) -> f64 {
    // What happens once only has happened before it counts.
    cost(more);
    let (few, many) = (cost(more), cost(2 * more));
    many.saturating_sub(few) as f64 / more as f64
}

/// One delta after the other, each of which comes alone.
fn deltas(count: u64) -> Script {
    (0..count).fold(Script::new(), |script, _| script.delta("word ").pause(1)).end()
}

/// Two were measured, for the fields and the list in which the meter finds what is said.
const ALLOCATIONS_PER_EVENT: f64 = 3.0;

#[test]
fn an_event_that_is_passed_on_costs_few_allocations() {
    // The upstream has a thread of its own, so what it allocates does not count.
    let elsewhere = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let scripted = elsewhere.block_on(Scripted::start());
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let chat = runtime.block_on(open_chat(folder.path(), &scripted, |_| {}));
    let house = House { chat, scripted, folder, change: |_| {} };
    let each = for_each(200, |count| {
        let mut body = runtime.block_on(house.relay(deltas(count)));
        let reading = || {
            let (passed, whole) = runtime.block_on(relaying::read_all(&mut body));
            assert!(whole && passed.len() as u64 > 50 * count);
        };
        allocation_counter::measure(reading).count_total
    });
    assert!(0.0 < each && each <= ALLOCATIONS_PER_EVENT, "{each}");
}
