package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// The JSON that `inngest conformance run --report-out` writes (inngest/inngest,
// pkg/conformance, schema version v1alpha1), for tools that read it.
type (
	upstreamReport struct {
		SchemaVersion string            `json:"schema_version"`
		Transport     string            `json:"transport"`
		Compatibility string            `json:"compatibility"` // full, partial, incompatible, unknown
		Features      []upstreamFeature `json:"features,omitempty"`
		Cases         []upstreamCase    `json:"cases,omitempty"`
	}
	upstreamFeature struct {
		FeatureID      string   `json:"feature_id"`
		Compatibility  string   `json:"compatibility"`
		ReasonCode     string   `json:"reason_code,omitempty"`
		Reason         string   `json:"reason,omitempty"`
		BackingCaseIDs []string `json:"backing_case_ids,omitempty"`
	}
	upstreamCase struct {
		CaseID     string `json:"case_id"`
		SuiteID    string `json:"suite_id"`
		Status     string `json:"status"` // passed, failed, not_implemented, not_evaluable, skipped
		ReasonCode string `json:"reason_code,omitempty"`
		Reason     string `json:"reason,omitempty"`
	}
)

// The names of that format.
const (
	upPassed, upFailed, upSkipped     = "passed", "failed", "skipped"
	upNotImplemented, upNotEvaluable  = "not_implemented", "not_evaluable"
	upFull, upPartial, upIncompatible = "full", "partial", "incompatible"
	upUnknown                         = "unknown"
	upMismatch, upInsecure            = "behavior_mismatch", "security_invariant_violated"
	upPrerequisite, upSetup           = "prerequisite_failed", "transport_setup_failed"
)

// Upstream writes a report in the format of Inngest's own conformance runner. The
// features are those of that runner; the cases are ours. It is "full" or "partial" only
// for exit code 0, and "incompatible" for every violation. A SHOULD that is not met
// passes, with the finding as its reason; cases that are only observed are skipped and
// back no feature.
func Upstream(w io.Writer, r Report) error {
	u := upstreamReport{SchemaVersion: "v1alpha1", Transport: "serve"}
	for _, c := range r.Cases {
		one := upstreamOf(c)
		if r.Void {
			one.Status, one.ReasonCode, one.Reason = upNotEvaluable, upSetup, "void: "+page.Clean(r.VoidReason)
		}
		u.Cases = append(u.Cases, one)
		if c.Verdict != engine.Observed {
			u.back(upstreamFeatureOf(c), one)
		}
	}
	for i := range u.Features {
		u.Features[i].rollUp(u.Cases)
	}
	u.Compatibility = u.overall(r.Conclusion.ExitCode)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(u); err != nil {
		return fmt.Errorf("writing the report as v1alpha1 JSON: %w", err)
	}
	return nil
}

// upstreamOf is a case in that format. The suites are that runner's, too.
func upstreamOf(c Case) upstreamCase {
	u := upstreamCase{CaseID: c.ID, SuiteID: "core"}
	secures := c.Risk == suite.Forgery || c.Risk == suite.Replay || c.Risk == suite.Disclosure
	switch {
	case strings.HasPrefix(c.ID, "connect."):
		u.SuiteID = "transport-connect"
	case secures:
		u.SuiteID = "security"
	case c.Risk == suite.Availability:
		u.SuiteID = "negative"
	case upstreamFeatureOf(c) == "serve-introspection" || upstreamFeatureOf(c) == "serve-registration":
		u.SuiteID = "transport-serve"
	}
	if c.Verdict != engine.Pass {
		u.Reason = strings.Join(strings.Fields(page.Clean(c.short())), " ") // of one line
	}
	switch c.Verdict {
	case engine.Pass, engine.Warn:
		u.Status = upPassed
	case engine.Fail, engine.Surprising:
		u.Status, u.ReasonCode = upFailed, upMismatch
		if secures && c.Verdict == engine.Fail {
			u.ReasonCode = upInsecure
		}
	case engine.Blocked:
		u.Status, u.ReasonCode = upNotEvaluable, upPrerequisite
	case engine.NotApplicable:
		if u.Status = upNotEvaluable; strings.Contains(c.Note, "does not claim") { // a gap of the SDK's, not of the run's
			u.Status, u.ReasonCode = upNotImplemented, upNotImplemented
		}
	case engine.Inconclusive:
		u.Status = upNotEvaluable
	case engine.Error:
		u.Status, u.ReasonCode = upNotEvaluable, upSetup
	default: // observed, excused
		u.Status = upSkipped
	}
	return u
}

// upstreamFeatureOf is the feature of that runner's registry that a case tests.
func upstreamFeatureOf(c Case) string {
	chapter, _, _ := strings.Cut(c.ID, ".")
	switch {
	case chapter == "connect":
		return "connect-readiness"
	case c.Risk == suite.Disclosure:
		return "secret-redaction"
	case c.Risk == suite.Forgery || c.Risk == suite.Replay:
		return "auth-validation"
	case c.Risk == suite.Availability:
		return "malformed-input"
	case chapter == "introspection":
		return "serve-introspection"
	case chapter == "sync" || chapter == "inband":
		return "serve-registration"
	}
	return "invocation"
}

// back adds a case to those that a feature rests on.
func (u *upstreamReport) back(feature string, c upstreamCase) {
	i := slices.IndexFunc(u.Features, func(f upstreamFeature) bool { return f.FeatureID == feature })
	if i < 0 {
		i, u.Features = len(u.Features), append(u.Features, upstreamFeature{FeatureID: feature})
	}
	u.Features[i].BackingCaseIDs = append(u.Features[i].BackingCaseIDs, c.CaseID)
}

// rollUp sums up the cases of a feature as that runner does: one that failed makes it
// incompatible, one that was not evaluated makes it partial.
func (f *upstreamFeature) rollUp(cases []upstreamCase) {
	passed, worst := 0, upstreamCase{Status: upPassed}
	for _, c := range cases {
		if !slices.Contains(f.BackingCaseIDs, c.CaseID) {
			continue
		}
		switch {
		case c.Status == upPassed:
			passed++
		case worst.Status == upPassed || c.Status == upFailed && worst.Status != upFailed:
			worst = c
		}
	}
	f.ReasonCode, f.Reason = worst.ReasonCode, worst.Reason
	switch {
	case worst.Status == upFailed:
		f.Compatibility = upIncompatible
	case passed == 0:
		f.Compatibility = upUnknown
	case worst.Status == upPassed:
		f.Compatibility = upFull
	default:
		f.Compatibility = upPartial
	}
}

// overall is no better than the conclusion of the run.
func (u upstreamReport) overall(code int) string {
	switch code {
	case page.ExitConforms:
	case page.ExitViolates, page.ExitStaleBaseline:
		return upIncompatible
	default:
		return upUnknown
	}
	if slices.ContainsFunc(u.Features, func(f upstreamFeature) bool { return f.Compatibility != upFull }) {
		return upPartial
	}
	return upFull
}
