//! Who is there: connections by the address that they come from.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::net::Address;

/// What counts as one address: a network that one household or machine is given as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Household {
    V4(u32),
    /// A /64, in which a machine gives itself as many addresses as it likes.
    V6(u64),
}

impl Household {
    /// Where a peer is at home; nowhere that could be counted if it is on this machine by a Unix socket.
    pub fn of(peer: &Address) -> Option<Household> {
        let Address::Ip(peer) = peer else { return None };
        Some(match peer.ip().to_canonical() {
            IpAddr::V4(ip) => Household::V4(ip.to_bits()),
            IpAddr::V6(ip) => Household::V6((ip.to_bits() >> 64) as u64),
        })
    }
}

/// Connections of each home.
#[derive(Debug, Default)]
pub struct Guests(HashMap<Household, u32>);

impl Guests {
    /// How many there are of this home.
    pub fn of(&self, home: Household) -> u32 {
        self.0.get(&home).copied().unwrap_or(0)
    }

    /// One more has come.
    pub fn came(&mut self, home: Household) {
        *self.0.entry(home).or_default() += 1;
    }

    /// One has gone.
    pub fn went(&mut self, home: Household) {
        if let Some(count) = self.0.get_mut(&home) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&home);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(text: &str) -> Option<Household> {
        Household::of(&Address::parse(text).unwrap())
    }

    #[test]
    fn a_home_is_an_address_or_a_network() {
        assert_eq!(home("192.0.2.1:1"), home("192.0.2.1:2"));
        assert_ne!(home("192.0.2.1:1"), home("192.0.2.2:1"));
        assert_eq!(home("[2001:db8:0:1::1]:1"), home("[2001:db8:0:1:ffff::2]:1"));
        assert_ne!(home("[2001:db8:0:1::1]:1"), home("[2001:db8:0:2::1]:1"));
        // What a listener for both families calls IPv4 is no network of one home.
        assert_eq!(home("[::ffff:192.0.2.1]:1"), home("192.0.2.1:1"));
        assert_ne!(home("[::ffff:192.0.2.1]:1"), home("[::ffff:192.0.2.2]:1"));
        #[cfg(unix)]
        assert_eq!(home("unix:/run/x"), None);
    }

    #[test]
    fn who_has_gone_is_forgotten() {
        let (mut guests, home) = (Guests::default(), Household::V4(1));
        guests.came(home);
        guests.came(home);
        assert_eq!(guests.of(home), 2);
        guests.went(home);
        guests.went(home);
        assert_eq!((guests.of(home), guests.0.len()), (0, 0));
        guests.went(home);
    }
}
