package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/explain"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// verifyFlags are the flags of `verify`.
type verifyFlags struct {
	keyFlags
	header, body, method, received string
	asJSON                         bool
}

func (a *app) verifyCommand() *cobra.Command {
	f := verifyFlags{}
	command := &cobra.Command{
		Use: "verify [FILE] [flags]", Short: "Explains the signature of one captured request: valid, or what was signed instead",
		Long: "FILE is a raw HTTP request, - is standard input. Without it, --header and --body say what was captured.\n" +
			"Where the signature does not match, verify searches for the key, the body, the time and the algorithm that\n" +
			"it was made with. Nothing is sent.\n\n" +
			"Exit codes: 0 valid, 1 not valid, 2 usage error.",
		Example: `  countersign verify request.http
  countersign verify --header 't=1700000000&s=…' --body body.json
  pbpaste | countersign verify - --received 2026-01-31T12:00:00Z`,
		RunE: func(_ *cobra.Command, args []string) error { return a.verify(f, args) },
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.header, "header", "", "the `VALUE` of the signature header")
	flags.StringVar(&f.body, "body", "", "a `FILE` with the body; - is standard input (default: an empty body)")
	flags.StringVar(&f.method, "method", "", "the `METHOD`, to check whether a body belongs to it")
	flags.StringVar(&f.received, "received", "", "when it was received, as a `TIME` (RFC 3339, or seconds since 1970): judges the age, too")
	f.registerKeys(command)
	flags.BoolVar(&f.asJSON, "json", false, "the result as JSON")
	return command
}

// read reads a file; - is standard input.
func (a *app) read(name string) ([]byte, error) {
	source := a.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, page.Usage("check the path", "%v", err)
		}
		defer func() { _ = file.Close() }()
		source = file
	}
	text, err := io.ReadAll(io.LimitReader(source, limits.Capture+1))
	switch {
	case err != nil:
		return nil, page.Usage("check the path and its permissions", "reading %s: %v", name, err)
	case len(text) > limits.Capture:
		return nil, page.Usage("Inngest sends at most 4 MiB", "%s is longer than %d MiB", name, limits.Capture>>20)
	}
	return text, nil
}

// captured is the request that the flags and the argument describe.
func (a *app) captured(f verifyFlags, args []string) (r explain.Request, err error) {
	switch {
	case len(args) == 1 && (f.header != "" || f.body != "" || f.method != ""):
		return r, page.Usage("a raw request has them", "a FILE excludes --header, --body and --method")
	case len(args) == 1:
		raw, err := a.read(args[0])
		if err != nil {
			return r, err
		}
		if r, err = explain.ParseRequest(raw); err != nil {
			return r, page.Usage("give a body with --body, and the signature with --header", "%s is %v", args[0], err)
		}
		return r, nil
	case len(args) > 1 || f.header == "":
		return r, page.Usage("for example: countersign verify --header 't=…&s=…' --body body.json", "verify takes one FILE, or --header")
	}
	r = explain.Request{Method: strings.ToUpper(f.method), Announced: -1}
	if f.body != "" {
		if r.Body, err = a.read(f.body); err != nil {
			return r, err
		}
	}
	value := f.header
	if name, rest, named := strings.Cut(f.header, ":"); named && !strings.Contains(name, "=") {
		r.Header, value = append(r.Header, suite.Field{Name: strings.TrimSpace(name), Value: strings.TrimSpace(rest)}), ""
	}
	if value != "" {
		r.Header = append(r.Header, suite.Field{Name: reference.HeaderSignature, Value: value})
	}
	return r, nil
}

// parseTime parses a time of a flag; the empty text is the zero time.
func parseTime(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, page.Usage("write it as 2026-01-31T12:00:00Z, or in seconds since 1970", "--%s %q is not a time", flag, text)
	}
	return at, nil
}

func (a *app) verify(f verifyFlags, args []string) error {
	r, err := a.captured(f, args)
	if err != nil {
		return err
	}
	received, err := parseTime("received", f.received)
	if err != nil {
		return err
	}
	keys, err := a.keys(f.keyFlags)
	if err != nil {
		return err
	}
	x := explain.Explain(r, keys, received, time.Now())
	if x.Verdict != explain.Valid {
		a.code = page.ExitViolates
	}
	if f.asJSON {
		encoder := json.NewEncoder(a.stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(x)
	}
	return a.printExplanation(x, keys, received)
}

func (a *app) printExplanation(x explain.Explanation, keys []explain.Key, received time.Time) error {
	p := page.New(a.stdout, a.style(a.stdout, false))
	p.Line(page.Verdict(x.Verdict, a.code), page.Text("  "+x.Summary))
	for _, rule := range x.Broken {
		p.Labelled("broken rule", rule.Rule+" ("+rule.Clause+")")
		p.Labelled("seen", rule.Seen)
	}
	if len(x.Matches) > 1 {
		for _, m := range x.Matches[1:] {
			p.Labelled("or", m.String())
		}
	}
	if !x.Signed.IsZero() {
		p.Labelled("signed at", signedAt(x, received))
	}
	if x.Partial {
		p.Labelled("search", fmt.Sprintf("%d combinations were tried, and not all: the body is too large", x.Tried))
	}
	for _, k := range keys {
		for _, fault := range explain.CheckKey(k.Text) {
			p.Labelled("note", k.Name+": "+fault.Fault)
		}
	}
	for _, advice := range x.Advice {
		p.Labelled("what to do", advice)
	}
	return p.Flush("the explanation")
}

func signedAt(x explain.Explanation, received time.Time) string {
	at := x.Signed.Format(time.RFC3339)
	if received.IsZero() {
		return at + fmt.Sprintf("; an SDK accepts it until %s, so say with --received when it arrived", x.Signed.Add(reference.MaxAge).Format(time.TimeOnly))
	}
	if x.Signed.After(received) {
		return at + fmt.Sprintf(", %s after it was received", x.Signed.Sub(received).Round(time.Second))
	}
	return at + fmt.Sprintf(", %s before it was received", received.Sub(x.Signed).Round(time.Second))
}
