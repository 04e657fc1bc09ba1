# The verifier of the Python SDK, which reads time.time().
def verify(*, method, target, headers, body, primary, fallback, now):
    from inngest._internal import net, server_lib

    result = net.validate_request_sig(
        body=body, headers=net.normalize_headers(dict(headers)), mode=server_lib.ServerKind.CLOUD,
        signing_key=primary, signing_key_fallback=fallback,
    )
    return not isinstance(result, Exception)
