//! Where calls come from, coarsely enough that a neighbour is the same place.

use std::net::IpAddr;

/// The network of a source address: `a.b.c.0/24`, the first three groups of an IPv6 address as `/48`, or the text
/// itself where it is no address (a service such as `lambda.amazonaws.com`).
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
        Err(_) => address.chars().take(80).collect(),
    }
}

/// Whether a network is an AWS service or AWS itself calling, rather than a place somebody sits at.
pub fn is_service(network: &str) -> bool {
    network.ends_with(".amazonaws.com") || network.starts_with("AWS Internal") || network.is_empty()
}

/// Whether a network is private (RFC 1918, RFC 6598, RFC 4193): calls through a VPC endpoint name such addresses.
pub fn is_private(network: &str) -> bool {
    match network.split('/').next().unwrap_or_default().parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => {
            v4.is_private() || v4.is_loopback() || (v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64)
        }
        Ok(IpAddr::V6(v6)) => v6.is_unique_local(),
        Err(_) => false,
    }
}

/// The family of a user agent: what it is without its version, so that an upgrade is no new agent, but with the
/// operating system, since a tool on another system is another machine.
///
/// `Boto3/1.42.73 md/Botocore#1.42.73 ua/2.1 os/linux#6.17.10+kali-amd64` → `Boto3 linux kali`.
pub fn agent_family(agent: &str) -> String {
    let agent = agent.trim_start_matches('[').trim_end_matches(']');
    let product: String =
        agent.split(['/', ' ', ',', '_']).next().unwrap_or_default().chars().take(40).collect();
    let lower = agent.to_ascii_lowercase();
    let marks = [
        "kali",
        "parrot",
        "windows",
        "darwin",
        "macos",
        "mac os",
        "linux",
        "lambda",
        "exec-env",
        "terraform",
    ];
    marks.iter().filter(|mark| lower.contains(**mark)).fold(product, |mut family, mark| {
        family.push(' ');
        family.push_str(mark);
        family
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_network_and_services_are_their_own() {
        assert_eq!(network("10.1.2.3"), network("10.1.2.250"));
        assert_ne!(network("10.1.2.3"), network("10.1.3.3"));
        assert_eq!(network("2001:db8:1:2::3"), "2001:db8:1::/48");
        assert!(is_service(&network("lambda.amazonaws.com")));
        assert!(
            is_private(&network("10.1.2.3"))
                && is_private(&network("100.64.0.1"))
                && !is_private(&network("8.8.8.8"))
        );
    }

    #[test]
    fn an_upgrade_is_the_same_family_and_another_system_is_not() {
        let family = |agent| agent_family(agent);
        assert_eq!(family("Boto3/1.42.73 os/linux#5.1"), family("Boto3/1.43.0 os/linux#6.2"));
        assert_ne!(family("Boto3/1.42.73 os/linux#5.1"), family("Boto3/1.42.73 os/linux#6.17.10+kali-amd64"));
    }
}
