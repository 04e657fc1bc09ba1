// Package sweep runs cases against many versions of one target and finds the
// first version that passes each case.
//
// [Run] finds the versions, judges them one after the other (all, or as few as a
// bisection needs) and draws the conclusions; [Text] and [Formats] write them.
package sweep
