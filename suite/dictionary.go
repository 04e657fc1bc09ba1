package suite

// Dictionary names a list of deviations: "request headers".
type Dictionary string

// Facets are deviations none of which may decide whether a request is verified.
// They are judged by group testing: a request that must be refused carries a whole
// group of them at once. If nothing is let in, the group is clean; otherwise it is
// divided until the deviation that decides is found. The zero value is none.
//
// A group counts only if the valid request with the same group is accepted.
// Deviations because of which it is not are named and left out (R31). A deviation
// that is alone in its group needs no such control: refusing it is as good as
// serving it.
type Facets struct {
	Of    Dictionary
	After int // leaves out so many of the first deviations
	First int // of the others, only so many; the zero value is all
}
