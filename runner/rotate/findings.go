package rotate

import (
	"fmt"
	"strings"
)

// findings are the defects that the traffic shows and that are not defects of the
// rotation.
func (r *Rotation) findings() []Finding {
	all := []Finding{}
	if where := r.where(r.expiredRan); where != "" {
		all = append(all, Finding{r.expiryCase(), fmt.Sprintf(
			"calls that were signed %.0f minutes before they were sent ran: %s; the replay window is missing, or longer than that", longAgo.Minutes(), where,
		)})
	}
	for _, judged := range []struct {
		kind kind
		by   string
	}{{kindUnsigned, "receiving.unsigned"}, {kindUnknown, "receiving.wrong-key"}, {kindTampered, "receiving.tampered"}} {
		succeeded := func(q RequestRecord) bool {
			return q.Kind == judged.kind && q.Outcome == outcomeRefused && q.succeeded()
		}
		if where := r.where(succeeded); where != "" {
			return append(all, Finding{judged.by, "forged calls did not run, but had a response of success: " + where})
		}
	}
	return all
}

// expiredRan: an expired call ran. Its MAC is right, so it is not forged,
// and no authentic call was refused. Where calls signed with an unknown key run,
// too, nothing is verified, and the age of a signature is not the reason.
func (r *Rotation) expiredRan(q RequestRecord) bool {
	return q.Kind == kindExpired && q.Outcome == outcomeAccepted && r.Stages[q.Stage].Counts[kindUnknown].Accepted == 0
}

// expiryCase is the case that judges the window which let expired calls in: the
// fallback key's, where only calls with that key were let in.
func (r *Rotation) expiryCase() string {
	for _, q := range r.Requests {
		if r.expiredRan(q) && !stages[q.Stage].byFallback() {
			return "receiving.expired"
		}
	}
	return "keys.fallback-expired"
}

// where says at which stages there were requests of some sort, and how many;
// empty where there were none.
func (r *Rotation) where(is func(RequestRecord) bool) string {
	counts := map[int]int{}
	for _, q := range r.Requests {
		if is(q) {
			counts[q.Stage]++
		}
	}
	return r.atStages(func(s Stage) int { return counts[s.Number] })
}

func (r *Rotation) atStages(count func(Stage) int) string {
	var where []string
	for _, s := range r.Stages {
		if n := count(s); n > 0 {
			where = append(where, fmt.Sprintf("%d at stage %d, %s", n, s.Number, s.Name))
		}
	}
	return strings.Join(where, "; ")
}
