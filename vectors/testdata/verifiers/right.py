# A verifier of the body as received and of its canonical form, with the modules of
# vectors/consumers/python.
def verify(*, method, target, headers, body, primary, fallback, now):
    import hmac
    from protocol import held, mac, messages_of, parse_header

    t, s, rule = parse_header([value for name, value in headers if name.lower() == "x-inngest-signature"])
    if rule is not None or not -60 <= now - int(t) <= 300:
        return False
    keys = held({"primary": primary, "fallback": fallback})
    return any(hmac.compare_digest(mac(key[1], message + t.encode()), s) for key in keys.values() for message in messages_of(body))
