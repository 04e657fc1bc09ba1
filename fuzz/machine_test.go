package fuzz_test

import (
	"flag"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestARotationLosesNothingAndLetsNothingIn(t *testing.T) {
	fewer(t)
	rapid.Check(t, right.ARotationLosesNothingAndLetsNothingIn)
}

func FuzzARotationLosesNothingAndLetsNothingIn(f *testing.F) {
	native(f, right.ARotationLosesNothingAndLetsNothingIn)
}

func TestTheClientTriesTheOtherKeyOnceAndOnlyThen(t *testing.T) {
	fewer(t)
	rapid.Check(t, right.TheClientTriesTheOtherKeyOnceAndOnlyThen)
}

func FuzzTheClientTriesTheOtherKeyOnceAndOnlyThen(f *testing.F) {
	native(f, right.TheClientTriesTheOtherKeyOnceAndOnlyThen)
}

// fewer has rapid make a fifth of the checks: each is some thirty requests.
func fewer(t *testing.T) {
	t.Helper()
	checks, err := strconv.Atoi(flag.Lookup("rapid.checks").Value.String())
	if err != nil {
		t.Fatal(err)
	}
	setFlag(t, "rapid.checks", strconv.Itoa(max(checks/5, 1)))
}
