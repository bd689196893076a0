//! Which addresses may become links, and the host that a reader is shown.

/// An address that is allowed to become a link or an image.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) address: &'a str,
    /// What the link really leads to: a host with its port, or a mail address.
    pub(crate) host: &'a str,
    pub(crate) scheme: Scheme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Web,
    Mail,
}

/// Reads an address as strictly as possible, because a browser reads it as leniently as possible.
///
/// Everything that browsers repair in silence (control characters, backslashes, missing slashes, encoded hosts) is
/// refused: the host shown here must be the host that a click opens.
pub(crate) fn target(address: &str) -> Option<Target<'_>> {
    if address.chars().any(|c| c.is_control() || c == '\\' || c == ' ' || is_invisible(c)) {
        return None;
    }
    let (scheme, rest) = address.split_once(':')?;
    if scheme.eq_ignore_ascii_case("mailto") {
        let host = rest.split('?').next().unwrap_or_default();
        return (!host.is_empty()).then_some(Target { address, host, scheme: Scheme::Mail });
    }
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let authority = rest.strip_prefix("//")?.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if host.is_empty() || !host.chars().all(plain) {
        return None;
    }
    Some(Target { address, host, scheme: Scheme::Web })
}

/// Characters that change how an address looks without being seen: bidirectional controls and zero-width ones.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, host: Option<&str>) {
        assert_eq!(target(address).map(|target| target.host), host, "{address:?}");
    }

    #[test]
    fn hosts_are_the_ones_a_browser_would_open() {
        check("https://example.com/a?b#c", Some("example.com"));
        check("HTTP://Example.com:8080", Some("Example.com:8080"));
        check("https://good.example@evil.example/", Some("evil.example"));
        check("http://[::1]:3000/x", Some("[::1]:3000"));
        check("https://例え.jp/", Some("例え.jp"));
        check("mailto:a@example.com?subject=x", Some("a@example.com"));
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
    }
}
