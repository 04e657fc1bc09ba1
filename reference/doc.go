// Package reference implements the protocol between Inngest and an SDK: how
// requests are signed and verified, and how an SDK's serve endpoint responds.
//
// [Verify] decides whether Inngest signed a request, [Sign] signs one,
// [Endpoint] is a complete serve endpoint, and [Client] authenticates to
// Inngest's API with a hash of the signing key.
//
// Comments cite the public SDK specification as SPEC n and the sentences of
// Inngest's documentation on signing keys as KEYS n. Where the two are
// ambiguous, the reference follows the specification to the letter.
package reference
