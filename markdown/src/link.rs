//! Which addresses may become links, and the host that a reader is shown.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An address that is allowed to become a link or an image.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    /// As it was written, but for the host, which is as in `host`.
    pub(crate) address: Cow<'a, str>,
    /// What the link really leads to: a host with its port, or a mail address. A host beyond ASCII is in its encoded
    /// form (`xn--…`), since letters of other scripts look like those of well-known hosts.
    pub(crate) host: Cow<'a, str>,
    pub(crate) scheme: Scheme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Web,
    Mail,
}

/// Reads an address as strictly as possible, because a browser reads it as leniently as possible.
///
/// Everything that browsers repair in silence (control characters, backslashes, missing slashes, numbers written as
/// octal or hexadecimal, encoded hosts) is refused: the host shown here must be the host that a click opens.
pub(crate) fn target(address: &str) -> Option<Target<'_>> {
    if address.chars().any(|c| c.is_control() || c == '\\' || c == ' ' || is_invisible(c)) {
        return None;
    }
    let (scheme, rest) = address.split_once(':')?;
    if scheme.eq_ignore_ascii_case("mailto") {
        let receivers = rest.split('?').next().unwrap_or_default();
        let is_mail = receivers.contains('@') && !receivers.starts_with('/');
        let (address, host) = (Cow::Borrowed(address), Cow::Borrowed(receivers));
        return is_mail.then_some(Target { address, host, scheme: Scheme::Mail });
    }
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let rest = rest.strip_prefix("//")?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host_at = authority.rfind('@').map_or(0, |at| at + 1);
    let host = &authority[host_at..];
    let name_end = match host.starts_with('[') {
        true => host.find(']')? + 1,
        false => host.find(':').unwrap_or(host.len()),
    };
    let (name, port) = host.split_at(name_end);
    if !port.is_empty() {
        // A sign would pass as part of a number.
        let digits = port.strip_prefix(':').filter(|port| port.bytes().all(|b| b.is_ascii_digit()));
        digits?.parse::<u16>().ok()?;
    }
    let (address, host) = match host_name(name)? {
        Cow::Borrowed(_) => (Cow::Borrowed(address), Cow::Borrowed(host)),
        Cow::Owned(name) => {
            let start = address.len() - rest.len() + host_at;
            let (before, after) = (&address[..start], &address[start + name_end..]);
            (Cow::Owned([before, &name, after].concat()), Cow::Owned([&name, port].concat()))
        }
    };
    Some(Target { address, host, scheme: Scheme::Web })
}

/// The name of a host as a browser opens it.
///
/// Names beyond ASCII are encoded here, without the tables of what browsers replace in them: a browser opens an
/// encoded name as it is, or, if it holds something that would have been replaced, not at all.
fn host_name(name: &str) -> Option<Cow<'_, str>> {
    if let Some(number) = name.strip_prefix('[') {
        number.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?;
        return Some(Cow::Borrowed(name));
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    let last = name.strip_suffix('.').unwrap_or(name).rsplit('.').next().unwrap_or_default();
    let is_number = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || last.starts_with("0x") || last.starts_with("0X") {
        name.parse::<Ipv4Addr>().ok()?;
    }
    if name.is_ascii() {
        return Some(Cow::Borrowed(name));
    }
    let encoded = name.split('.').map(|label| match label.is_ascii() {
        true => Some(label.to_owned()),
        false => Some(format!("xn--{}", idna::punycode::encode_str(&label.to_lowercase())?)),
    });
    Some(Cow::Owned(encoded.collect::<Option<Vec<_>>>()?.join(".")))
}

/// Characters that change how text looks without being seen: bidirectional controls and zero-width ones.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, host: Option<&str>) {
        let target = target(address);
        assert_eq!(target.as_ref().map(|target| &*target.host), host, "{address:?}");
    }

    #[test]
    fn hosts_are_the_ones_a_browser_would_open() {
        check("https://example.com/a?b#c", Some("example.com"));
        check("HTTP://Example.com:8080", Some("Example.com:8080"));
        check("https://good.example@evil.example/", Some("evil.example"));
        check("http://[::1]:3000/x", Some("[::1]:3000"));
        check("http://127.0.0.1:3000/x", Some("127.0.0.1:3000"));
        check("mailto:a@example.com?subject=x", Some("a@example.com"));
    }

    #[test]
    fn hosts_beyond_ascii_are_opened_and_shown_encoded() {
        for (address, opened) in [
            ("https://例え.jp/漢字?字", "https://xn--r8jz45g.jp/漢字?字"),
            ("https://аррӏе.com", "https://xn--80ak6aa92e.com"),
            ("http://a:b@Bücher.Example:80#x", "http://a:b@xn--bcher-kva.Example:80#x"),
        ] {
            assert_eq!(
                target(address).map(|target| target.address.into_owned()),
                Some(opened.to_owned())
            );
        }
        check("http://a:b@Bücher.example:80#x", Some("xn--bcher-kva.example:80"));
    }

    #[test]
    fn everything_else_is_refused() {
        check("javascript:alert(1)", None);
        check("JaVaScRiPt:alert(1)", None);
        check("java\nscript:alert(1)", None);
        check("data:text/html,x", None);
        check("vbscript:x", None);
        check("/relative", None);
        check("#fragment", None);
        check("//example.com", None);
        check("https:example.com", None);
        check("https:/example.com", None);
        check("https:///example.com", None);
        check("https://", None);
        check("https://good.example\\@evil.example/", None);
        check("https://%65vil.example/", None);
        check("https://evil\u{202e}.example/", None);
        check(" https://example.com", None);
        check("http://0x7f.1/", None);
        check("http://2130706433/", None);
        check("http://127.0.0.01/", None);
        check("http://evil.1/", None);
        check("http://[evil]/", None);
        check("http://example.com:99999/", None);
        check("http://example.com:+80/", None);
        check("http://example.com:", None);
        check("http://[::1]é", None);
        check("http://[::1]80", None);
        check("mailto://example.com", None);
        check("mailto:?to=a@example.com", None);
    }
}
