package engine

import (
	"time"

	"github.com/countersign-dev/countersign/suite"
)

const (
	// mostShift is how far, in seconds, a time may be moved so that its signature is a
	// new one: less than the minute for which every signature is good.
	mostShift = 50
	// Requests that must be refused begin behind those that must be accepted, at
	// leastShift, and may be moved furthestShift from there: still good for whoever
	// accepts signatures for four minutes.
	leastShift, furthestShift = (mostShift + 1) * time.Second, 180
)

// SceneFor is what a stimulus needs to become a request now, with a signature that
// no other request of the run has: an endpoint may accept each of them once only.
// The body of a call is always a new one. What has the same message each time is
// signed some seconds farther from now, if need be.
func (s *Session) SceneFor(stimulus suite.Stimulus, nonce string) suite.Scene {
	scene := s.Scene(nonce)
	message := suite.Repeats(stimulus, scene.Visibility)
	if message == "" {
		return scene
	}
	away := -time.Second // into the past, unless what is tested lies ahead
	if stimulus.Fields().Age < 0 {
		away = time.Second
	}
	most := mostShift
	if in := stimulus.Fields(); in.Age == 0 && (in.Over != "" || in.Tamper != "") {
		scene.Now, most = scene.Now.Add(-leastShift), furthestShift
	}
	for range most {
		if s.traits.takeTime(usedTime{s.setup, message, scene.Now.Add(-stimulus.Fields().Age).Unix()}) {
			return scene
		}
		scene.Now = scene.Now.Add(away)
	}
	return s.Scene(nonce)
}

// takeTime reports whether nothing was signed with this time yet.
func (t *Traits) takeTime(u usedTime) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.times[u] {
		return false
	}
	if t.times == nil {
		t.times = map[usedTime]bool{}
	}
	t.times[u] = true
	return true
}
