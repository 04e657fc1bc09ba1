/// A verifier of the body as received and of its canonical form. serde_json writes
/// members in the order of their bytes, and numbers not as RFC 8785 does; no vector
/// depends on either.
fn verify(request: &Request) -> bool {
    use hmac::{Hmac, Mac};

    let values: Vec<_> = request.headers.iter().filter(|h| h.0.eq_ignore_ascii_case("x-inngest-signature")).map(|h| h.1).collect();
    let [value] = values[..] else { return false };
    let Some((t, s)) = parse_header(value) else { return false };
    let Ok(at) = t.parse::<i64>() else { return false };
    if request.now - at > 300 || at - request.now > 60 {
        return false;
    }
    let canonical = serde_json::from_slice::<Value>(&request.body).ok().map(|v| v.to_string().into_bytes());
    [request.primary, request.fallback].into_iter().flatten().filter_map(secret).any(|key| {
        [Some(request.body.clone()), canonical.clone()].into_iter().flatten().any(|message| {
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).expect("a key of any length");
            mac.update(&message);
            mac.update(t.as_bytes());
            mac.verify_slice(&s).is_ok()
        })
    })
}

fn parse_header(value: &str) -> Option<(&str, Vec<u8>)> {
    let (first, second) = value.split_once('&')?;
    let (t, s) = if first.starts_with("t=") { (first, second) } else { (second, first) };
    let (t, s) = (t.strip_prefix("t=")?, s.strip_prefix("s=")?);
    let decimal = !t.is_empty() && t.len() <= 12 && t.bytes().all(|b| b.is_ascii_digit()) && (t == "0" || !t.starts_with('0'));
    let hex = s.len() == 64 && s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    (decimal && hex).then(|| (t, (0..32).filter_map(|i| u8::from_str_radix(&s[2 * i..2 * i + 2], 16).ok()).collect()))
}

/// The part of a key after its prefix, where it is hexadecimal.
fn secret(key: &str) -> Option<&str> {
    let key = key.trim();
    let rest = key.strip_prefix("signkey-").and_then(|k| k.split_once('-')).filter(|(env, _)| !env.is_empty() && env.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric()));
    let secret = rest.map_or(key, |(_, secret)| secret);
    (!secret.is_empty() && secret.len() % 2 == 0 && secret.bytes().all(|b| b.is_ascii_hexdigit())).then_some(secret)
}
