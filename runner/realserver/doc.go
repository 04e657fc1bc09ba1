// Package realserver tests the reference and an SDK against Inngest's own open-source
// server, where its binary can be had: COUNTERSIGN_INNGEST names it. It has nothing
// but tests. They start the server, let it sync and call the app through a recorder,
// rotate the signing key while the app runs, and verify every recorded signature with
// reference.Verify. Without the binary they run against a small stand-in, which shows
// that the test notices a server that signs wrongly.
package realserver
