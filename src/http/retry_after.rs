//! How long a response asks us to wait (RFC 9110 §10.2.3).

use super::headers::Headers;

/// Retry-After in milliseconds, if it is there once and is a number of seconds. The other form, a date, would take a
/// clock. More than C's signed milliseconds can hold is as much as they can hold.
pub fn retry_after_ms(headers: &Headers) -> Option<u64> {
    let value = headers.one("Retry-After").ok().flatten()?;
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let seconds = std::str::from_utf8(value).ok()?.parse::<u64>().unwrap_or(u64::MAX);
    Some(seconds.saturating_mul(1000).min(i64::MAX as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_only_and_once() {
        let of = |values: &[&str]| {
            let mut headers = Headers::default();
            values.iter().for_each(|value| headers.add("retry-after", value));
            retry_after_ms(&headers)
        };
        assert_eq!(of(&["0"]), Some(0));
        assert_eq!(of(&["120"]), Some(120_000));
        assert_eq!(of(&["99999999999999999999"]), Some(i64::MAX as u64));
        for values in [&[][..], &[""], &["-1"], &["1.5"], &["Fri, 31 Dec 1999 23:59:59 GMT"], &["1", "1"]] {
            assert_eq!(of(values), None, "{values:?}");
        }
    }
}
