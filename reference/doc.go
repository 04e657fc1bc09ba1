// Package reference says what is right: how an Inngest SDK signs, verifies and
// answers, written once and plainly.
//
// [Verify] decides whether a request came from Inngest, [Sign] makes such a
// request, [Endpoint] is a whole serve endpoint built on the same parts, and
// [Client] signs in to Inngest's API with a hash of the key.
//
// Clauses are cited as SPEC n (the public SDK specification) and KEYS n (the
// sentences of Inngest's page on signing keys). Where the two leave room, the
// reference follows the specification's letter.
package reference
