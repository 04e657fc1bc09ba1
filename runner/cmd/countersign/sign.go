package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
)

// signFlags say what is signed, with which key.
type signFlags struct {
	keyFlags
	body, at string
	fallback bool
}

func (f *signFlags) registerSign(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.body, "body", "", "a `FILE` with the body; - is standard input (default: an empty body)")
	flags.StringVar(&f.at, "at", "", "the `TIME` of the signature (RFC 3339, or seconds since 1970; default: now)")
	flags.BoolVar(&f.fallback, "fallback", false, "sign with the fallback key")
	f.registerKeys(c)
}

// signed is the body, and the value of its signature header.
func (a *app) signed(f signFlags) (body []byte, value string, err error) {
	at, err := parseTime("at", f.at)
	if err != nil {
		return nil, "", err
	}
	if at.IsZero() {
		at = time.Now()
	}
	if f.body != "" {
		if body, err = a.read(f.body); err != nil {
			return nil, "", err
		}
	}
	key, err := a.signingKey(f.keyFlags, f.fallback)
	if err != nil {
		return nil, "", err
	}
	at = at.Truncate(time.Second)
	s := reference.Signature{Time: at}
	s.MAC = key.MAC(body, s.T())
	return body, s.String(), nil
}

func (a *app) signCommand() *cobra.Command {
	f, curl := signFlags{}, ""
	command := &cobra.Command{
		Use: "sign [flags]", Short: "Prints the signature header of a body, or a curl command that sends it", Args: noArguments,
		Long: "The bytes of the body are signed as they are. Without --body the signature is that of a GET. The key is not\n" +
			"part of what is printed.",
		Example: `  countersign sign --body body.json
  countersign sign --curl http://127.0.0.1:3000/api/inngest                                  an introspection
  countersign sign --body body.json --curl 'http://127.0.0.1:3000/api/inngest?fnId=app-hello&stepId=step'`,
		RunE: func(*cobra.Command, []string) error {
			_, value, err := a.signed(f)
			if err != nil {
				return err
			}
			if curl == "" {
				_, err = fmt.Fprintln(a.stdout, reference.HeaderSignature+": "+value)
				return err
			}
			if f.body == "-" {
				return page.Usage("write the body into a file, so that the command can be run again", "--curl requires a file for --body")
			}
			_, err = fmt.Fprintln(a.stdout, curlCommand(curl, f.body, value))
			return err
		},
	}
	f.registerSign(command)
	command.Flags().StringVar(&curl, "curl", "", "print a curl command that sends it to `URL`, within 5 minutes")
	return command
}

func curlCommand(url, file, value string) string {
	words := []string{"curl", "-i", page.Quote(url), "-H", page.Quote(reference.HeaderSignature + ": " + value)}
	if file != "" {
		words = append(words, "-H", page.Quote("Content-Type: application/json"), "--data-binary", page.Quote("@"+file))
	}
	return strings.Join(words, " ")
}

// sendFlags are the flags of `send`.
type sendFlags struct {
	signFlags
	method                 string
	allowRemote, allowSync bool
}

func (a *app) sendCommand() *cobra.Command {
	f := sendFlags{}
	command := &cobra.Command{
		Use: "send URL [flags]", Short: "Signs one request, sends it and prints the response",
		Long: "Without --body it sends a GET, which is an introspection; with one a POST. A POST that names a function which\n" +
			"exists runs it; add `?probe=trust&fnId=none&stepId=step` to ask only whether the signature is accepted.\n\n" +
			"Exit codes: 0 the response has a 2xx status, 1 it has another, 2 usage error, 3 there was no response.",
		Example: `  countersign send http://127.0.0.1:3000/api/inngest                         an introspection
  echo '{}' | tr -d '\n' | countersign send 'http://127.0.0.1:3000/api/inngest?probe=trust&fnId=none&stepId=step' --body -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return page.Usage("for example: countersign send http://127.0.0.1:3000/api/inngest", "send takes one URL")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.send(c.Context(), args[0], f) },
	}
	f.registerSign(command)
	flags := command.Flags()
	flags.StringVar(&f.method, "method", "", "the `METHOD` (default: GET, or POST with a body)")
	flags.BoolVar(&f.allowSync, "allow-sync", false, "allow PUT, which makes the app register its functions")
	flags.BoolVar(&f.allowRemote, "allow-remote", false, "allow an address other than loopback")
	return command
}

func (a *app) send(ctx context.Context, address string, f sendFlags) error {
	method := http.MethodGet
	if f.body != "" {
		method = http.MethodPost
	}
	method = strings.ToUpper(cmp.Or(f.method, method))
	if method == http.MethodPut && !f.allowSync {
		return page.Usage("add --allow-sync if the app may register its functions", "a PUT makes the app register itself")
	}
	body, value, err := a.signed(f.signFlags)
	if err != nil {
		return err
	}
	address, query, _ := strings.Cut(address, "?")
	if _, err := url.ParseQuery(query); err != nil {
		return page.Usage("encode it", "the query of the URL is not valid: %v", err)
	}
	connection, err := launch.Connect(ctx, address, launch.AttachOptions{AllowRemote: f.allowRemote})
	if err != nil {
		return err
	}
	target := connection.Path()
	if query != "" {
		target += "?" + query
	}
	r := suite.Request{Method: method, Target: target, Header: []suite.Field{{Name: reference.HeaderSignature, Value: value}}, Body: body}
	if len(body) > 0 {
		r.Header = append(r.Header, suite.Field{Name: "Content-Type", Value: "application/json"})
	}
	got, _, err := connection.Do(ctx, r)
	if err != nil {
		return page.CouldNotJudge("look at the app's log", "%s gave no response: %v", connection, err)
	}
	if got.Status/100 != 2 {
		a.code = page.ExitViolates
	}
	return a.printResponse(got)
}

func (a *app) printResponse(r suite.Response) error {
	p := page.New(a.stdout, a.style(a.stdout, false))
	p.Line(page.Text(fmt.Sprintf("%d %s", r.Status, r.Reason), page.Bold))
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			p.Line(page.Text(name+": ", page.Dim), page.Text(value))
		}
	}
	if len(r.Body) > 0 {
		p.Line()
		for line := range strings.Lines(page.Clean(string(r.Body))) {
			p.Line(page.Text(strings.TrimRight(line, "\n")))
		}
	}
	return p.Flush("the response")
}
