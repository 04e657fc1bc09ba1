package suite

import (
	"strings"
	"testing"
	"time"
)

func answeredWith(kind Kind, status, runs int) *Observation {
	return &Observation{Kind: kind, Response: Response{Status: status}, Runs: runs, Beacon: true, Nonce: "N"}
}

func honest() *Observation { return answeredWith(KindCall, 200, 1) }
func denied() *Observation { return answeredWith(KindCall, 401, 0) }

func TestVerdicts(t *testing.T) {
	reasoned := denied()
	reasoned.Response.Reason = "Wrong key, not " + secretToken(Primary)
	silent := &Observation{Kind: KindCall, NoResponse: "broke off", Beacon: true}
	dead := &Observation{Kind: KindCall, NoResponse: "broke off", Died: "exit status 1", Beacon: true}
	threw := answeredWith(KindCall, handlerThrew, 0)
	slow := denied()
	slow.Took = time.Minute
	leaking := denied()
	leaking.Response.Body = []byte("the key is " + secretToken(Primary))
	negative := Case{ID: "x", Level: Must, When: Call{Unsigned: true}, Then: refused()}
	aged := Case{ID: "x", Level: Must, When: Call{Age: tooOld}, Then: refused()}
	positive := Case{ID: "x", Level: Must, When: Call{}, Then: accepted()}
	hint := Case{ID: "x", Level: Should, When: Call{}, Then: accepted()}
	told := Case{ID: "x", Level: May, Ambiguity: "R5", When: Call{}, Then: reported(takenOrNot)}
	keyless := Case{ID: "x", Level: Must, Given: Setup{Key: Absent}, When: Call{}, Then: refused()}
	early := Case{ID: "x", Level: Must, When: Call{Age: -tooOld}, Then: refused()}
	padded := Case{ID: "x", Level: Should, Given: Setup{Key: Padded}, When: Call{}, Then: orDoesNotStart(accepted())}
	surviving := Case{ID: "x", Level: Must, When: Call{Unsigned: true}, Then: keepsServing()}
	slowRun, slowTwin, doomed := honest(), honest(), honest()
	slowRun.Took, slowTwin.Took, doomed.Died = 6*time.Second, 6*time.Second, "exit status 1"
	unborn := &StartError{Reason: "it wants a key", Output: "no key"}

	for _, test := range []struct {
		says  string
		trial record
		want  Verdict
	}{
		{"a refusal between two acceptances", record{c: negative, before: honest(), main: denied(), after: honest()}, Pass},
		{"a refusal by a target that refuses everything", record{c: negative, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"a refusal after which nothing is accepted", record{c: negative, before: honest(), main: denied(), after: denied()}, Inconclusive},
		{"an unsigned call that runs, controls or not", record{c: negative, before: denied(), main: honest(), after: denied()}, Fail},
		{"a refusal after the function ran", record{c: negative, before: honest(), main: answeredWith(KindCall, 401, 1), after: honest()}, Fail},
		{"a refusal that shows the key", record{c: negative, before: honest(), main: leaking, after: honest()}, Fail},
		{"a refusal that shows the key in its status line", record{c: negative, before: honest(), main: reasoned, after: honest()}, Fail},
		{"success without running", record{c: negative, before: honest(), main: answeredWith(KindCall, 200, 0), after: honest()}, Fail},
		{"no answer", record{c: negative, before: honest(), main: silent, after: honest()}, Fail},
		{"an exception that leaves the SDK", record{c: negative, before: honest(), main: threw, after: honest()}, Fail},
		{"a target that dies of the request", record{c: negative, before: honest(), main: dead}, Fail},
		{"a target that dies of the request and accepted nothing before", record{c: negative, before: denied(), main: dead}, Inconclusive},
		{"an answer too slow to judge an age by", record{c: aged, before: honest(), main: slow, after: honest()}, Inconclusive},
		{"a run of what lay ahead when it was signed, and may not when it ran", record{c: early, before: honest(), main: slowRun, after: honest()}, Inconclusive},
		{"a run of what was too old, however slow", record{c: aged, before: honest(), main: slowRun, after: honest()}, Fail},
		{"a reading whose request ends the target", record{c: told, before: honest(), main: dead}, Fail},
		{"a reading whose request ends the target a little later", record{c: told, before: honest(), main: denied(), after: dead}, Fail},
		{"an acceptance after which the target ends", record{c: positive, main: doomed}, Fail},
		{"an honest call that is served after a bad one", record{c: surviving, before: honest(), main: denied(), after: honest()}, Pass},
		{"an honest call that is no longer served", record{c: surviving, before: honest(), main: denied(), after: denied()}, Fail},
		{"an honest call that is served much later", record{c: surviving, before: honest(), main: denied(), after: slowTwin}, Fail},
		{"honest calls that are never served", record{c: surviving, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"a padded key with which the target does not start", record{c: padded, notStarted: unborn}, Pass},
		{"an acceptance", record{c: positive, main: honest()}, Pass},
		{"an acceptance that never reached the beacon", record{c: positive, main: answeredWith(KindCall, 200, 0)}, Fail},
		{"a call that ran twice", record{c: positive, main: answeredWith(KindCall, 200, 2)}, Fail},
		{"a SHOULD that is not met", record{c: hint, main: denied()}, Warn},
		{"a reading", record{c: told, before: honest(), main: denied(), after: honest()}, Observed},
		{"a reading of a target that refuses everything", record{c: told, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"an unfit set-up beside a fit one", record{c: keyless, controlSetup: honest(), before: denied(), main: denied(), after: denied()}, Pass},
		{"an unfit set-up beside one that refuses, too", record{c: keyless, controlSetup: denied(), before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"an unfit set-up that was not compared", record{c: keyless, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"an unfit set-up that runs the call", record{c: keyless, main: honest()}, Fail},
		{"a process that gives no answer in an unfit set-up", record{c: keyless, controlSetup: honest(), before: silent, main: denied(), after: denied()}, Inconclusive},
		{"an unfit set-up that does not start", record{c: keyless, controlSetup: honest(), notStarted: unborn}, Pass},
		{"an unfit set-up that does not start beside one that refuses", record{c: keyless, controlSetup: denied(), notStarted: unborn}, Error},
		{"a fit set-up that does not start", record{c: negative, notStarted: unborn}, Error},
		{"a probe that is refused, and a call that is not", record{c: negative, before: honest(), main: denied(), asCall: answeredWith(KindCall, 200, 0), after: honest()}, Fail},
		{"a limiter before a running endpoint", record{c: positive, main: &Observation{Kind: KindProbe, Response: Response{Status: 429}}}, Inconclusive},
		{"a refusal of a running endpoint", record{c: positive, main: &Observation{Kind: KindProbe, Response: Response{Status: 401}}}, Fail},
		{"a case that does not apply", record{c: negative, lacks: "no beacon"}, NotApplicable},
		{"a case that was never carried out", record{c: negative}, Error},
	} {
		if got := test.trial.judge(); got.Verdict != test.want {
			t.Errorf("%s is %s, want %s (%s)", test.says, got.Verdict, test.want, got.Note)
		}
	}
}

func TestReadingsAreNamed(t *testing.T) {
	told := record{
		c:      Case{Level: May, Ambiguity: "R5", When: Call{}, Then: reported(takenOrNot)},
		before: honest(), main: denied(), after: honest(),
	}
	if got := told.judge().Behaviour; got != "R5: refused with 401" {
		t.Errorf("the reading is %q", got)
	}
}

func TestSeenTellsWhatTheAPIHeard(t *testing.T) {
	o := Observation{Kind: KindSync, Response: Response{Status: 500}, APIRequests: []APIRequest{{Method: "POST", Path: "/fn/register", Status: 401}}}
	if seen := o.Summary(); !strings.Contains(seen, "POST /fn/register with no bearer and answered 401") {
		t.Errorf("seen: %s", seen)
	}
}
