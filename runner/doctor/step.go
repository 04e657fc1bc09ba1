package doctor

// State is the result of a step.
type State string

// The states.
const (
	OK         State = "ok"
	Failed     State = "FAILED"
	Unknown    State = "-"           // it cannot be observed here
	NotChecked State = "not checked" // because a step before it failed
)

// Step is one step of the contract.
type Step struct {
	Name     string
	State    State
	Observed string
	Remedy   string // of a failed one
	Output   string // the last lines of the process that failed
}
