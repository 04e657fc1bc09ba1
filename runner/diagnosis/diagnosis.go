// Package diagnosis finds out from outside why Inngest's requests to an app fail:
// [Run] sends at most [limits.DiagnosisRequests] harmless requests, within [limits.Diagnosis], to its endpoint, and names the
// mistake in the set-up, with the evidence and the fix.
//
// No request names a function that exists, none is a PUT. A mistake is named only
// where responses show it: a form of the key is the app's only if what is signed
// with it is accepted, twice, while the same request signed with an unknown key is
// not. Where two mistakes fit what was seen, both are named and called possible.
package diagnosis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/runner/explain"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Options are the options of [Run].
type Options struct {
	URL         string
	AllowRemote bool
	Primary     string // the text of the signing key
	Fallback    string // the text of the fallback key; may be empty
	// Others are keys that the app may have by mistake: those of other environments.
	Others []explain.Key
	Rate   int // requests per second at most; 0: no limit
	// Limit is the time limit for all requests together; 0: limits.Diagnosis, and what Rate
	// takes.
	Limit time.Duration
	// Pause is how long to wait after a 429, unless its Retry-After says less; 0: a second.
	Pause time.Duration
}

// Finding is a mistake, or with Warning something that works now and will not always.
type Finding struct {
	report.SetupMistake
	Warning bool `json:"warning,omitempty"`
}

// Result is what was found out.
type Result struct {
	Findings []Finding `json:"findings"`          // mistakes first
	Checked  []string  `json:"checked,omitempty"` // what was found to be right
	Skipped  []string  `json:"skipped,omitempty"` // what could not be checked
	Rotation string    `json:"rotation,omitempty"`
	SDK      string    `json:"sdk,omitempty"` // as it calls itself: "inngest-js:v4.24.0"
	Requests int       `json:"requests"`
}

// Mistakes are the findings that are no warnings.
func (r Result) Mistakes() (all []report.SetupMistake) {
	for _, f := range r.Findings {
		if !f.Warning {
			all = append(all, f.SetupMistake)
		}
	}
	return all
}

// Run diagnoses an endpoint. The error, a [*page.Error], is about the options, or
// ctx's.
func Run(ctx context.Context, o Options) (Result, error) {
	if explain.CleanKey(o.Primary) == "" {
		return Result{}, page.Usage("set INNGEST_SIGNING_KEY, or name a file with --key-file", "there is no signing key")
	}
	connection, err := launch.Connect(ctx, o.URL, launch.AttachOptions{AllowRemote: o.AllowRemote, Rate: o.Rate})
	var described *page.Error
	if errors.As(err, &described) && described.Code == page.ExitCouldNotJudge && ctx.Err() == nil {
		return Result{Findings: []Finding{{
			SetupMistake: report.SetupMistake{ID: "no-listener", Cause: "nothing listens there", Evidence: []string{described.Sentence}, Fix: described.Hint},
		}}}, nil
	}
	if err != nil {
		return Result{}, err
	}
	e := newExamination(o, connection)
	limited, cancel := context.WithTimeout(ctx, o.limit())
	defer cancel()
	e.examine(limited)
	if ctx.Err() != nil {
		return Result{}, page.CouldNotJudge("", "interrupted")
	}
	if limited.Err() != nil {
		e.skipped(fmt.Sprintf("what was left after %s, because responses take long", o.limit()))
	}
	return e.conclude(), nil
}

func (o Options) limit() time.Duration {
	limit := limits.Diagnosis
	if o.Rate > 0 {
		limit += limits.DiagnosisRequests * time.Second / time.Duration(o.Rate)
	}
	return cmp.Or(o.Limit, limit)
}

func (e *examination) conclude() Result {
	r := e.result
	r.Requests = e.sent
	var warnings []Finding
	mistakes := []Finding{}
	for _, f := range r.Findings {
		if f.Warning {
			warnings = append(warnings, f)
		} else {
			mistakes = append(mistakes, f)
		}
	}
	r.Findings = append(mistakes, warnings...)
	return r
}

// found adds a finding with the exchanges that show it.
func (e *examination) found(id, cause, fix string, evidence ...any) *Finding {
	f := Finding{SetupMistake: report.SetupMistake{ID: id, Cause: cause, Fix: fix}}
	for _, shown := range evidence {
		f.Evidence = append(f.Evidence, fmt.Sprint(shown))
	}
	e.result.Findings = append(e.result.Findings, f)
	return &e.result.Findings[len(e.result.Findings)-1]
}

func (e *examination) warn(id, cause, fix string, evidence ...any) {
	e.found(id, cause, fix, evidence...).Warning = true
}

func (e *examination) checked(what string) { e.result.Checked = append(e.result.Checked, what) }
func (e *examination) skipped(what string) { e.result.Skipped = append(e.result.Skipped, what) }
