package suite

import (
	"strings"
	"testing"
	"time"
)

func answeredWith(kind Kind, status, runs int) *Outcome {
	return &Outcome{kind: kind, Got: Response{Status: status}, Runs: runs, beacon: true, nonce: "N"}
}

func honest() *Outcome { return answeredWith(KindCall, 200, 1) }
func denied() *Outcome { return answeredWith(KindCall, 401, 0) }

func TestVerdicts(t *testing.T) {
	reasoned := denied()
	reasoned.Got.Reason = "Wrong key, not " + secretToken(Primary)
	silent := &Outcome{kind: KindCall, NoAnswer: "broke off", beacon: true}
	dead := &Outcome{kind: KindCall, NoAnswer: "broke off", Died: "exit status 1", beacon: true}
	threw := answeredWith(KindCall, handlerThrew, 0)
	slow := denied()
	slow.Took = time.Minute
	leaking := denied()
	leaking.Got.Body = []byte("the key is " + secretToken(Primary))
	negative := Case{ID: "x", Level: Must, When: Call{Unsigned: true}, Then: refused()}
	aged := Case{ID: "x", Level: Must, When: Call{Age: tooOld}, Then: refused()}
	positive := Case{ID: "x", Level: Must, When: Call{}, Then: accepted()}
	hint := Case{ID: "x", Level: Should, When: Call{}, Then: accepted()}
	told := Case{ID: "x", Level: May, Reading: "R5", When: Call{}, Then: reported(takenOrNot)}
	keyless := Case{ID: "x", Level: Must, Given: Setup{Key: Absent}, When: Call{}, Then: refused()}
	early := Case{ID: "x", Level: Must, When: Call{Age: -tooOld}, Then: refused()}
	padded := Case{ID: "x", Level: Should, Given: Setup{Key: Padded}, When: Call{}, Then: orDoesNotStart(accepted())}
	surviving := Case{ID: "x", Level: Must, When: Call{Unsigned: true}, Then: keepsServing()}
	slowRun, slowTwin, doomed := honest(), honest(), honest()
	slowRun.Took, slowTwin.Took, doomed.Died = 6*time.Second, 6*time.Second, "exit status 1"
	unborn := &StartError{Reason: "it wants a key", Output: "no key"}

	for _, test := range []struct {
		says  string
		trial trial
		want  Verdict
	}{
		{"a refusal between two acceptances", trial{c: negative, before: honest(), main: denied(), after: honest()}, Pass},
		{"a refusal by a target that refuses everything", trial{c: negative, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"a refusal after which nothing is accepted", trial{c: negative, before: honest(), main: denied(), after: denied()}, Inconclusive},
		{"an unsigned call that runs, controls or not", trial{c: negative, before: denied(), main: honest(), after: denied()}, Fail},
		{"a refusal after the function ran", trial{c: negative, before: honest(), main: answeredWith(KindCall, 401, 1), after: honest()}, Fail},
		{"a refusal that shows the key", trial{c: negative, before: honest(), main: leaking, after: honest()}, Fail},
		{"a refusal that shows the key in its status line", trial{c: negative, before: honest(), main: reasoned, after: honest()}, Fail},
		{"success without running", trial{c: negative, before: honest(), main: answeredWith(KindCall, 200, 0), after: honest()}, Fail},
		{"no answer", trial{c: negative, before: honest(), main: silent, after: honest()}, Fail},
		{"an exception that leaves the SDK", trial{c: negative, before: honest(), main: threw, after: honest()}, Fail},
		{"a target that dies of the request", trial{c: negative, before: honest(), main: dead}, Fail},
		{"a target that dies of the request and accepted nothing before", trial{c: negative, before: denied(), main: dead}, Inconclusive},
		{"an answer too slow to judge an age by", trial{c: aged, before: honest(), main: slow, after: honest()}, Inconclusive},
		{"a run of what lay ahead when it was signed, and may not when it ran", trial{c: early, before: honest(), main: slowRun, after: honest()}, Inconclusive},
		{"a run of what was too old, however slow", trial{c: aged, before: honest(), main: slowRun, after: honest()}, Fail},
		{"a reading whose request ends the target", trial{c: told, before: honest(), main: dead}, Fail},
		{"a reading whose request ends the target a little later", trial{c: told, before: honest(), main: denied(), after: dead}, Fail},
		{"an acceptance after which the target ends", trial{c: positive, main: doomed}, Fail},
		{"an honest call that is served after a bad one", trial{c: surviving, before: honest(), main: denied(), after: honest()}, Pass},
		{"an honest call that is no longer served", trial{c: surviving, before: honest(), main: denied(), after: denied()}, Fail},
		{"an honest call that is served much later", trial{c: surviving, before: honest(), main: denied(), after: slowTwin}, Fail},
		{"honest calls that are never served", trial{c: surviving, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"a padded key with which the target does not start", trial{c: padded, unborn: unborn}, Pass},
		{"an acceptance", trial{c: positive, main: honest()}, Pass},
		{"an acceptance that never reached the beacon", trial{c: positive, main: answeredWith(KindCall, 200, 0)}, Fail},
		{"a call that ran twice", trial{c: positive, main: answeredWith(KindCall, 200, 2)}, Fail},
		{"a SHOULD that is not met", trial{c: hint, main: denied()}, Warn},
		{"a reading", trial{c: told, before: honest(), main: denied(), after: honest()}, Observed},
		{"a reading of a target that refuses everything", trial{c: told, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"an unfit set-up beside a fit one", trial{c: keyless, sibling: honest(), before: denied(), main: denied(), after: denied()}, Pass},
		{"an unfit set-up beside one that refuses, too", trial{c: keyless, sibling: denied(), before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"an unfit set-up that was not compared", trial{c: keyless, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"an unfit set-up that runs the call", trial{c: keyless, main: honest()}, Fail},
		{"a process that gives no answer in an unfit set-up", trial{c: keyless, sibling: honest(), before: silent, main: denied(), after: denied()}, Inconclusive},
		{"an unfit set-up that does not start", trial{c: keyless, sibling: honest(), unborn: unborn}, Pass},
		{"an unfit set-up that does not start beside one that refuses", trial{c: keyless, sibling: denied(), unborn: unborn}, Error},
		{"a fit set-up that does not start", trial{c: negative, unborn: unborn}, Error},
		{"a probe that is refused, and a call that is not", trial{c: negative, before: honest(), main: denied(), plain: answeredWith(KindCall, 200, 0), after: honest()}, Fail},
		{"a limiter before a running endpoint", trial{c: positive, main: &Outcome{kind: KindProbe, Got: Response{Status: 429}}}, Inconclusive},
		{"a refusal of a running endpoint", trial{c: positive, main: &Outcome{kind: KindProbe, Got: Response{Status: 401}}}, Fail},
		{"a case that does not apply", trial{c: negative, lacks: "no beacon"}, NotApplicable},
		{"a case that was never carried out", trial{c: negative}, Error},
	} {
		if got := test.trial.judge(); got.Verdict != test.want {
			t.Errorf("%s is %s, want %s (%s)", test.says, got.Verdict, test.want, got.Note)
		}
	}
}

func TestReadingsAreNamed(t *testing.T) {
	told := trial{
		c:      Case{Level: May, Reading: "R5", When: Call{}, Then: reported(takenOrNot)},
		before: honest(), main: denied(), after: honest(),
	}
	if got := told.judge().Reading; got != "R5: refused with 401" {
		t.Errorf("the reading is %q", got)
	}
}

func TestSeenTellsWhatTheAPIHeard(t *testing.T) {
	o := Outcome{kind: KindSync, Got: Response{Status: 500}, Asked: []Asked{{Method: "POST", Path: "/fn/register", Answered: 401}}}
	if seen := o.seen(); !strings.Contains(seen, "POST /fn/register with no bearer and answered 401") {
		t.Errorf("seen: %s", seen)
	}
}
