package zoo

import (
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// window are the mutants that judge the age of a signature wrongly.
func window() []Mutant {
	const day = 24 * time.Hour
	return []Mutant{
		{
			Name: "no-window", Part: Window, Kills: "receiving.expired",
			Defect: "the time is signed but never compared with the clock",
			Break:  within(func(time.Duration) bool { return true }),
		},
		{
			Name: "window-of-six-minutes", Part: Window, Kills: "receiving.expired",
			Defect: "signatures are accepted for six minutes",
			Break:  within(func(age time.Duration) bool { return age <= 6*time.Minute && age >= -time.Minute }),
		},
		{
			Name: "window-of-hours", Part: Window, Kills: "receiving.expired",
			Defect: "the window is five hours instead of five minutes",
			Break:  within(func(age time.Duration) bool { return age <= 5*time.Hour && age >= -time.Minute }),
		},
		{
			Name: "age-in-32-bits", Part: Window, Kills: "receiving.expired-a-wrap",
			Defect: "the age is kept in milliseconds in 32 bits, and is small again after seven weeks",
			Break: within(func(age time.Duration) bool {
				wrapped := time.Duration(int32(age.Milliseconds())) * time.Millisecond
				return wrapped <= 5*time.Minute && wrapped >= -5*time.Minute
			}),
		},
		{
			Name: "minutes-of-the-hour", Part: Window, Kills: "receiving.expired-an-hour",
			Defect: "only minutes and seconds are compared, so a signature is valid again every hour",
			Break:  within(func(age time.Duration) bool { return age%time.Hour <= reference.MaxAge && age >= -time.Minute }),
		},
		{
			Name: "time-of-day", Part: Window, Kills: "receiving.expired-a-year",
			Defect: "only the time of day is compared, so a signature is valid again every day",
			Break:  within(func(age time.Duration) bool { return age%day <= reference.MaxAge && age >= -time.Minute }),
		},
		{
			Name: "epoch-is-no-time", Part: Window, Kills: "receiving.expired-epoch",
			Defect: "a t of 0 counts as missing, and is not compared with the window",
			Break: func(e *reference.Endpoint) {
				check := e.CheckWindow
				e.CheckWindow = func(at, now time.Time) error {
					if at.Unix() == 0 {
						return nil
					}
					return check(at, now)
				}
			},
		},
		{
			Name: "future-unbounded", Part: Window, Kills: "receiving.future",
			Defect: "only the past is limited: a signature from the future is valid until it is five minutes old",
			Break:  within(func(age time.Duration) bool { return age <= reference.MaxAge }),
		},
		{
			Name: "future-of-ten-minutes", Part: Window, Kills: "receiving.future",
			Defect: "signatures ten minutes in the future are accepted",
			Break:  within(func(age time.Duration) bool { return age <= reference.MaxAge && age >= -10*time.Minute }),
		},
		{
			Name: "future-by-the-day", Part: Window, Kills: "receiving.future-a-day",
			Defect: "for a time in the future, whole days are ignored",
			Break:  within(func(age time.Duration) bool { return age <= reference.MaxAge && age%day >= -time.Minute }),
		},
		{
			Name: "future-overflows", Part: Window, Kills: "receiving.future-ten-years",
			Defect: "a time too far in the future for 32 bits of milliseconds counts as now",
			Break: within(func(age time.Duration) bool {
				return age < -100*day || age <= reference.MaxAge && age >= -time.Minute
			}),
		},
		{
			Name: "past-overflows", Part: Window, Kills: "receiving.expired-a-year",
			Defect: "a time too far in the past for 32 bits of milliseconds counts as now",
			Break: within(func(age time.Duration) bool {
				return age > 100*day && age < 1000*day || age <= reference.MaxAge && age >= -time.Minute
			}),
		},
		{
			Name: "window-of-half-a-minute", Part: Window, Kills: "receiving.minute-old",
			Defect: "signatures are accepted for only half a minute",
			Break:  within(func(age time.Duration) bool { return age <= 30*time.Second && age >= -time.Minute }),
		},
		{
			Name: "window-of-three-minutes", Part: Window, Kills: "receiving.four-minutes-old",
			Defect: "signatures are accepted for only three minutes",
			Break:  within(func(age time.Duration) bool { return age <= 3*time.Minute && age >= -time.Minute }),
		},
		{
			Name: "no-skew", Part: Window, Kills: "receiving.clock-skew",
			Defect: "a signature slightly in the future is refused, so a small clock difference locks Inngest out",
			Break:  within(func(age time.Duration) bool { return age <= reference.MaxAge && age >= 0 }),
		},
		{
			Name: "calls-only-window", Part: Window, Kills: "introspection.expired",
			Defect: "the window is checked for calls, but not for introspection",
			Break: forgive(func(c *reference.Context, why error) bool {
				return c.Request.Method == "GET" && (why == reference.ErrExpired || why == reference.ErrFuture)
			}),
		},
		{
			Name: "sync-without-window", Part: Window, Kills: "inband.expired",
			Defect: "the window is checked for calls, but not for in-band syncs",
			Break:  forgiveWhich(reference.ErrExpired, func(c *reference.Context) bool { return isInBand(c.Request) }),
		},
		{
			Name: "sync-future-unbounded", Part: Window, Kills: "inband.future",
			Defect: "an in-band sync may be signed for a time far in the future",
			Break:  forgiveWhich(reference.ErrFuture, func(c *reference.Context) bool { return isInBand(c.Request) }),
		},
		{
			Name: "probe-without-window", Part: Window, Kills: "calls.probe-expired",
			Defect: "an expired trust probe is accepted",
			Break:  forgiveWhich(reference.ErrExpired, func(c *reference.Context) bool { return isProbe(c.Request) }),
		},
	}
}

// within replaces the window; age is negative for a time in the future.
func within(holds func(age time.Duration) bool) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		e.CheckWindow = func(at, now time.Time) error {
			if !holds(now.Sub(at)) {
				return reference.ErrExpired
			}
			return nil
		}
	}
}
