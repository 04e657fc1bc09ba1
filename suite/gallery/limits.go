package gallery

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limits: endpoints behind something that limits how much is sent to them.
func limits() []Endpoint {
	return []Endpoint{
		{
			Name: "limiter-429", Part: Limits,
			Peculiar: "after a burst of 30 requests, those above 100 per second get 429",
			Wrap:     limited(30, 100, respondWith(http.StatusTooManyRequests, "text/plain", "slow down\n")),
		},
		{
			Name: "limiter-429-retry-after", Part: Limits,
			Peculiar: "after a burst of 100 requests, those above 100 per second get 429, with Retry-After in seconds",
			Wrap:     limited(100, 100, respondWith(http.StatusTooManyRequests, "application/json", `{"error":"rate limited"}`, "Retry-After", "1")),
		},
		{
			Name: "limiter-503", Part: Limits,
			Peculiar: "after a burst of 30 requests, those above 100 per second get 503 and a page",
			Wrap:     limited(30, 100, page(http.StatusServiceUnavailable)),
		},
		{
			Name: "limiter-503-retry-after-date", Part: Limits,
			Peculiar: "after a burst of 100 requests, those above 100 per second get 503, with Retry-After as a date",
			Wrap: limited(100, 100, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", time.Now().UTC().Add(time.Second).Format(http.TimeFormat))
				page(http.StatusServiceUnavailable)(w, r)
			}),
		},
		{
			Name: "limiter-by-window", Part: Limits,
			Peculiar: "40 requests in every fifth of a second, the rest gets 429 with RateLimit fields",
			Wrap:     perWindow(40, time.Second/5),
		},
		{
			Name: "limiter-of-a-cloud-edge", Part: Limits,
			Peculiar: "after a burst of 50 requests, those above 200 per second get 529",
			Wrap:     limited(50, 200, page(529)),
		},
		{
			Name: "limiter-that-closes", Part: Limits,
			Peculiar: "after a burst of 30 requests, connections above 150 per second are closed",
			Wrap:     limited(30, 150, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		},
		{
			Name: "limiter-that-delays", Part: Limits,
			Peculiar: "requests above 200 per second wait",
			Wrap:     delayed(200),
		},
		{
			Name: "one-at-a-time", Part: Limits,
			Peculiar: "while one request is served, any other gets 503",
			Wrap:     single,
		},
	}
}

// limited passes on what a bucket of tokens allows.
func limited(burst, perSecond float64, refuse http.HandlerFunc) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		tokens, last := burst, time.Now()
		take := func() bool {
			mu.Lock()
			defer mu.Unlock()
			now := time.Now()
			tokens = min(burst, tokens+now.Sub(last).Seconds()*perSecond)
			last = now
			if tokens < 1 {
				return false
			}
			tokens--
			return true
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !take() {
				refuse(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// perWindow passes on a number of requests in every window of time.
func perWindow(most int, window time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		var mu sync.Mutex
		var began time.Time
		count := 0
		take := func() (left int) {
			mu.Lock()
			defer mu.Unlock()
			if now := time.Now(); now.Sub(began) >= window {
				began, count = now, 0
			}
			count++
			return most - count
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			left := take()
			w.Header().Set("RateLimit-Limit", strconv.Itoa(most))
			w.Header().Set("RateLimit-Remaining", strconv.Itoa(max(0, left)))
			if left < 0 {
				respondWith(http.StatusTooManyRequests, "text/plain", "too many requests\n", "RateLimit-Reset", "1")(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// delayed passes everything on, one request after the other, at a rate.
func delayed(perSecond int) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		ticks := time.NewTicker(time.Second / time.Duration(perSecond))
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-ticks.C
			next.ServeHTTP(w, r)
		})
	}
}

// single refuses what comes while something is being served.
func single(next http.Handler) http.Handler {
	busy := make(chan struct{}, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case busy <- struct{}{}:
			defer func() { <-busy }()
			next.ServeHTTP(w, r)
		default:
			page(http.StatusServiceUnavailable)(w, r)
		}
	})
}
