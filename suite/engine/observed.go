package engine

import (
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

// observed is everything that a run observed. Its verdicts depend on nothing else,
// whether it was observed just now or is read from [Evidence].
type observed struct {
	cases   []suite.Case       // in the order of the results
	records map[string]*record // by the id of the case: of the last attempt
	first   map[string]*record // of the first attempt, of cases that were run once more

	visibility suite.Visibility
	identified bool // a response is known to be the target's
	isSDK      bool // a response names an SDK, or shows that a signed GET was authenticated
	setups     int
	processes  int
	clock      Clock
	ended      string // why the run ended before every case was judged; empty if it did not

	verdictsOnly bool // leave Observed and Behaviour out of the results

	// For the evidence, not for the verdicts.
	keys     suite.Keyring
	sessions []*Session
	traits   *Traits
}

// judge gives the verdicts. It changes nothing, so it may be called again.
func (o *observed) judge() Judgement {
	if o.ended != "" {
		return o.judgeUntilThen()
	}
	settled := o.settled(o.records)
	return o.conclude(settled, o.verdicts(settled))
}

// conclude gives the verdicts from those of the last attempts.
func (o *observed) conclude(settled map[string]*record, results []Result) Judgement {
	o.merge(results, settled)
	allowRepeats(results, settled)
	block(results, settled)
	judged := Judgement{Results: results, Setups: o.setups, Processes: o.processes, Clock: o.clock, observed: o}
	if judged.Void = o.void(settled); judged.Void != "" {
		judged.Diagnosis = diagnose(results)
	}
	return judged
}

// judgeUntilThen gives the verdicts of a run that ended before every case was judged;
// it is empty if nothing was.
func (o *observed) judgeUntilThen() Judgement {
	judged := Judgement{Incomplete: o.ended, observed: o}
	if !o.identified {
		return judged
	}
	settled := map[string]*record{}
	for _, c := range o.cases {
		t, once := o.records[c.ID], o.first[c.ID]
		switch {
		case t == nil:
			t = &record{c: c}
		case once != nil && (t.main == nil || t.interrupted): // the second time did not end
			t, once = once, nil
		}
		if t.lacks == "" && t.absent == "" && (t.main == nil || t.interrupted) {
			settled[c.ID] = t
			judged.Results = append(judged.Results, Result{Case: c, Risk: c.Risk, Expected: c.Then.Requirement, Verdict: Inconclusive, Note: "the run ended before it was judged"})
			continue
		}
		settled[c.ID] = t.settled()
		result := settled[c.ID].verdict()
		failed := result.Verdict == Fail || result.Verdict == Warn
		if once != nil {
			result = merged(o.verdictAtFirst(once), result)
		} else if failed && settled[c.ID].worthRepeating(result.Verdict) {
			result.Verdict, result.Note = Inconclusive, "it failed, and the run ended before it was judged again"
		}
		judged.Results = append(judged.Results, result)
	}
	block(judged.Results, settled)
	judged.Setups, judged.Clock = o.setups, o.clock
	return judged
}

// settled are the records with the request chosen that each is judged by.
func (o *observed) settled(records map[string]*record) map[string]*record {
	settled := map[string]*record{}
	for id, t := range records {
		settled[id] = t.settled()
		settled[id].verdictsOnly = o.verdictsOnly
	}
	return settled
}

func (o *observed) verdicts(settled map[string]*record) []Result {
	var results []Result
	for _, c := range o.cases {
		results = append(results, settled[c.ID].verdict())
	}
	return results
}

// merge combines the results of cases that were run twice. What fails, and may be
// transient, is no violation if it was run only once.
func (o *observed) merge(results []Result, settled map[string]*record) {
	first := slices.Clone(results)
	for i, result := range results {
		id := result.Case.ID
		switch once := o.first[id]; {
		case once != nil:
			first[i] = o.verdictAtFirst(once)
			results[i] = merged(first[i], result)
		case result.Verdict != Inconclusive && settled[id].worthRepeating(result.Verdict):
			results[i].Verdict, results[i].Note = Inconclusive, "it failed, and was not run again"
		}
	}
	if o.visibility == suite.Full { // otherwise both were judged by the same process
		keepBroken(results, first)
	}
}

func (o *observed) verdictAtFirst(once *record) Result {
	t := once.settled()
	t.verdictsOnly = o.verdictsOnly
	return t.verdict()
}

// worthRepeating are the cases whose verdict a second run may change.
func worthRepeating(settled map[string]*record, results []Result) (again []suite.Case) {
	for _, result := range results {
		if settled[result.Case.ID].worthRepeating(result.Verdict) {
			again = append(again, result.Case)
		}
	}
	return again
}

// void returns why the responses cannot be attributed to the target, or "" if they
// can.
func (o *observed) void(settled map[string]*record) string {
	switch {
	case o.setups == 0:
	case !o.identified:
		return "no valid request was observed to run, so responses cannot be attributed to the target"
	case o.visibility != suite.Full && !o.isSDK && acceptsEverything(settled):
		return "every request succeeds, forged or not, and no response is an SDK's, so responses cannot be attributed to the target"
	}
	return ""
}

// acceptsEverything reports whether all of the core cases succeeded.
func acceptsEverything(records map[string]*record) bool {
	for _, id := range suite.Core {
		if t := records[id]; t == nil || t.main == nil || !t.main.Succeeded() {
			return false
		}
	}
	return true
}

// Judgement is the result of a run.
type Judgement struct {
	Results []Result // in the order of the cases, then those of their prerequisites
	Void    string   // why the results cannot be trusted; empty if they can
	// Diagnosis is the likeliest reason if no valid request was observed to run; nil
	// if the results can be trusted.
	Diagnosis *Diagnosis
	// Incomplete says why not every case was run; empty if all were.
	Incomplete string
	Setups     int   // distinct set-ups that were started
	Processes  int   // times that a target was started, in any set-up
	Clock      Clock // of the target

	observed *observed // what was judged
}
