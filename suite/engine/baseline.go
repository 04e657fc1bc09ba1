package engine

// Excuse is one known violation of a target, as a baseline lists it.
type Excuse struct {
	Case   string `json:"-"      yaml:"case"`
	Reason string `json:"reason" yaml:"reason"`
	Link   string `json:"link"   yaml:"link"`
}

// The verdicts that exist only for cases that a baseline excuses.
const (
	Excused    Verdict = "excused"    // violated, as the baseline says
	Surprising Verdict = "surprising" // it passes, so the excuse is stale
)

// UnderExcuse is the verdict of a case that a baseline excuses. An excuse says
// nothing about a case that does not apply or that could not be judged.
func (v Verdict) UnderExcuse() Verdict {
	switch v {
	case Fail, Warn:
		return Excused
	case Pass, Observed:
		return Surprising
	}
	return v
}
