//! Address ranges in CIDR notation, version 4 and 6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address range such as `10.0.0.0/8` or `2001:db8::/32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads CIDR notation; an address alone is a range of one. Bits beyond the prefix are not looked at.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not an address range in CIDR notation");
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let base: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if base.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(digits) if digits.starts_with('+') => return Err(wrong()),
            Some(digits) => digits.parse().ok().filter(|length| *length <= longest).ok_or_else(wrong)?,
        };
        Ok(Self { base, prefix })
    }

    /// An IPv4 address and its form in IPv6 (`::ffff:10.1.2.3`) are in each other's ranges; in a wider range of
    /// IPv6, such as `::/0`, only addresses that are written so.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => same_start_v4(base, address, self.prefix),
            (IpAddr::V6(base), IpAddr::V6(address)) => same_start_v6(base, address, self.prefix),
            (IpAddr::V6(base), IpAddr::V4(address)) => {
                self.prefix >= 96 && same_start_v6(base, address.to_ipv6_mapped(), self.prefix)
            }
            (IpAddr::V4(base), IpAddr::V6(address)) => {
                address.to_ipv4_mapped().is_some_and(|address| same_start_v4(base, address, self.prefix))
            }
        }
    }
}

fn same_start_v4(left: Ipv4Addr, right: Ipv4Addr, bits: u8) -> bool {
    let differing = left.to_bits() ^ right.to_bits();
    differing.leading_zeros() >= u32::from(bits)
}

fn same_start_v6(left: Ipv6Addr, right: Ipv6Addr, bits: u8) -> bool {
    let differing = left.to_bits() ^ right.to_bits();
    differing.leading_zeros() >= u32::from(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_its_range_and_not_beside_it() {
        let holds = |net: &str, ip: &str| Network::parse(net).unwrap().contains(ip.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.1.2"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("192.168.1.7/32", "192.168.1.7"));
        assert!(holds("0.0.0.0/0", "8.8.8.8"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(!holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("::/0", "::1") && !holds("::/0", "8.8.8.8"));
        assert!(holds("10.0.0.0/8", "::ffff:10.0.0.1") && !holds("10.0.0.0/8", "::10.0.0.1"));
        assert!(holds("::ffff:10.0.0.0/104", "10.1.2.3") && holds("::ffff:10.0.0.0/104", "::ffff:10.1.2.3"));
        assert!(!holds("0.0.0.0/0", "2001:db8::1"));
        for wrong in ["10.0.0.0/33", "10.0.0.0/+8", "10.0.0/8", "x", "1.2.3.4/", "::/129"] {
            assert!(Network::parse(wrong).is_err(), "{wrong}");
        }
    }
}
