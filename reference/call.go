package reference

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Function is a function of an app. It receives a call and returns a value that
// is sent back as JSON.
type Function func(ctx context.Context, call Call) (any, error)

// Call is the payload of a call (SPEC 4.4.1), as far as the reference uses it.
type Call struct {
	Event  Event           `json:"event"`
	Events []Event         `json:"events"`
	Steps  json.RawMessage `json:"steps"`
	Ctx    struct {
		RunID   string `json:"run_id"`
		Attempt int    `json:"attempt"`
		UseAPI  bool   `json:"use_api"`
	} `json:"ctx"`
}

// run handles a call: it finds the function, fetches the payload from the API
// where the call says so, and runs the function (SPEC 4.4).
func run(c *Context) Response {
	id, ofApp := strings.CutPrefix(c.Request.URL.Query().Get("fnId"), c.AppID+"-")
	function := c.Functions[id]
	if !ofApp || function == nil {
		return failure(http.StatusInternalServerError, errors.New("no such function in this app"))
	}
	var call Call
	if err := json.Unmarshal(c.Body, &call); err != nil {
		return failure(http.StatusInternalServerError, errors.New("the payload is not a call"))
	}
	if call.Ctx.UseAPI {
		if err := c.fetch(&call); err != nil {
			return failure(http.StatusInternalServerError, err)
		}
	}
	result, err := function(c.Request.Context(), call)
	if err != nil {
		return failure(http.StatusInternalServerError, err)
	}
	return jsonResponse(http.StatusOK, result)
}

// fetch reads a call's events and steps from the API (SPEC 4.4.2).
func (c *Context) fetch(call *Call) error {
	run := c.APIOrigin(c) + "/v0/runs/" + url.PathEscape(call.Ctx.RunID)
	if err := c.get(run+"/batch", &call.Events); err != nil {
		return fmt.Errorf("fetching the events of the run: %w", err)
	}
	if err := c.get(run+"/actions", &call.Steps); err != nil {
		return fmt.Errorf("fetching the steps of the run: %w", err)
	}
	if len(call.Events) == 0 {
		return errors.New("fetching the events of the run: the list is empty")
	}
	call.Event = call.Events[0]
	return nil
}

func (c *Context) get(url string, into any) error {
	response, err := c.Client(c).Call(c.Request.Context(), http.MethodGet, url, nil, nil)
	if err != nil {
		return err
	}
	if response.Status != http.StatusOK {
		return fmt.Errorf("the API responded with %d", response.Status)
	}
	if err := json.Unmarshal(response.Body, into); err != nil {
		return errors.New("the API's response cannot be decoded")
	}
	return nil
}
