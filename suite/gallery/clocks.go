package gallery

import (
	"net/http"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// unsigned is the capability that an endpoint lacks whose responses are not signed.
var unsigned = []string{"response-signature"}

// clocks: endpoints whose clock, window or Date is not what one expects.
func clocks() []Endpoint {
	const four = 4 * time.Minute
	return []Endpoint{
		off("clock-8s-ahead", 8*time.Second), off("clock-8s-behind", -8*time.Second),
		off("clock-90s-ahead", 90*time.Second), off("clock-90s-behind", -90*time.Second),
		off("clock-4min-ahead", four), off("clock-4min-behind", -four),
		offUnseen("clock-8s-ahead-date-of-an-edge", 8*time.Second), offUnseen("clock-8s-behind-date-of-an-edge", -8*time.Second),
		offUnseen("clock-2min-ahead-date-of-an-edge", 2*time.Minute), offUnseen("clock-2min-behind-date-of-an-edge", -2*time.Minute),
		offUnseen("clock-4min-ahead-date-of-an-edge", four), offUnseen("clock-4min-behind-date-of-an-edge", -four),
		{
			Name: "clock-4min-ahead-only-date-says", Part: Clocks, Without: unsigned,
			Peculiar: "its clock is 4 minutes ahead, which only its Date says, and it takes signatures from 5 minutes ago to 5 ahead",
			Change:   func(e *reference.Endpoint) { shift(e, four); unsign(e); wide(e); dated(e) },
		},
		{
			Name: "clock-3min-behind-wide-window-unseen", Part: Clocks, Without: unsigned,
			Peculiar: "its clock is 3 minutes behind, which nothing says, and it takes signatures from 5 minutes ago to 5 ahead",
			Change:   func(e *reference.Endpoint) { shift(e, -3*time.Minute); unsign(e); wide(e) },
		},
		{
			Name: "clock-drifts", Part: Clocks,
			Peculiar: "its clock gains one second in a hundred, from 20 s behind on",
			Change: func(e *reference.Endpoint) {
				began := time.Now()
				e.Now = func() time.Time {
					now := time.Now()
					return now.Add(now.Sub(began)/100 - 20*time.Second)
				}
			},
		},
		{
			Name: "future-of-5-minutes", Part: Clocks,
			Peculiar: "it takes signatures that are up to 5 minutes ahead",
			Change:   wide,
		},
		{
			Name: "no-date", Part: Clocks,
			Peculiar: "its responses have no Date",
			Wrap:     after(func(_ *http.Request, k *kept) { k.header["Date"] = nil }),
		},
		{
			Name: "date-an-hour-off", Part: Clocks,
			Peculiar: "its Date is an hour behind, and its clock is right",
			Wrap: after(func(_ *http.Request, k *kept) {
				k.header.Set("Date", time.Now().UTC().Add(-time.Hour).Format(http.TimeFormat))
			}),
		},
		{
			Name: "date-2min-off-unsigned", Part: Clocks, Without: unsigned,
			Peculiar: "its Date is 2 minutes behind, its clock is right, and its responses are not signed",
			Change:   unsign,
			Wrap: after(func(_ *http.Request, k *kept) {
				k.header.Set("Date", time.Now().UTC().Add(-2*time.Minute).Format(http.TimeFormat))
			}),
		},
		{
			Name: "date-from-a-cache", Part: Clocks,
			Peculiar: "its Date never changes, and there is an Age",
			Wrap: func(next http.Handler) http.Handler {
				began := time.Now()
				return after(func(_ *http.Request, k *kept) {
					k.header.Set("Date", began.UTC().Add(-time.Minute).Format(http.TimeFormat))
					k.header.Set("Age", "60")
				})(next)
			},
		},
		{
			Name: "date-in-words", Part: Clocks,
			Peculiar: "its Date is no date",
			Wrap:     after(func(_ *http.Request, k *kept) { k.header.Set("Date", "now") }),
		},
	}
}

// off has a clock that differs, and its Date with it.
func off(name string, by time.Duration) Endpoint {
	return Endpoint{
		Name: name, Part: Clocks, Peculiar: "its clock and its Date differ by " + by.String(),
		Change: func(e *reference.Endpoint) { shift(e, by); dated(e) },
	}
}

// offUnseen has a clock that differs; nothing in its responses says so.
func offUnseen(name string, by time.Duration) Endpoint {
	return Endpoint{
		Name: name, Part: Clocks, Without: unsigned,
		Peculiar: "its clock differs by " + by.String() + ", its Date is an edge's, and its responses are not signed",
		Change:   func(e *reference.Endpoint) { shift(e, by); unsign(e) },
	}
}

func shift(e *reference.Endpoint, by time.Duration) {
	e.Now = func() time.Time { return time.Now().Add(by) }
}

// dated gives responses the endpoint's own time.
func dated(e *reference.Endpoint) {
	finish := e.FinishResponse
	e.FinishResponse = func(c *reference.Context, r *reference.Response) {
		finish(c, r)
		r.Header.Set("Date", c.Now().UTC().Format(http.TimeFormat))
	}
}

// unsign leaves the signature of responses out.
func unsign(e *reference.Endpoint) {
	finish := e.FinishResponse
	e.FinishResponse = func(c *reference.Context, r *reference.Response) {
		finish(c, r)
		r.Header.Del(reference.HeaderSignature)
	}
}

// wide takes signatures that are up to five minutes ahead.
func wide(e *reference.Endpoint) {
	e.CheckWindow = func(at, now time.Time) error {
		switch age := now.Sub(at); {
		case age > reference.MaxAge:
			return reference.ErrExpired
		case age < -reference.MaxAge:
			return reference.ErrFuture
		}
		return nil
	}
}
