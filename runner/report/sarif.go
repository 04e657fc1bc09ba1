package report

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// SARIF writes the findings of a report as SARIF 2.1.0. A finding has no line of
// code: its location is the first line of the path of the endpoint. Excused violations are suppressed
// ones. A run that could not judge, or is void, is an unsuccessful invocation.
func SARIF(w io.Writer, r Report) error {
	log := sarif.NewReport()
	run := sarif.NewRunWithInformationURI(r.Tool.Name, "https://github.com/countersign-dev/countersign")
	run.Tool.Driver.WithVersion(r.Tool.Version)
	run.WithAutomationDetails(sarif.NewRunAutomationDetails().WithID("countersign/" + r.Target.Name + "/"))
	run.AddInvocation(r.sarifInvocation())
	if !r.Void { // otherwise no verdict can be trusted
		for _, c := range r.Cases {
			if level := sarifLevel(c); level != "" {
				describeRule(run.AddRule(c.ID), c)
				run.AddResult(sarifResult(c, level, r.Target).WithRuleIndex(len(run.Results)))
			}
		}
	}
	log.AddRun(run)
	if err := log.PrettyWrite(w); err != nil {
		return fmt.Errorf("writing the report as SARIF: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// sarifLevel is the level of a finding; empty if the case is none.
func sarifLevel(c Case) string {
	switch {
	case c.Verdict == engine.Fail, c.excusedViolation() && c.Level == suite.Must:
		return "error"
	case c.Verdict == engine.Warn, c.excusedViolation():
		return "warning"
	}
	return ""
}

func describeRule(rule *sarif.ReportingDescriptor, c Case) {
	text := func(s string) *sarif.MultiformatMessageString { return sarif.NewMultiformatMessageString().WithText(s) }
	rule.WithShortDescription(text(page.Sentence(c.Title)))
	rule.WithFullDescription(text(c.Clause + ": " + page.Sentence(c.ClauseText)))
	rule.WithHelp(text(page.Sentence(c.Why)))
	rule.WithProperties(sarif.NewPropertyBag().WithTags([]string{"security", string(c.Risk)}).
		Add("clause", c.Clause).Add("source", c.Source).Add("level", string(c.Level)).Add("risk", string(c.Risk)).Add("attacker", string(c.By)))
}

func sarifResult(c Case, level string, target Target) *sarif.Result {
	message := fmt.Sprintf("%s Sent: %s. Expected: %s. Observed: %s. Reproduce: %s", page.Sentence(c.Title), c.Sent, c.Expected, cmp.Or(c.Observed, c.Note), c.Reproduce)
	result := sarif.NewRuleResult(c.ID).WithLevel(level).WithMessage(sarif.NewTextMessage(page.CleanLine(message)))
	result.WithPartialFingerprints(map[string]string{"case/v1": target.Name + " " + c.ID})
	result.AddLocation(sarif.NewLocation().
		WithPhysicalLocation(sarif.NewPhysicalLocation().
			WithArtifactLocation(sarif.NewSimpleArtifactLocation(endpointPath(c, target))).WithRegion(sarif.NewSimpleRegion(1, 1))).
		AddLogicalLocation(sarif.NewLogicalLocation().WithFullyQualifiedName(c.ID).WithKind("case")))
	if e := c.Excuse; e != nil {
		result.AddSuppression(sarif.NewSuppression().WithKind("external").WithStatus("accepted").WithJustification(e.Reason + " (" + e.Link + ")"))
	}
	return result
}

// endpointPath is the path at which the target serves, relative as SARIF wants it.
func endpointPath(c Case, target Target) string {
	path := "api/inngest"
	if u, err := url.Parse(target.URL); err == nil && target.URL != "" {
		path = u.Path
	} else if len(c.Exchanges) > 0 {
		path, _, _ = strings.Cut(c.Exchanges[0].Request.Target, "?")
	}
	escaped := (&url.URL{Path: strings.Trim(path, "/")}).EscapedPath()
	return cmp.Or(escaped, "endpoint")
}

func (r Report) sarifInvocation() *sarif.Invocation {
	judged := r.Conclusion.ExitCode != page.ExitVoid && r.Conclusion.ExitCode != page.ExitCouldNotJudge
	invocation := sarif.NewInvocation().WithExecutionSuccessful(judged).WithExitCode(r.Conclusion.ExitCode).
		WithExitCodeDescription(r.Conclusion.Verdict + ": " + r.Conclusion.Why).WithStartTimeUtc(r.Started.UTC().Format("2006-01-02T15:04:05.000Z"))
	if !judged {
		invocation.AddToolExecutionNotification(sarif.NewNotification().WithLevel("error").
			WithMessage(sarif.NewTextMessage(r.Conclusion.Verdict + ": " + r.Conclusion.Why)))
	}
	return invocation
}
