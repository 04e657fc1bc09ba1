package rotate

import (
	"fmt"
	"strings"
)

// findings are the defects beside the rotation: expired calls that ran. They
// carry the right MAC, so nobody forged them, and no authentic call was refused.
func (r *Result) findings() []Finding {
	where := r.where(func(t Totals) int { return t.ExpiredAccepted })
	if where == "" {
		return []Finding{}
	}
	return []Finding{{
		Case: r.expiryCase(),
		Text: fmt.Sprintf("calls that were signed %.0f minutes before they were sent ran: %s; the replay window is missing, or longer than that", longAgo.Minutes(), where),
	}}
}

// expiryCase is the case that judges the window which let expired calls in: the
// fallback key's, where only calls with that key were let in.
func (r *Result) expiryCase() string {
	for _, s := range r.Stages {
		if s.Totals.ExpiredAccepted > 0 && !stages[s.Number].byFallback() {
			return "receiving.expired"
		}
	}
	return "keys.fallback-expired"
}

// where says at which stages something was counted, and how often; empty where
// it never was.
func (r *Result) where(count func(Totals) int) string {
	var where []string
	for _, s := range r.Stages {
		if n := count(s.Totals); n > 0 {
			where = append(where, fmt.Sprintf("%d at stage %d, %s", n, s.Number, s.Name))
		}
	}
	return strings.Join(where, "; ")
}
