package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/countersign-dev/countersign/runner/diagnosis"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/limits"
)

// diagnose finds out why Inngest's requests to an endpoint fail.
func (a *app) diagnose(ctx context.Context, f doctorFlags) error {
	primary, fallback, err := a.keyTexts(f.keyFlags)
	if err != nil {
		return err
	}
	progress := a.progress(f.quiet)
	defer progress.Done()
	progress.Say("sending at most %d requests to %s; none names a function that exists, none is a PUT", limits.DiagnosisRequests, f.url)
	r, err := diagnosis.Run(ctx, diagnosis.Options{
		URL: f.url, AllowRemote: f.allowRemote, Primary: primary, Fallback: fallback, Others: a.otherKeys(), Rate: int(f.rate),
	})
	if err != nil {
		return err
	}
	progress.Done()
	if len(r.Mistakes()) > 0 {
		a.code = page.ExitViolates
	}
	if f.asJSON {
		encoder := json.NewEncoder(a.stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	out := page.New(a.stdout, a.style(a.stdout, false))
	writeDiagnosis(out, r)
	return out.Flush("the diagnosis")
}

func writeDiagnosis(p *page.Page, r diagnosis.Result) {
	word, code := "no mistake found", page.ExitConforms
	if n := len(r.Mistakes()); n > 0 {
		word, code = page.Count(n, "mistake")+" found", page.ExitViolates
		if r.Findings[0].Possible {
			word = "one of " + page.Count(n, "mistake")
			if n == 1 {
				word = "a possible mistake"
			}
		}
	}
	about := fmt.Sprintf("  in %s", page.Count(r.Requests, "request"))
	if r.SDK != "" {
		about += " to " + r.SDK
	}
	p.Line(page.Verdict(word, code), page.Text(about))
	writeFindings(p, r)
	if len(r.Checked)+len(r.Skipped) > 0 {
		p.Line()
	}
	for _, checked := range r.Checked {
		p.Labelled("checked", checked)
	}
	for _, skipped := range r.Skipped {
		p.Labelled("not checked", skipped)
	}
	p.Labelled("rotation", r.Rotation)
}

func writeFindings(p *page.Page, r diagnosis.Result) {
	for _, f := range r.Findings {
		p.Heading(title(f))
		for _, evidence := range f.Evidence {
			p.Labelled("evidence", evidence, page.Dim)
		}
		p.Labelled("fix", f.Fix)
	}
}

func title(f diagnosis.Finding) string {
	if f.Warning {
		return "warning: " + f.Title()
	}
	return f.Title()
}
