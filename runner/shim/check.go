package shim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/vectors"
)

// Options say what is checked, and how.
type Options struct {
	Command []string      // the shim and its arguments
	Limit   time.Duration // how long the shim may take for a response
	Strict  bool          // a SHOULD that differs is a violation, too
}

// Result is with how many vectors a shim agrees.
type Result struct {
	Command     []string     `json:"command"`
	Version     string       `json:"version"` // of the vectors
	Digest      string       `json:"digest"`  // of the vectors
	Agree       int          `json:"agree"`
	Scored      int          `json:"scored"`
	Unspecified int          `json:"unspecified"` // recorded, never scored
	Unsupported int          `json:"unsupported"` // left out by the shim
	Uncounted   []string     `json:"uncounted"`   // refused as they must be, but so is their control
	Differ      []Difference `json:"differ"`
}

// Difference is a vector that a shim has another result for.
type Difference struct {
	ID        string `json:"id"`
	Clause    string `json:"clause"`
	Level     string `json:"level"`
	By        string `json:"by,omitempty"` // who can send it, where it must be refused
	Comment   string `json:"comment"`
	Want      string `json:"want"`
	Got       string `json:"got"`
	Bug       string `json:"bug,omitempty"` // the likely bug
	Violation bool   `json:"violation"`     // a MUST, or strictly a SHOULD
}

// Violations counts the differences that are violations.
func (r Result) Violations() (n int) {
	for _, d := range r.Differ {
		if d.Violation {
			n++
		}
	}
	return n
}

// Error is an error of the shim itself: it can't be started, or a response is missing
// or wrong.
type Error struct {
	Vector string // empty before the first request
	Cause  error
	Output string // the end of its standard error
}

func (e *Error) Error() string {
	if e.Vector == "" {
		return e.Cause.Error()
	}
	return fmt.Sprintf("the shim, on the vector %s: %v", e.Vector, e.Cause)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Check runs the vectors about requests and signatures through a shim.
func Check(ctx context.Context, o Options) (Result, error) {
	items, err := load()
	if err != nil {
		return Result{}, err
	}
	pinned, err := vectors.Pinned()
	if err != nil {
		return Result{}, err
	}
	responses, err := responses(ctx, o, items)
	if err != nil {
		return Result{}, err
	}
	result := score(items, responses, o.Strict)
	result.Command, result.Version, result.Digest = o.Command, pinned.Version, pinned.Digest
	if result.Scored == 0 {
		return Result{}, &Error{Cause: errors.New("the shim supports no vector")}
	}
	return result, nil
}

// responses runs the vectors through the shim and returns the responses by the id of
// the vector.
func responses(ctx context.Context, o Options, items []item) (map[string]Response, error) {
	p, err := start(ctx, o.Command)
	if err != nil {
		return nil, &Error{Cause: err}
	}
	responses := map[string]Response{}
	for _, each := range items {
		response, err := responseTo(ctx, p, each, o.Limit)
		if err != nil {
			p.stop()
			return nil, &Error{each.about.ID, err, string(p.errors.text)}
		}
		responses[each.about.ID] = response
	}
	p.stop()
	return responses, nil
}

func responseTo(ctx context.Context, p *process, i item, limit time.Duration) (Response, error) {
	request, err := json.Marshal(i.request)
	if err != nil {
		return Response{}, fmt.Errorf("encoding the request: %w", err)
	}
	line, err := p.request(ctx, request, limit)
	if err != nil {
		return Response{}, err
	}
	return parseResponse(line, i.do)
}

// score compares the responses with the vectors.
func score(items []item, responses map[string]Response, strict bool) Result {
	r := Result{Uncounted: []string{}, Differ: []Difference{}}
	for _, each := range items {
		response := responses[each.about.ID]
		got := each.outcome(response)
		switch {
		case response.Unsupported != nil:
			r.Unsupported++
			continue
		case each.want == vectors.Unspecified:
			r.Unspecified++
			continue
		case got != each.want:
			r.Differ = append(r.Differ, each.difference(got, strict))
		case each.about.Control != "" && !accepted(responses[each.about.Control]):
			r.Uncounted = append(r.Uncounted, each.about.ID)
		default:
			r.Agree++
		}
		r.Scored++
	}
	return r
}

func accepted(r Response) bool {
	return r.Accept != nil && *r.Accept || r.Header != nil && *r.Header != ""
}
