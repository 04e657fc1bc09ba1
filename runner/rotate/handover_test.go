package rotate

import (
	"errors"
	"testing"

	"github.com/countersign-dev/countersign/suite"
)

// started is a drill at stage 0 of the reference.
func started(t *testing.T) *drill {
	t.Helper()
	d := newDrill(embedded(t, nil), short)
	t.Cleanup(d.stopAll)
	if err := d.replace(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	return d
}

// A call of which the last byte is missing has run nowhere; it is completed by
// the process that it went to.
func TestHeldCallsEndWhereTheyBegan(t *testing.T) {
	t.Parallel()
	d := started(t)
	held := d.hold(t.Context())
	if old := d.current(); old.inFlight != 1 || len(d.exchanges) != 0 {
		t.Errorf("%d in flight and %d ended, want 1 and 0", old.inFlight, len(d.exchanges))
	}
	next, err := d.startProcess(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	old := d.current()
	if h := d.takeOver(next, 1); h.InFlight != 1 {
		t.Errorf("%d in flight when the process took over, want 1", h.InFlight)
	}
	select {
	case <-old.idle:
		t.Error("the old process is idle while a call is in flight")
	default:
	}
	held.complete()
	<-old.idle
	if x := d.exchanges[0]; x.process != old || x.Stage != 0 || x.observed.Runs != 1 || old.noResponse != 0 {
		t.Errorf("stage %d: %s", x.Stage, x.observed.Summary())
	}
}

func TestAnIdleProcessIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	d := started(t)
	old := d.current()
	next, err := d.startProcess(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if h := d.takeOver(next, 1); h.InFlight != 0 {
		t.Errorf("%d in flight", h.InFlight)
	}
	<-old.idle
}

// A process that ends while a call to it is held back: the call has no response,
// and is not waited for any longer.
func TestAProcessThatEndsDuringAHandover(t *testing.T) {
	t.Parallel()
	d := started(t)
	held := d.hold(t.Context())
	old := d.current()
	next, err := d.startProcess(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	d.takeOver(next, 1)
	old.session.Stop()
	held.complete()
	<-old.idle
	if old.noResponse != 1 {
		t.Errorf("%d calls without a response, want 1", old.noResponse)
	}
	if x := d.judged(d.exchanges[0]); x.Outcome != outcomeNoResponse || x.Violation == "" {
		t.Errorf("%s: %q", x.Outcome, x.Violation)
	}
}

// Every request names the same host, whichever process serves it.
func TestTheAddressOfTheServiceStays(t *testing.T) {
	t.Parallel()
	d := started(t)
	before := d.current().session.Scene("").Host
	if err := d.replace(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	_, message := d.draw(kindCall)
	d.current().release(true)
	if after := d.current().session.Scene("").Host; after == before {
		t.Fatalf("both processes are at %s", after)
	}
	if got := message.Request.Header[0]; got != (suite.Field{Name: "Host", Value: before}) {
		t.Errorf("%v, want the host %s", got, before)
	}
}

// The error of a stage that does not start wraps its cause.
func TestStageErrors(t *testing.T) {
	t.Parallel()
	cause := errors.New("no port is free")
	err := error(&stageError{Stage: 1, Name: "both deployed", Err: cause})
	if !errors.Is(err, cause) || err.Error() != "stage 1, both deployed: no port is free" {
		t.Errorf("%v", err)
	}
}
