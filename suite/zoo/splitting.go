package zoo

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// splitting are the mutants that accept a recorded message that is split anew between body
// and time.
func splitting() []Mutant {
	return []Mutant{
		{
			Name: "cut-off-bodies-repaired", Part: Parsing, Kills: "replay.fresh-in-event",
			Defect: "only the leading digits of t are read, and a truncated body is repaired",
			Break: resplit(func(c *reference.Context, t string) bool {
				event, _, cut := bytes.Cut(c.Body, []byte(`,"events":`))
				fresh := isFresh(c, t[:len(t)-len(strings.TrimLeft(t, "0123456789"))])
				if cut && fresh {
					c.Body = append(bytes.Clone(event), '}')
				}
				return cut && fresh
			}),
		},
		{
			Name: "empty-t-and-trailing-data", Part: Parsing, Kills: "replay.empty-t",
			Defect: "an empty t is not compared with the window, and data after the body's JSON is ignored",
			Break:  resplit(func(c *reference.Context, t string) bool { return t == "" && hasT(c) && readFirstValue(c) }),
		},
		{
			Name: "no-t-and-trailing-data", Part: Parsing, Kills: "replay.no-t",
			Defect: "a missing t is not compared with the window, and data after the body's JSON is ignored",
			Break:  resplit(func(c *reference.Context, t string) bool { return t == "" && !hasT(c) && readFirstValue(c) }),
		},
	}
}

// resplit also accepts calls whose MAC covers the raw body and the text of t, if
// a condition holds; it may change the body that runs.
func resplit(when func(c *reference.Context, t string) bool) func(*reference.Endpoint) {
	return forgive(func(c *reference.Context, _ error) bool {
		values, _ := url.ParseQuery(c.Request.Header.Get(reference.HeaderSignature))
		mac := c.Keys.Primary.MAC(c.Body, values.Get("t"))
		return isCall(c.Request) && values.Get("s") == hex.EncodeToString(mac[:]) && when(c, values.Get("t"))
	})
}

func hasT(c *reference.Context) bool {
	values, _ := url.ParseQuery(c.Request.Header.Get(reference.HeaderSignature))
	return values.Has("t")
}

func isFresh(c *reference.Context, digits string) bool {
	seconds, err := strconv.ParseInt(digits, 10, 64)
	age := c.Now().Sub(time.Unix(seconds, 0))
	return err == nil && age >= 0 && age <= reference.MaxAge
}

// readFirstValue keeps the first JSON value of a body with trailing data.
func readFirstValue(c *reference.Context) bool {
	decoder := json.NewDecoder(bytes.NewReader(c.Body))
	var value json.RawMessage
	if decoder.Decode(&value) != nil || len(value) == len(c.Body) {
		return false
	}
	c.Body = value
	return true
}
