package suite

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Verdict is what a case came to.
type Verdict string

// The verdicts. Excused and Surprising exist only where a baseline is named.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	Warn          Verdict = "warn"           // a SHOULD that is not met
	Observed      Verdict = "observed"       // nothing is owed; the way taken is told
	NotApplicable Verdict = "not-applicable" // with the reason
	Inconclusive  Verdict = "inconclusive"   // the control failed, or the clock made it unfair
	Error         Verdict = "error"          // ours
)

// Verdicts lists the verdicts in the order in which summaries show them.
var AllVerdicts = []Verdict{Pass, Fail, Warn, Observed, NotApplicable, Inconclusive, Error}

// Result is a case with its verdict and what led to it.
type Result struct {
	Case     Case
	Verdict  Verdict
	Reading  string // "R5: accepted", where the case touches one
	Expected string
	Seen     string
	Note     string // why a verdict is not plainly pass or fail
	Steps    []Step
}

// Step is one exchange of a case and the part that it plays.
type Step struct {
	Part    string // "control before", "the request", "control after", "sibling set-up"
	Outcome Outcome
}

// trial is what was seen of a case before it is judged.
type trial struct {
	c       Case
	before  *Outcome // controls: the unmodified twin, before and after
	main    *Outcome
	after   *Outcome
	plain   *Outcome // the request as a call, where the main one is a probe
	sibling *Outcome // the twin in the set-up that is fit
	lacks   string   // why it does not apply
	unborn  *StartError
	err     error

	wordless bool // leave Seen and Reading out of the result
}

// judge turns a trial into a verdict. It looks at nothing else.
func (t *trial) judge() Result {
	result := Result{Case: t.c, Expected: t.c.Then.Owed, Steps: t.steps()}
	decide := func(v Verdict, note string) Result {
		result.Verdict, result.Note = v, note
		return result
	}
	switch {
	case t.lacks != "":
		return decide(NotApplicable, t.lacks)
	case t.err != nil:
		return decide(Error, t.err.Error())
	case t.unborn != nil:
		return t.judgeUnborn(result)
	case t.main == nil:
		return decide(Error, "the case was not carried out")
	}
	if !t.wordless {
		result.Seen, result.Reading = t.main.seen(), t.reading()
	}
	holds, err := t.c.Then.Holds(*t.main)
	if err != nil {
		return decide(Error, err.Error())
	}
	if ended := t.ended(); ended != "" {
		return decide(Fail, "the target runs no more after this request: "+ended)
	}
	if why := t.stopsServing(); why != "" {
		return decide(t.c.Level.missed(), why)
	}
	if slow := t.slow(); slow != "" {
		return decide(Inconclusive, slow)
	}
	if t.plain != nil && t.plain.success() {
		return decide(t.c.Level.missed(), "the same request without the probe, of a function that is not there, came to this: "+t.plain.seen())
	}
	if !holds && !t.c.Then.negative && t.main.throttled() {
		return decide(Inconclusive, "something before the endpoint may have answered")
	}
	spoiled := t.spoiled()
	switch {
	case !holds && (spoiled == "" || t.harmed()):
		return decide(t.c.Level.missed(), "")
	case spoiled != "":
		return decide(Inconclusive, spoiled)
	case t.c.Level == May:
		return decide(Observed, "")
	}
	return decide(Pass, "")
}

// doubtful: a verdict that a second trial may change. What must never be seen is
// proved by being seen once; that something owed was not seen may be a hiccup,
// of the machine or of ours.
func (t *trial) doubtful(v Verdict) bool {
	switch v {
	case Inconclusive:
		return true
	case Fail, Warn:
		return t.main != nil && !t.proved()
	}
	return false
}

// proved: what was seen once breaks the requirement for good.
func (t *trial) proved() bool {
	if t.ended() != "" || t.plain != nil && t.plain.success() || t.harmed() || t.c.Then.negative && acceptedAs(*t.main) {
		return true
	}
	return !all(t.main.Asked, func(a Asked) bool { return holdsNoKey(a) && (!a.Elsewhere || a.holdsNoHash()) })
}

// joined is what two trials of one case come to.
func joined(first, second Result) Result {
	failed := func(v Verdict) bool { return v == Fail || v == Warn }
	switch {
	case first.Verdict == Inconclusive && second.Verdict != Inconclusive:
		second.Note = strings.TrimPrefix(second.Note+"; judged a second time, for at first "+first.Note, "; ")
	case failed(first.Verdict) && !failed(second.Verdict):
		note := fmt.Sprintf("it came to %s at first, and to %s when it was carried out again: %s", first.Verdict, second.Verdict, second.Seen)
		first.Note = strings.TrimPrefix(first.Note+"; "+note, "; ")
		first.Verdict = Inconclusive
		return first
	}
	return second
}

// judgeUnborn: a process that refuses to start in a deliberately unfit set-up
// refuses everything, which is what is owed there.
func (t *trial) judgeUnborn(result Result) Result {
	result.Seen = "the target did not start: " + t.unborn.Reason
	_, unfit := t.c.Given.sibling()
	switch {
	case unfit && t.c.Then.unborn:
		result.Verdict, result.Note = Pass, "a clear error at the start is no silent lockout; its last lines: "+t.unborn.Output
	case unfit && t.c.Then.negative && t.sibling != nil && acceptedAs(*t.sibling):
		result.Verdict, result.Note = Pass, "a target that does not start refuses everything; its last lines: "+t.unborn.Output
	case unfit && t.sibling != nil && acceptedAs(*t.sibling):
		result.Verdict = t.c.Level.missed()
	default:
		result.Verdict, result.Note = Error, t.unborn.Error()+"\n"+t.unborn.Output
	}
	return result
}

// missed is the verdict where a requirement of this level is not met.
func (l Level) missed() Verdict {
	switch l {
	case Must:
		return Fail
	case Should:
		return Warn
	}
	return Observed
}

// harmed: the outcome does harm by itself, whatever the controls show.
func (t *trial) harmed() bool {
	told := t.c.When.kind() == KindIntrospect && len(t.main.disclosed()) > 0
	return t.c.Then.negative && (t.main.Runs > 0 || t.main.echoed() || told || len(t.main.leaked()) > 0)
}

// ended says how the target came to its end by the request, or just after it,
// if it was well before. No level excuses that.
func (t *trial) ended() string {
	if t.before != nil && (t.before.Died != "" || t.before.NoAnswer != "" || t.c.fit() && !acceptedAs(*t.before)) {
		return ""
	}
	for _, o := range []*Outcome{t.main, t.after} {
		if o != nil && o.Died != "" {
			return o.Died
		}
	}
	return ""
}

func (c Case) fit() bool {
	_, unfit := c.Given.sibling()
	return !unfit
}

// servedWithin is how soon an honest call is served after one that is not.
const servedWithin = 5 * time.Second

// stopsServing says that an honest call was served before the request, and not
// just after it.
func (t *trial) stopsServing() string {
	switch {
	case !t.c.Then.serving || t.before == nil || t.after == nil || !acceptedAs(*t.before):
		return ""
	case !acceptedAs(*t.after):
		return "an honest call just after was not served: " + t.after.seen()
	case t.after.Took > servedWithin:
		return fmt.Sprintf("an honest call just after was served only after %s", t.after.Took.Round(time.Millisecond))
	}
	return ""
}

// slow says that an answer took too long to judge a time limit by. What is told
// to nobody is told to nobody at any time, and what is too old only gets older.
func (t *trial) slow() string {
	age := t.c.When.parts().Age
	if age == 0 || t.main.Took <= guard-time.Second || len(t.main.leaked()) > 0 && t.c.Then.negative || age > 0 && t.harmed() {
		return ""
	}
	return fmt.Sprintf("the answer took %s, too long to judge a time limit by", t.main.Took.Round(time.Millisecond))
}

// spoiled says why an outcome proves nothing; empty where it does.
func (t *trial) spoiled() string {
	if !t.c.Then.negative {
		return ""
	}
	if _, unfit := t.c.Given.sibling(); unfit {
		return t.spoiledByNeighbours()
	}
	for _, control := range t.controls() {
		if control == nil || !acceptedAs(*control) {
			return "its control failed: the same request without the fault was not accepted: " + seenOf(control)
		}
	}
	return ""
}

// controls are the controls that could be sent: none follows a request that
// ended the target.
func (t *trial) controls() []*Outcome {
	if t.main.Died != "" {
		return []*Outcome{t.before}
	}
	return []*Outcome{t.before, t.after}
}

func (t *trial) spoiledByNeighbours() string {
	if t.sibling == nil || !acceptedAs(*t.sibling) {
		return "its control failed: a set-up with a good key did not accept the request: " + seenOf(t.sibling)
	}
	for _, control := range t.controls() {
		if control == nil || control.NoAnswer != "" {
			return "its control failed: the process gave no answer: " + seenOf(control)
		}
	}
	return ""
}

func seenOf(o *Outcome) string {
	if o == nil {
		return "it was not sent"
	}
	return o.seen()
}

// seen tells an outcome in words.
func (o Outcome) seen() string {
	var words []string
	say := func(when bool, format string, args ...any) {
		if when {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	say(o.Died != "", "the target died (%s)", o.Died)
	say(o.NoAnswer != "" && o.Died == "", "no answer (%s)", o.NoAnswer)
	say(o.NoAnswer == "" && o.Got.Status == handlerThrew, "an exception left the SDK")
	say(o.answered(), "answered %d", o.Got.Status)
	say(o.beacon && o.kind == KindCall && o.Runs == 0, "nothing ran")
	say(o.Runs == 1, "the function ran")
	say(o.Runs > 1, "the function ran %d times", o.Runs)
	say(o.kind == KindIntrospect && o.answered(), "authentication_succeeded is %v", o.object()["authentication_succeeded"])
	told, leaked := o.disclosed(), o.leaked()
	say(len(told) > 0, "told %s", strings.Join(told, ", "))
	say(len(leaked) > 0, "the answer holds %s", strings.Join(leaked, ", "))
	if urls := registeredURLs(o); o.kind == KindSync && len(urls) > 0 {
		say(true, "it registered %s", strings.Join(urls, ", "))
		strays := o.strays()
		say(len(strays) > 0, "to be called at %s", strings.Join(strays, ", "))
	}
	for _, asked := range o.Asked {
		bearer := asked.Bearer
		if bearer == "" {
			bearer = "no bearer"
		}
		say(true, "the API heard %s %s with %s and answered %d", asked.Method, asked.Path, bearer, asked.Answered)
	}
	return strings.Join(words, "; ")
}

// strays are URLs of functions that are not at the app's.
func (o Outcome) strays() []string {
	apps := registeredURLs(o)
	return slices.DeleteFunc(callURLs(o), func(call string) bool {
		return slices.ContainsFunc(apps, func(app string) bool {
			app, _, _ = strings.Cut(app, "?")
			return strings.HasPrefix(call, app)
		})
	})
}

func (t *trial) reading() string {
	reading, touched := readings[t.c.Reading]
	if !touched {
		return ""
	}
	follow := t.c.Then.follow
	if follow == nil {
		follow = reading.Follow
	}
	if follow == nil {
		follow = takenOrNot
	}
	return t.c.Reading + ": " + follow(*t.main)
}

func (t *trial) steps() []Step {
	var steps []Step
	for _, step := range []struct {
		part    string
		outcome *Outcome
	}{
		{"sibling set-up", t.sibling}, {"control before", t.before}, {"the request", t.main},
		{"the request without a probe", t.plain}, {"control after", t.after},
	} {
		if step.outcome != nil {
			steps = append(steps, Step{step.part, *step.outcome})
		}
	}
	return steps
}
