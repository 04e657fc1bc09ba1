package live

import (
	"regexp"
	"slices"
	"strings"
)

func (in Input) ops() (ops []string) {
	for _, s := range in.Steps {
		ops = append(ops, s.Op)
	}
	ops = append(ops, in.stateForms()...)
	slices.Sort(ops)
	return ops
}

// covers: all forms of an input, and there are some, are forms of another one: those of
// its steps, and those of its state.
func (in Input) covers(other Input) bool {
	theirs := other.forms()
	return len(in.forms()) > 0 && !slices.ContainsFunc(in.forms(), func(form string) bool { return !slices.Contains(theirs, form) })
}

// explains: a violation shows nothing new if another input with the finding's
// kind of deviation was observed to show the same.
func (f Finding) explains(in Input, v violation) bool {
	if f.Class != v.class {
		return false
	}
	if f.Class == Undetermined { // it shows with any steps
		return in.Base == f.Input.Base
	}
	if len(f.Input.forms()) == 0 {
		return len(in.forms()) == 0 && in.Base == f.Input.Base
	}
	if f.Requirement == v.required && (oneBehaviour(v) && sameWords(f.Observed, v.observed) || slices.Equal(f.Input.ops(), in.ops())) {
		return true
	}
	return f.Input.covers(in) || f.Input.decides(in) || f.Requirement == v.required && f.Input.sameState(in)
}

// sameState: both are sent in one state, and there is one.
func (in Input) sameState(other Input) bool {
	return len(in.stateForms()) > 0 && slices.Equal(in.stateForms(), other.stateForms())
}

// decides: an input carries all deviations of a finding, and the finding some, so that
// they decide whatever else is wrong with it.
func (in Input) decides(other Input) bool {
	theirs := other.carried()
	return len(in.carried()) > 0 && !in.inState() && !slices.ContainsFunc(in.carried(), func(name string) bool { return !slices.Contains(theirs, name) })
}

// oneBehaviour: what was observed, or the limit that was passed, describes the
// violation, whichever input showed it.
func oneBehaviour(v violation) bool {
	limit := strings.HasPrefix(v.required, "R5") || strings.HasPrefix(v.required, "R6")
	return limit || v.class == Disclosure || v.class == Crash || v.class == OutboundMisuse
}

// sameWords compares what was observed except for numbers, and for the URLs that a target
// quotes as it dies: they are the request's. All ways in which the function or the
// response shows that a forgery was accepted are alike.
func sameWords(a, b string) bool {
	words := func(text string) string {
		if strings.HasPrefix(text, targetDied) {
			text = quotedURL.ReplaceAllString(text, ": ''")
		}
		return digits.ReplaceAllString(text, "")
	}
	accepted := func(text string) bool {
		return slices.ContainsFunc([]string{"the function ran", "the response is", "the response says", "the response lists"}, func(start string) bool {
			return strings.HasPrefix(text, start)
		})
	}
	return words(a) == words(b) || accepted(a) && accepted(b)
}

var (
	digits    = regexp.MustCompile(`[0-9]`)
	quotedURL = regexp.MustCompile(`: ('[^']*(://|\?)[^']*'|"[^"]*(://|\?)[^"]*")`)
)

// also notes another input that shows the same.
func (f *Finding) also(in Input) {
	if in.Base != f.Input.Base && !slices.Contains(f.AlsoOn, in.Base) {
		f.AlsoOn = append(f.AlsoOn, in.Base)
		slices.Sort(f.AlsoOn)
	}
	const most = 20
	if len(in.forms()) > len(in.Steps)+mostNamed { // nobody knows yet which of them matter
		return
	}
	forms := strings.Join(in.forms(), " + ")
	if slices.Equal(f.Input.ops(), in.ops()) && forms != strings.Join(f.Input.forms(), " + ") && !slices.Contains(f.AlsoAs, forms) && len(f.AlsoAs) < most {
		f.AlsoAs = append(f.AlsoAs, forms)
		slices.Sort(f.AlsoAs)
	}
}

// forms are the operators and forms of an input, in order of their names. Each
// deviation that is carried is one.
func (in Input) forms() (forms []string) {
	for _, s := range in.Steps {
		if s.Op != carry {
			forms = append(forms, s.Op+"/"+plainForm(s.Form))
		}
		for _, name := range s.carried() {
			forms = append(forms, s.Op+"/"+name)
		}
	}
	forms = append(forms, in.stateForms()...)
	slices.Sort(forms)
	return forms
}
