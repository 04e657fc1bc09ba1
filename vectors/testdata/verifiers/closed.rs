/// Refuses every request.
fn verify(_request: &Request) -> bool {
    false
}
