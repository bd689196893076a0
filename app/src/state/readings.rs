//! Several readings of the same may be under way at once, and come back in another order.

use leptos::prelude::{StoredValue, UpdateValue};

/// The readings of one thing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Readings(StoredValue<Order>);

impl Readings {
    /// Begins one.
    pub(super) fn begin(self) -> u64 {
        self.0.try_update_value(Order::begin).unwrap_or_default()
    }

    /// True unless one that was begun later is shown already: it knew more.
    pub(super) fn show(self, reading: u64) -> bool {
        self.0.try_update_value(|order| order.show(reading)).unwrap_or_default()
    }
}

/// Numbers readings as they begin.
#[derive(Debug, Default)]
struct Order {
    begun: u64,
    shown: u64,
}

impl Order {
    fn begin(&mut self) -> u64 {
        self.begun += 1;
        self.begun
    }

    fn show(&mut self, reading: u64) -> bool {
        let is_news = reading > self.shown;
        self.shown = self.shown.max(reading);
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_later_is_not_replaced_by_what_was_read_before() {
        let mut readings = Order::default();
        let [first, second, third] = std::array::from_fn(|_| readings.begin());
        assert!(readings.show(second));
        assert!(!readings.show(first), "it comes late");
        assert!(readings.show(third));
        assert!(!readings.show(second));
    }
}
