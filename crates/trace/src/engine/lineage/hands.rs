//! In whose hands a credential is, call by call.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use foldhash::fast::RandomState;

use crate::event::Event;

/// Addresses: one, a block of them, or the name of a service that stands where an address would.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Network {
    /// An address block; a single address has all bits.
    Block(IpAddr, u8),
    /// Anything else, to the letter: `cloudformation.amazonaws.com`.
    Named(String),
}

impl Network {
    /// Reads `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/48`; anything else is a name.
    pub fn new(text: &str) -> Self {
        let (address, bits) = text.split_once('/').unwrap_or((text, ""));
        let Ok(address) = address.parse::<IpAddr>() else {
            return Self::Named(text.to_owned());
        };
        let all = if address.is_ipv4() { 32 } else { 128 };
        match bits.parse::<u8>() {
            Ok(bits) if bits <= all => Self::Block(address, bits),
            Err(_) if bits.is_empty() => Self::Block(address, all),
            _ => Self::Named(text.to_owned()),
        }
    }

    /// Whether an address, as an event has it, is one of these.
    pub fn contains(&self, address: &str) -> bool {
        match self {
            Self::Named(name) => name == address,
            Self::Block(block, bits) => address
                .parse::<IpAddr>()
                .is_ok_and(|address| block_of(address, *bits) == block_of(*block, *bits)),
        }
    }
}

/// The first address of the block of so many bits around an address.
fn block_of(address: IpAddr, bits: u8) -> IpAddr {
    let bits = u32::from(bits);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(bits)).unwrap_or(0);
            Ipv4Addr::from_bits(v4.to_bits() & mask).into()
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(bits)).unwrap_or(0);
            Ipv6Addr::from_bits(v6.to_bits() & mask).into()
        }
    }
}

/// One way in which the legitimate owner works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habit {
    /// From where.
    pub network: Network,
    /// With which program, by its name without version (`aws-cli`, `Boto3`); `None` for any.
    pub agent: Option<String>,
}

/// How the legitimate owner of a credential works, who goes on using it beside the thief.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnerHabits {
    /// The programs used from each network. Every call is asked for, and an owner may come from very many networks.
    programs: HashMap<Network, Vec<Option<String>>, RandomState>,
    /// The sizes that blocks have.
    sizes: BTreeSet<u8>,
}

impl OwnerHabits {
    /// Whether nothing is known of the owner.
    pub fn is_empty(&self) -> bool {
        self.programs.is_empty()
    }

    /// Whether a call from this address with this user agent looks like the owner's.
    pub fn is_owner(&self, address: &str, agent: &str) -> bool {
        let fits = |network: &Network| {
            let programs = self.programs.get(network).into_iter().flatten();
            programs.into_iter().any(|known| known.as_deref().is_none_or(|known| known == program(agent)))
        };
        match address.parse::<IpAddr>() {
            Ok(address) => {
                self.sizes.iter().any(|&bits| fits(&Network::Block(block_of(address, bits), bits)))
            }
            Err(_) => fits(&Network::Named(address.to_owned())),
        }
    }
}

impl FromIterator<Habit> for OwnerHabits {
    fn from_iter<I: IntoIterator<Item = Habit>>(habits: I) -> Self {
        let mut owner = Self::default();
        for Habit { network, agent } in habits {
            let network = match network {
                Network::Block(address, bits) => {
                    owner.sizes.insert(bits);
                    Network::Block(block_of(address, bits), bits)
                }
                named @ Network::Named(_) => named,
            };
            owner.programs.entry(network).or_default().push(agent);
        }
        owner
    }
}

/// The name of the program in a user agent, without version and without the brackets that older events have.
pub fn program(agent: &str) -> &str {
    let agent = agent.trim_start_matches('[');
    agent.split(['/', ' ', ',', ']', ';']).next().unwrap_or(agent)
}

/// Which uses of a fallen credential count as the intruder's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hands {
    /// All of them.
    Intruder,
    /// All but those that look like the owner's.
    Shared(OwnerHabits),
    /// Only those from these addresses.
    From(Vec<Network>),
}

impl Hands {
    /// Whether an event is the intruder's, if the credential had fallen by then.
    pub fn count(&self, event: &Event<'_>) -> bool {
        self.count_from(&event.wire.address, &event.wire.agent)
    }

    /// The same by address and user agent alone.
    pub fn count_from(&self, address: &str, agent: &str) -> bool {
        match self {
            Self::Intruder => true,
            Self::Shared(owner) => !owner.is_owner(address, agent),
            Self::From(networks) => networks.iter().any(|network| network.contains(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_both_families_and_names_contain_their_addresses() {
        for (network, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.77", "192.0.3.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("lambda.amazonaws.com", "lambda.amazonaws.com", "1.1.1.1"),
        ] {
            let network = Network::new(network);
            assert!(network.contains(inside) && !network.contains(outside), "{network:?}");
        }
        assert_eq!(Network::new("1.2.3.4/99"), Network::Named("1.2.3.4/99".into()));
    }

    #[test]
    fn a_call_is_the_owners_only_if_address_and_program_fit() {
        let habit = Habit { network: Network::new("192.0.2.0/24"), agent: Some("Boto3".into()) };
        let hands = Hands::Shared([habit].into_iter().collect());
        assert!(!hands.count_from("192.0.2.1", "Boto3/1.34 md/Botocore"));
        assert!(hands.count_from("192.0.2.1", "[aws-cli/2.15]"));
        assert!(hands.count_from("198.51.100.1", "Boto3/1.34"));
    }
}
