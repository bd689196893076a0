//! How long whoever guesses passwords must wait. A pure state machine: the time is handed in.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// Wrong passwords in a row that cost nothing, since people mistype.
const FREE_FAILURES: u32 = 5;
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Failures are forgotten after this long without another.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60 * 60);
/// How many addresses are remembered. Beyond that the one that was quiet longest is forgotten,
/// which frees nobody: the count of the whole server stays.
const MOST_ADDRESSES: usize = 1024;

/// Counts wrong passwords in a row, for each address and for the whole server. After five of them
/// the waits are 1 s, 2 s, 4 s, and so on up to 60 s.
///
/// An address that has signed in before waits for its own mistakes only. Otherwise anyone who
/// guesses all day, from however many addresses, would keep the owner out.
#[derive(Debug, Default)]
pub struct Throttle {
    whole_server: Failures,
    addresses: HashMap<IpAddr, Address>,
}

#[derive(Debug, Default)]
struct Address {
    failures: Failures,
    signed_in_before: bool,
}

#[derive(Debug, Default, Clone, Copy)]
struct Failures {
    in_a_row: u32,
    last: Option<Instant>,
}

impl Throttle {
    /// Whether a password from this address may be looked at now.
    ///
    /// # Errors
    /// It is too early; the time to wait is given.
    pub fn admit(&self, from: IpAddr, now: Instant) -> Result<(), Duration> {
        let wait = match self.addresses.get(&network(from)) {
            Some(address) if address.signed_in_before => address.failures.wait(now),
            Some(address) => address.failures.wait(now).max(self.whole_server.wait(now)),
            None => self.whole_server.wait(now),
        };
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    /// Counts a wrong password.
    pub fn failed(&mut self, from: IpAddr, now: Instant) {
        let from = network(from);
        if !self.addresses.contains_key(&from) {
            self.make_room();
        }
        let address = self.addresses.entry(from).or_default();
        address.failures.count(now);
        // What the owner mistypes must not lengthen the wait of the owner's other devices.
        if !address.signed_in_before {
            self.whole_server.count(now);
        }
    }

    /// Ends the row of wrong passwords with the right one.
    pub fn succeeded(&mut self, from: IpAddr) {
        self.whole_server = Failures::default();
        let address = Address { failures: Failures::default(), signed_in_before: true };
        self.addresses.insert(network(from), address);
    }

    fn make_room(&mut self) {
        if self.addresses.len() < MOST_ADDRESSES {
            return;
        }
        // Addresses that have signed in go last: forgetting them could keep the owner out.
        let quietest = self
            .addresses
            .iter()
            .min_by_key(|(_, address)| (address.signed_in_before, address.failures.last))
            .map(|(from, _)| *from);
        if let Some(quietest) = quietest {
            self.addresses.remove(&quietest);
        }
    }
}

impl Failures {
    fn count(&mut self, now: Instant) {
        if self.forgotten(now) {
            self.in_a_row = 0;
        }
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.last = Some(now);
    }

    fn wait(&self, now: Instant) -> Duration {
        let Some(last) = self.last else { return Duration::ZERO };
        if self.in_a_row < FREE_FAILURES || self.forgotten(now) {
            return Duration::ZERO;
        }
        let doublings = (self.in_a_row - FREE_FAILURES).min(6);
        let whole = Duration::from_secs(1 << doublings).min(LONGEST_WAIT);
        whole.saturating_sub(now.saturating_duration_since(last))
    }

    fn forgotten(&self, now: Instant) -> bool {
        self.last.is_some_and(|last| now.saturating_duration_since(last) >= FORGOTTEN_AFTER)
    }
}

/// The address to count for. One customer is given a whole /64 network of IPv6 addresses, and
/// IPv4 may come in IPv6's clothes.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn waits_double_after_five_failures_up_to_a_minute() {
        let mut throttle = Throttle::default();
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..14 {
            throttle.failed(ip("192.0.2.1"), now);
            let wait = throttle.admit(ip("192.0.2.1"), now).err().unwrap_or_default();
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(throttle.admit(ip("192.0.2.1"), now), Ok(()));
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn a_wait_shrinks_as_time_passes() {
        let mut throttle = Throttle::default();
        let start = Instant::now();
        (0..6).for_each(|_| throttle.failed(ip("192.0.2.1"), start));
        let later = start + Duration::from_millis(500);
        assert_eq!(throttle.admit(ip("192.0.2.1"), later), Err(Duration::from_millis(1500)));
    }

    #[test]
    fn changing_the_address_does_not_help_a_guesser() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        for host in 1..=5 {
            throttle.failed(IpAddr::from([192, 0, 2, host]), now);
        }
        assert_eq!(throttle.admit(ip("198.51.100.7"), now), Err(SECOND));
    }

    #[test]
    fn an_address_that_signed_in_before_waits_for_itself_only() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        throttle.succeeded(ip("2001:db8::1"));
        (0..50).for_each(|_| throttle.failed(ip("192.0.2.1"), now));
        assert_eq!(throttle.admit(ip("2001:db8::2"), now), Ok(()), "the same /64");
        assert!(throttle.admit(ip("2001:db8:0:1::2"), now).is_err(), "another /64");

        (0..5).for_each(|_| throttle.failed(ip("2001:db8::3"), now));
        assert_eq!(throttle.admit(ip("2001:db8::1"), now), Err(SECOND));
    }

    #[test]
    fn success_and_an_hour_of_silence_start_anew() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        (0..9).for_each(|_| throttle.failed(ip("::ffff:192.0.2.1"), now));
        assert!(throttle.admit(ip("192.0.2.1"), now).is_err());

        let later = now + FORGOTTEN_AFTER;
        assert_eq!(throttle.admit(ip("192.0.2.1"), later), Ok(()));
        throttle.failed(ip("192.0.2.1"), later);
        assert_eq!(throttle.admit(ip("192.0.2.1"), later), Ok(()));

        (0..9).for_each(|_| throttle.failed(ip("192.0.2.1"), later));
        throttle.succeeded(ip("192.0.2.1"));
        assert_eq!(throttle.admit(ip("192.0.2.1"), later), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_the_owner_is_remembered() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        throttle.succeeded(ip("192.0.2.1"));
        for number in 0..5000_u32 {
            throttle.failed(IpAddr::from(number.to_be_bytes()), now);
        }
        assert_eq!(throttle.addresses.len(), MOST_ADDRESSES);
        assert_eq!(throttle.admit(ip("192.0.2.1"), now), Ok(()));
    }
}
