//! Random documents, randomly split: the page equals the one-shot rendering after every piece.

#[path = "support/exactness.rs"]
mod exactness;
#[path = "support/generate.rs"]
mod generate;
#[path = "support/page.rs"]
mod page;
#[path = "support/pieces.rs"]
mod pieces;

use proptest::prelude::*;
use proptest::sample::select;

fn document() -> impl Strategy<Value = Vec<&'static str>> {
    select(generate::kinds()).prop_flat_map(|pieces| prop::collection::vec(select(pieces), 1..50))
}

fn check(source: &str, cuts: &[usize]) -> Result<(), TestCaseError> {
    exactness::check(pieces::in_pieces_of_sizes(source, cuts), |_| true)
        .map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_in_any_order(pieces in document(), cuts in prop::collection::vec(1usize..12, 1..6)) {
        check(&pieces.concat(), &cuts)?;
    }
}
