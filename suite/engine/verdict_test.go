package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

func exchangeOf(o suite.Observation) *Exchange { return &Exchange{Observation: o} }

func respondedWith(kind suite.Kind, status, runs int) *Exchange {
	return exchangeOf(suite.Observation{Kind: kind, Response: suite.Response{Status: status}, Runs: runs, Beacon: true, Nonce: "N"})
}

func valid() *Exchange  { return respondedWith(suite.KindCall, 200, 1) }
func denied() *Exchange { return respondedWith(suite.KindCall, 401, 0) }

// then is the expectation of a case.
func then(id string) suite.Expectation {
	c, err := suite.Find(id)
	if err != nil {
		panic(err)
	}
	return c.Then
}

func TestVerdicts(t *testing.T) {
	reasoned := denied()
	reasoned.Response.Reason = "Wrong key, not " + suite.SecretToken(suite.Primary)
	silent := exchangeOf(suite.Observation{Kind: suite.KindCall, NoResponse: "connection closed", Beacon: true})
	silent.TimedOut = true
	broken := exchangeOf(suite.Observation{Kind: suite.KindCall, NoResponse: "the response is not HTTP", Beacon: true})
	dead := exchangeOf(suite.Observation{Kind: suite.KindCall, NoResponse: "connection closed", Died: "exit status 1", Beacon: true})
	threw := respondedWith(suite.KindCall, suite.HandlerThrew, 0)
	slow := denied()
	slow.Took = time.Minute
	leaking := denied()
	leaking.Response.Body = []byte("the key is " + suite.SecretToken(suite.Primary))
	negative := suite.Case{ID: "x", Level: suite.Must, When: suite.Call{Unsigned: true}, Then: then("receiving.unsigned")}
	aged := suite.Case{ID: "x", Level: suite.Must, When: suite.Call{Age: 6 * time.Minute}, Then: then("receiving.unsigned")}
	positive := suite.Case{ID: "x", Level: suite.Must, When: suite.Call{}, Then: then("receiving.signed")}
	hint := suite.Case{ID: "x", Level: suite.Should, When: suite.Call{}, Then: then("receiving.signed")}
	observed := suite.Case{ID: "x", Level: suite.May, Ambiguity: "R5", When: suite.Call{}, Then: then("receiving.ahead")}
	keyless := suite.Case{ID: "x", Level: suite.Must, Given: suite.Setup{Key: suite.Absent}, When: suite.Call{}, Then: then("receiving.unsigned")}
	early := suite.Case{ID: "x", Level: suite.Must, When: suite.Call{Age: -6 * time.Minute}, Then: then("receiving.unsigned")}
	padded := suite.Case{ID: "x", Level: suite.Should, Given: suite.Setup{Key: suite.Padded}, When: suite.Call{}, Then: then("keys.padded")}
	surviving := suite.Case{ID: "x", Level: suite.Must, When: suite.Call{Unsigned: true}, Then: then("survival.query-prototype")}
	slowRun, slowControl, doomed := valid(), valid(), valid()
	slowRun.Took, slowControl.Took, doomed.Died = 6*time.Second, 6*time.Second, "exit status 1"
	foreign, foreignRun := exchangeOf(suite.Observation{Kind: suite.KindCall, NoResponse: "somebody else"}), exchangeOf(suite.Observation{Kind: suite.KindCall, NoResponse: "somebody else", Runs: 1})
	foreign.Foreign, foreignRun.Foreign = "somebody else", "somebody else"
	hanging := &StartError{Reason: "nothing responded within 20s"}
	notStarted := &StartError{Reason: "it wants a key", Exited: true, Output: "no key"}
	cutRefusal, cutRun, cutLeak := denied(), valid(), denied()
	cutRefusal.Cut, cutRun.Cut, cutLeak.Cut = "its body is too long", "its body is too long", "its body is too long"
	cutLeak.Response.Body = []byte("the key is " + suite.SecretToken(suite.Primary) + " and")

	for _, test := range []struct {
		says   string
		record record
		want   Verdict
	}{
		{"a refusal between two acceptances", record{c: negative, before: valid(), main: denied(), after: valid()}, Pass},
		{"a refusal of which not everything was looked at", record{c: negative, before: valid(), main: cutRefusal, after: valid()}, Inconclusive},
		{"a run of which not everything was looked at", record{c: positive, main: cutRun}, Inconclusive},
		{"an unsigned call that runs, with a response that is too long", record{c: negative, before: valid(), main: cutRun, after: valid()}, Fail},
		{"a leak in the part of a refusal that was looked at", record{c: negative, before: valid(), main: cutLeak, after: valid()}, Fail},
		{"behaviour of which not everything was looked at", record{c: observed, before: valid(), main: cutRefusal, after: valid()}, Inconclusive},
		{"a refusal whose controls are too long", record{c: negative, before: cutRun, main: denied(), after: cutRun}, Pass},
		{"a refusal by a target that refuses everything", record{c: negative, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"a refusal after which nothing is accepted", record{c: negative, before: valid(), main: denied(), after: denied()}, Inconclusive},
		{"an unsigned call that runs, controls or not", record{c: negative, before: denied(), main: valid(), after: denied()}, Fail},
		{"a refusal after the function ran", record{c: negative, before: valid(), main: respondedWith(suite.KindCall, 401, 1), after: valid()}, Fail},
		{"a refusal that shows the key", record{c: negative, before: valid(), main: leaking, after: valid()}, Fail},
		{"a refusal that shows the key in its status line", record{c: negative, before: valid(), main: reasoned, after: valid()}, Fail},
		{"success without running", record{c: negative, before: valid(), main: respondedWith(suite.KindCall, 200, 0), after: valid()}, Fail},
		{"no response", record{c: negative, before: valid(), main: silent, after: valid()}, Inconclusive},
		{"a response that is not HTTP", record{c: negative, before: valid(), main: broken, after: valid()}, Fail},
		{"no response to a valid call", record{c: positive, main: silent}, Fail},
		{"a refusal by somebody else", record{c: negative, before: valid(), main: foreign, after: valid()}, Inconclusive},
		{"a valid call before a refusal, responded to by somebody else", record{c: negative, before: foreign, main: denied(), after: valid()}, Inconclusive},
		{"a run that another process responded to", record{c: negative, before: valid(), main: foreignRun, after: valid()}, Fail},
		{"a set-up without a key that does not respond in time", record{c: keyless, controlSetup: valid(), notStarted: hanging}, Inconclusive},
		{"a padded key with which the target does not respond in time", record{c: padded, notStarted: hanging}, Inconclusive},
		{"an exception that leaves the SDK", record{c: negative, before: valid(), main: threw, after: valid()}, Fail},
		{"a target that exits during the request", record{c: negative, before: valid(), main: dead}, Fail},
		{"a target that exits during the request and accepted nothing before", record{c: negative, before: denied(), main: dead}, Inconclusive},
		{"a response too slow to judge an age", record{c: aged, before: valid(), main: slow, after: valid()}, Inconclusive},
		{"a slow run of a request from the future, which may be current by then", record{c: early, before: valid(), main: slowRun, after: valid()}, Inconclusive},
		{"a slow run of an expired request", record{c: aged, before: valid(), main: slowRun, after: valid()}, Fail},
		{"an observed case whose request ends the target", record{c: observed, before: valid(), main: dead}, Fail},
		{"an observed case whose request ends the target a little later", record{c: observed, before: valid(), main: denied(), after: dead}, Fail},
		{"an acceptance after which the target exits", record{c: positive, main: doomed}, Fail},
		{"a valid call that is served after an invalid one", record{c: surviving, before: valid(), main: denied(), after: valid()}, Pass},
		{"a valid call that is no longer served", record{c: surviving, before: valid(), main: denied(), after: denied()}, Fail},
		{"a valid call that is served much later", record{c: surviving, before: valid(), main: denied(), after: slowControl}, Fail},
		{"valid calls that are never served", record{c: surviving, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"a padded key with which the target does not start", record{c: padded, notStarted: notStarted}, Pass},
		{"an acceptance", record{c: positive, main: valid()}, Pass},
		{"an acceptance that never reached the beacon", record{c: positive, main: respondedWith(suite.KindCall, 200, 0)}, Fail},
		{"a call that ran twice", record{c: positive, main: respondedWith(suite.KindCall, 200, 2)}, Fail},
		{"a SHOULD that is not met", record{c: hint, main: denied()}, Warn},
		{"an observed case", record{c: observed, before: valid(), main: denied(), after: valid()}, Observed},
		{"an observed case on a target that refuses everything", record{c: observed, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"a set-up without a key, and a control set-up that accepts", record{c: keyless, controlSetup: valid(), before: denied(), main: denied(), after: denied()}, Pass},
		{"a set-up without a key, and a control set-up that refuses, too", record{c: keyless, controlSetup: denied(), before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"a set-up without a key, and no control set-up", record{c: keyless, before: denied(), main: denied(), after: denied()}, Inconclusive},
		{"a set-up without a key that runs the call", record{c: keyless, main: valid()}, Fail},
		{"a process without a key that does not respond", record{c: keyless, controlSetup: valid(), before: silent, main: denied(), after: denied()}, Inconclusive},
		{"a set-up without a key that does not start", record{c: keyless, controlSetup: valid(), notStarted: notStarted}, Pass},
		{"a set-up without a key that does not start, and a control set-up that refuses", record{c: keyless, controlSetup: denied(), notStarted: notStarted}, Error},
		{"a set-up with a key that does not start", record{c: negative, notStarted: notStarted}, Error},
		{"a probe that is refused, and a call that is not", record{c: negative, before: valid(), main: denied(), asCall: respondedWith(suite.KindCall, 200, 0), after: valid()}, Fail},
		{"a limiter that no patience helped against", record{c: positive, main: &Exchange{GaveUp: "status 429, 10 times in a row", Observation: denied().Observation}}, Inconclusive},
		{"a request that ran before its response was lost", record{c: negative, before: valid(), main: &Exchange{Earlier: []*Exchange{respondedWith(suite.KindCall, 502, 1)}, Observation: denied().Observation}, after: valid()}, Fail},
		{"a refusal of a running endpoint", record{c: positive, main: exchangeOf(suite.Observation{Kind: suite.KindProbe, Response: suite.Response{Status: 401}})}, Fail},
		{"a case that is not applicable", record{c: negative, lacks: "no beacon"}, NotApplicable},
		{"a case that was not run", record{c: negative}, Error},
	} {
		if got := test.record.settled().verdict(); got.Verdict != test.want {
			t.Errorf("%s is %s, want %s (%s)", test.says, got.Verdict, test.want, got.Note)
		}
	}
}

// Where runs cannot be observed, a success status alone is run again.
func TestWhatIsRunAgain(t *testing.T) {
	negative := suite.Case{Level: suite.Must, When: suite.Call{Unsigned: true}, Then: then("receiving.unsigned")}
	probed := exchangeOf(suite.Observation{Kind: suite.KindProbe, Response: suite.Response{Status: 200}})
	for _, test := range []struct {
		says   string
		record record
		want   bool
	}{
		{"a forgery that runs", record{c: negative, before: valid(), main: valid(), after: valid()}, false},
		{"a forged probe that is accepted", record{c: negative, before: valid(), main: probed, after: valid()}, true},
		{"a forged call that is accepted, observed by its status", record{c: negative, before: valid(), main: denied(), asCall: respondedWith(suite.KindCall, 200, 0), after: valid()}, true},
		{"a valid call that is refused", record{c: suite.Case{Level: suite.Must, When: suite.Call{}, Then: then("receiving.signed")}, main: denied()}, true},
	} {
		verdict := test.record.settled().verdict().Verdict
		if got := test.record.worthRepeating(verdict); verdict != Fail || got != test.want {
			t.Errorf("%s: %s, run again: %v, want %v", test.says, verdict, got, test.want)
		}
	}
}

func TestBehaviourNamesTheAmbiguity(t *testing.T) {
	r := record{
		c:      suite.Case{Level: suite.May, Ambiguity: "R5", When: suite.Call{}, Then: then("receiving.ahead")},
		before: valid(), main: denied(), after: valid(),
	}
	if got := r.settled().verdict().Behaviour; got != "R5: refused with 401" {
		t.Errorf("the behaviour is %q", got)
	}
}

func TestSummaryListsRequestsToTheAPI(t *testing.T) {
	o := suite.Observation{Kind: suite.KindSync, Response: suite.Response{Status: 500}, APIRequests: []suite.APIRequest{{Method: "POST", Path: "/fn/register", Status: 401}}}
	if summary := o.Summary(); !strings.Contains(summary, "POST /fn/register with no bearer token and returned 401") {
		t.Errorf("the summary is %q", summary)
	}
}

// A run that ended early is judged by what was observed both times, as far as it was.
func TestWhatWasRunTwiceWhenTheRunEnds(t *testing.T) {
	positive := suite.Case{ID: "x", Level: suite.Must, When: suite.Call{}, Then: then("receiving.signed")}
	failed, passed := &record{c: positive, main: denied()}, &record{c: positive, main: valid()}
	for name, test := range map[string]struct {
		first, last *record
		want        Verdict
		note        string
	}{
		"failed once":                   {nil, failed, Inconclusive, "the run ended before it was judged again"},
		"failed, then not run":          {failed, &record{c: positive}, Inconclusive, "the run ended before it was judged again"},
		"failed, then interrupted":      {failed, &record{c: positive, main: valid(), interrupted: true}, Inconclusive, "the run ended before it was judged again"},
		"failed twice":                  {failed, failed, Fail, ""},
		"failed, then passed":           {failed, passed, Inconclusive, "the verdict was fail at first, and pass when it was run again"},
		"passed":                        {nil, passed, Pass, ""},
		"interrupted at the first time": {nil, &record{c: positive, interrupted: true}, Inconclusive, "the run ended before it was judged"},
	} {
		o := &observed{cases: []suite.Case{positive}, records: map[string]*record{"x": test.last}, first: map[string]*record{}, identified: true, ended: "interrupted"}
		if test.first != nil {
			o.first["x"] = test.first
		}
		if r := o.judge().Results[0]; r.Verdict != test.want || !strings.Contains(r.Note, test.note) {
			t.Errorf("%s: %s (%s)", name, r.Verdict, r.Note)
		}
	}
}
