package fuzz_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/fuzz"
)

var right = fuzz.Reference()

func TestASignatureHoldsUntilAnythingChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, right.ASignatureHoldsUntilAnythingChanges)
}

func FuzzASignatureHoldsUntilAnythingChanges(f *testing.F) {
	native(f, right.ASignatureHoldsUntilAnythingChanges)
}

func TestTheHeaderReadsBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, right.TheHeaderReadsBackAsItWasWritten)
}

func FuzzTheHeaderReadsBackAsItWasWritten(f *testing.F) {
	native(f, right.TheHeaderReadsBackAsItWasWritten)
}

func TestCanonicalBytesAgreeWithJCS(t *testing.T) {
	t.Parallel()
	rapid.Check(t, right.CanonicalBytesAgreeWith(jcs.Transform))
}

func FuzzCanonicalBytesAgreeWithJCS(f *testing.F) {
	native(f, right.CanonicalBytesAgreeWith(jcs.Transform))
}

func TestNothingIsAcceptedWithAnEmptyKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, right.NothingIsAcceptedWithAnEmptyKey)
}

func FuzzNothingIsAcceptedWithAnEmptyKey(f *testing.F) {
	native(f, right.NothingIsAcceptedWithAnEmptyKey)
}

func TestVerifyHasOneResultForAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, right.VerifyHasOneResultForAnything)
}

func FuzzVerifyHasOneResultForAnything(f *testing.F) {
	native(f, right.VerifyHasOneResultForAnything)
}

func TestVerifyAllocatesNoMoreThanItIsSent(t *testing.T) {
	// not in parallel: what others allocate would be counted
	rapid.Check(t, right.VerifyAllocatesNoMoreThanItIsSent)
}

func FuzzVerifyAllocatesNoMoreThanItIsSent(f *testing.F) {
	native(f, right.VerifyAllocatesNoMoreThanItIsSent)
}

func TestNothingIsAcceptedThatNeitherKeySigned(t *testing.T) {
	t.Parallel()
	rapid.Check(t, right.NothingIsAcceptedThatNeitherKeySigned)
}

func FuzzNothingIsAcceptedThatNeitherKeySigned(f *testing.F) {
	native(f, right.NothingIsAcceptedThatNeitherKeySigned)
}

func TestTheCanonicalFormIsItsOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, right.TheCanonicalFormIsItsOwn)
}

func FuzzTheCanonicalFormIsItsOwn(f *testing.F) {
	native(f, right.TheCanonicalFormIsItsOwn)
}

func TestTheBearerRevealsNothingOfTheKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, right.TheBearerRevealsNothingOfTheKey)
}

func FuzzTheBearerRevealsNothingOfTheKey(f *testing.F) {
	native(f, right.TheBearerRevealsNothingOfTheKey)
}

func TestTheEnvironmentAloneSelectsTheMode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, right.TheEnvironmentAloneSelectsTheMode)
}

func FuzzTheEnvironmentAloneSelectsTheMode(f *testing.F) {
	native(f, right.TheEnvironmentAloneSelectsTheMode)
}

func TestSignIsTheHMACOfBodyAndTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, right.SignIsTheHMACOfBodyAndTime)
}

func FuzzSignIsTheHMACOfBodyAndTime(f *testing.F) {
	native(f, right.SignIsTheHMACOfBodyAndTime)
}

func TestTheFirstFaultIsTheReason(t *testing.T) {
	t.Parallel()
	rapid.Check(t, right.TheFirstFaultIsTheReason)
}

func FuzzTheFirstFaultIsTheReason(f *testing.F) {
	native(f, right.TheFirstFaultIsTheReason)
}

// native runs a property under Go's own fuzzing engine, from seeds that are
// long enough to draw everything. Add -fuzzminimizetime=1x: making an input
// shorter draws something else, so it only costs time.
func native(f *testing.F, property func(*rapid.T)) {
	for _, seed := range seeds() {
		f.Add(seed)
	}
	f.Fuzz(rapid.MakeFuzz(property))
}

func seeds() (all [][]byte) {
	random := rand.NewChaCha8([32]byte{})
	for range 16 {
		seed := make([]byte, 16<<10)
		_, _ = random.Read(seed) // never fails
		all = append(all, seed)
	}
	return all
}

// A seed that is too short is skipped, and a test that skips all proves nothing.
func TestEverySeedReachesTheEnd(t *testing.T) {
	for name, property := range map[string]func(*rapid.T){
		"signature":    right.ASignatureHoldsUntilAnythingChanges,
		"header":       right.TheHeaderReadsBackAsItWasWritten,
		"canonical":    right.CanonicalBytesAgreeWith(jcs.Transform),
		"empty key":    right.NothingIsAcceptedWithAnEmptyKey,
		"one result":   right.VerifyHasOneResultForAnything,
		"allocation":   right.VerifyAllocatesNoMoreThanItIsSent,
		"neither key":  right.NothingIsAcceptedThatNeitherKeySigned,
		"its own form": right.TheCanonicalFormIsItsOwn,
		"bearer":       right.TheBearerRevealsNothingOfTheKey,
		"rotation":     right.ARotationLosesNothingAndLetsNothingIn,
		"client":       right.TheClientTriesTheOtherKeyOnceAndOnlyThen,
		"sign":         right.SignIsTheHMACOfBodyAndTime,
		"first fault":  right.TheFirstFaultIsTheReason,
		"mode":         right.TheEnvironmentAloneSelectsTheMode,
	} {
		reached := 0
		for _, seed := range seeds() {
			t.Run(name, func(t *testing.T) {
				rapid.MakeFuzz(func(rt *rapid.T) { property(rt); reached++ })(t, seed)
			})
		}
		if reached < len(seeds())/2 {
			t.Errorf("%s: only %d of %d seeds reach the end", name, reached, len(seeds()))
		}
	}
}

// TestMain has rapid check more than its default 100 cases, unless a flag or the
// environment says how many; fewer with the race detector.
func TestMain(m *testing.M) {
	flag.Parse()
	given := os.Getenv("RAPID_CHECKS") != ""
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		checks := "2000"
		if testing.Short() {
			checks = "400"
		}
		_ = flag.Set("rapid.checks", checks) // the flag is rapid's and takes any number
	}
	os.Exit(m.Run())
}
