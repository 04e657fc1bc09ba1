package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// The elements of JUnit XML, as the build servers read it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Time      string      `xml:"time,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string       `xml:"name,attr"`
		ClassName string       `xml:"classname,attr"`
		Time      string       `xml:"time,attr"`
		Skipped   *junitResult `xml:"skipped"`
		Error     *junitResult `xml:"error"`
		Failure   *junitResult `xml:"failure"`
		Out       string       `xml:"system-out,omitempty"`
	}
	junitResult struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a report as JUnit XML: a suite for each section of the specification,
// and one with the conclusion, which fails for every exit code but 0. A SHOULD that
// is not met passes, with its finding as output.
func JUnit(w io.Writer, r Report) error {
	all := junitSuites{Name: "countersign: " + r.Target.Title(), Time: seconds(r.TookMS), Suites: []junitSuite{r.junitConclusion()}}
	if !r.Void { // otherwise no verdict can be trusted
		for _, c := range r.Cases {
			section, _, _ := strings.Cut(c.Clause, "(")
			i := slices.IndexFunc(all.Suites, func(s junitSuite) bool { return s.Name == section })
			if i < 0 {
				i, all.Suites = len(all.Suites), append(all.Suites, junitSuite{Name: section})
			}
			all.Suites[i].Cases = append(all.Suites[i].Cases, junitCaseOf(c, section))
		}
	}
	for i := range all.Suites {
		s := &all.Suites[i]
		s.count(r.Started)
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("writing the report as JUnit XML: %w", err)
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return fmt.Errorf("writing the report as JUnit XML: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) count(started time.Time) {
	s.Tests, s.Timestamp = len(s.Cases), started.Format("2006-01-02T15:04:05")
	total := int64(0)
	for _, c := range s.Cases {
		var took float64
		_, _ = fmt.Sscan(c.Time, &took) // seconds wrote it
		total += int64(took * 1000)
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	s.Time = seconds(total)
}

func seconds(ms int64) string { return fmt.Sprintf("%.3f", float64(ms)/1000) }

// junitConclusion makes the file as red or green as the run.
func (r Report) junitConclusion() junitSuite {
	c := junitCase{Name: "conclusion", ClassName: "countersign", Time: seconds(0), Out: r.Conclusion.Verdict + ": " + r.Conclusion.Why}
	result := &junitResult{Message: r.Conclusion.Verdict, Type: r.Conclusion.Verdict, Text: r.Conclusion.Why}
	switch r.Conclusion.ExitCode {
	case page.ExitConforms:
	case page.ExitViolates, page.ExitStaleBaseline:
		c.Failure = result
	default:
		c.Error = result
	}
	return junitSuite{Name: "conclusion", Cases: []junitCase{c}}
}

func junitCaseOf(c Case, section string) junitCase {
	took := int64(0)
	for _, x := range c.Exchanges {
		took += x.TookMS
	}
	j := junitCase{Name: c.ID, ClassName: "countersign." + strings.ReplaceAll(section, " ", "-"), Time: seconds(took)}
	result := &junitResult{Message: c.short(), Type: string(c.Risk), Text: c.long()}
	switch c.Verdict {
	case engine.Fail:
		j.Failure = result
	case engine.Error:
		j.Error = result
	case engine.Surprising:
		result.Message = "stale baseline: the case passes"
		j.Failure = result
	case engine.Inconclusive:
		if c.Level == suite.Must {
			j.Error = result
			break
		}
		j.Skipped = &junitResult{Message: result.Message}
	case engine.Blocked, engine.NotApplicable, engine.Excused:
		j.Skipped = &junitResult{Message: result.Message}
	case engine.Warn:
		j.Out = "warning, a SHOULD is not met: " + result.Message + "\n" + result.Text
	case engine.Observed:
		j.Out = "observed, not scored: " + c.Observed
	}
	return j
}

// short is what became of a case that did not pass, in one line.
func (c Case) short() string {
	switch {
	case c.Excuse != nil:
		return fmt.Sprintf("%s: %s (%s)", c.Verdict, c.Excuse.Reason, c.Excuse.Link)
	case c.Verdict == engine.Blocked:
		return "blocked by " + c.Cause
	case c.Observed == "" || c.Verdict == engine.Inconclusive || c.Verdict == engine.NotApplicable:
		first, _, _ := strings.Cut(c.Note, "\n")
		return fmt.Sprintf("%s: %s", strings.ReplaceAll(string(c.Verdict), "-", " "), first)
	}
	return c.Title + ": observed " + c.Observed
}

// long is a finding as plain text.
func (c Case) long() string {
	var out strings.Builder
	for _, line := range [][2]string{
		{"requirement", c.Title}, {"clause", c.Clause + ": " + c.ClauseText}, {"set-up", c.Setup}, {"sent", c.Sent}, {"expected", c.Expected},
		{"observed", c.Observed}, {"note", c.Note}, {"attacker", string(c.By)}, {"impact", c.Why}, {"reproduce", c.Reproduce},
	} {
		if line[1] != "" {
			fmt.Fprintf(&out, "%s: %s\n", line[0], page.Clean(line[1]))
		}
	}
	return out.String()
}
