// Package gallerytest judges the endpoints of package gallery in every way that
// there is: in this process, attached to over loopback, as processes that the runner
// starts, and by fuzzing. It has nothing but tests. None may have a finding.
//
// `make gallery` judges all of them and prints a table; the ordinary tests judge a
// twelfth. GALLERY=NAME,NAME judges some endpoints, and COLUMNS=NAME,NAME in some
// ways. COUNTERSIGN_BEFORE is the path of another version's command, which then
// judges them, too: what it accuses of is counted, and fails nothing.
package gallerytest
