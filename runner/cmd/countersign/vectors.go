package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/shim"
	"github.com/countersign-dev/countersign/suite/limits"
)

func (a *app) vectorsCommand() *cobra.Command {
	var o shim.Options
	program, asJSON := "", false
	command := &cobra.Command{
		Use: "vectors --shim CMD [-- ARG...]", Short: "Checks a verifier that has no HTTP endpoint with the test vectors",
		Long: "CMD is a program that reads a JSON line from standard input for each vector, and writes a JSON line\n" +
			"in response to each:\n\n" +
			`  {"id":…,"do":"verify","now":…,"primary":…,"fallback":…,"method":…,"target":…,"headers":[[NAME,VALUE],…],"bodyBase64":…}` + "\n" +
			`  → {"accept":true} or {"accept":false}` + "\n" +
			`  {"id":…,"do":"sign","now":…,"key":…,"what":"request", "sync" or "response","bodyBase64":…}` + "\n" +
			`  → {"header":"t=…&s=…"}, or {"header":""} where the key is not usable` + "\n" +
			`  → {"unsupported":true} leaves a vector out` + "\n\n" +
			"The result is with how many vectors it agrees. It is no verdict about an SDK: whether functions\n" +
			"run, and what the SDK sends, is not observed.\n\n" +
			"Exit codes: 0 no MUST differs (with --strict: nothing differs), 1 some do, 2 usage, 3 the shim did not start,\n" +
			"or a response is missing or wrong.",
		Example: "  countersign vectors --shim ./verify-shim\n  countersign vectors --shim python3 -- shim.py --verbose",
		RunE: func(c *cobra.Command, args []string) error {
			if program == "" {
				return page.Usage("for example: countersign vectors --shim python3 -- shim.py", "vectors requires --shim")
			}
			if o.Limit <= 0 {
				return page.Usage("for example: --response-limit 10s", "--response-limit must be longer than 0, not %v", o.Limit)
			}
			o.Command = append([]string{program}, args...)
			return a.vectors(c, o, asJSON)
		},
	}
	command.Flags().StringVar(&program, "shim", "", "the `CMD` to check; its arguments follow after --")
	command.Flags().BoolVar(&o.Strict, "strict", false, "a SHOULD that differs gives exit code 1, too")
	command.Flags().DurationVar(&o.Limit, "response-limit", limits.ShimResponse, "how long the shim may take for a response")
	command.Flags().BoolVar(&asJSON, "json", false, "the result as JSON")
	return command
}

func (a *app) vectors(c *cobra.Command, o shim.Options, asJSON bool) error {
	result, err := shim.Check(c.Context(), o)
	if err != nil {
		return shimError(c, err)
	}
	if result.Violations() > 0 {
		a.code = page.ExitViolates
	}
	if asJSON {
		return page.JSON(a.stdout, result)
	}
	return a.printVectors(result)
}

func shimError(c *cobra.Command, err error) error {
	if c.Context().Err() != nil {
		return page.CouldNotJudge("", "interrupted")
	}
	described := page.CouldNotJudge("`countersign vectors --help` shows the lines that a shim reads and writes", "%v", err)
	if failed := (*shim.Error)(nil); errors.As(err, &failed) {
		described.Output = failed.Output
	}
	return described
}

func (a *app) printVectors(r shim.Result) error {
	p := page.New(a.stdout, a.style(a.stdout, false))
	for _, d := range r.Differ {
		title := fmt.Sprintf("%s %s (%s)", d.Level, d.ID, d.Clause)
		if d.By != "" {
			title = fmt.Sprintf("%s %s (%s, by %s)", d.Level, d.ID, d.Clause, d.By)
		}
		p.Line(page.Text(title + ": want " + d.Want + ", got " + d.Got))
		p.Paragraph("  " + d.Comment)
		if d.Bug != "" {
			p.Paragraph("  likely: " + d.Bug)
		}
	}
	if len(r.Uncounted) > 0 {
		p.Paragraph("not counted, because their control is refused: " + strings.Join(r.Uncounted, ", "))
	}
	p.Line(page.Text(fmt.Sprintf("vectors %s: agrees with %d of %d vectors; %d MUST and %d SHOULD differ, %d not counted, %d unspecified, %d unsupported",
		r.Version, r.Agree, r.Scored, count(r, "MUST"), count(r, "SHOULD"), len(r.Uncounted), r.Unspecified, r.Unsupported)))
	if err := p.Flush("the result"); err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	return nil
}

// count counts the differences of a level.
func count(r shim.Result, level string) (n int) {
	for _, d := range r.Differ {
		if d.Level == level {
			n++
		}
	}
	return n
}
