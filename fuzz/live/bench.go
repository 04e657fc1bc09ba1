package live

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

const (
	// exchangeLimit bounds one request to a target; more is a hang.
	exchangeLimit = 5 * time.Second
	// lyingLimit is how long a target may wait for the bytes that a lie promised.
	lyingLimit = 250 * time.Millisecond
	// startLimit bounds bringing one target up.
	startLimit = 60 * time.Second
	// uses is how many requests one target gets before a fresh one takes its
	// place, so that what is remembered of the deployId stays small.
	uses = 50_000
	// fresh is how long a captured answer is good for.
	fresh = time.Minute
)

// bench is the targets of one worker: nobody else talks to them, so what is
// heard of them was set off by the worker's last request.
type bench struct {
	lab      engine.Lab
	random   *rand.Rand // of nonces
	clock    func() time.Time
	seats    map[suite.Setup]*seat
	onSend   func()
	onceOnly bool // the target takes each signature once only
}

// seat is one target.
type seat struct {
	target   engine.Target
	used     int
	captured Answered
	at       time.Time // of the capture, by the target's clock
	previous *Exchange // what was sent last
	pending  []pending // refused requests that may still be heard of
}

type pending struct {
	nonce string
	trial Trial
	mark  int // what the stand-in API had heard before
}

// Trial is an exchange that was carried out, with all that belongs to it.
type Trial struct {
	Exchange Exchange
	Sent     Sent
	Owed     Owed
	Seen     Seen
	Took     time.Duration
	Broken   []Violation
	// Suspect is what was sent before: a target may die a moment after its answer.
	Suspect *Exchange
	signed  bool  // with the primary key, over the bytes as sent
	ahead   int64 // seconds by which its t is ahead
}

// plainlySigned reports whether a request has one well-formed signature, of the
// bytes as they are sent, and by how many seconds it is ahead.
func plainlySigned(sent Sent, w World) (signed bool, ahead int64) {
	values := valuesOf(sent.Request, reference.HeaderSignature)
	if len(values) != 1 {
		return false, 0
	}
	s, err := reference.ParseSignature(values[0])
	if err != nil || s.String() != values[0] || !bytes.Equal(sent.Body, sent.Entity) {
		return false, 0
	}
	return w.Keys.Primary.MAC(sent.Body, s.T()) == s.MAC, int64(s.Time.Sub(w.Now.Truncate(time.Second)).Seconds())
}

func newBench(lab engine.Lab, seed, worker uint64, clock func() time.Time) *bench {
	return &bench{lab: lab, random: rand.New(rand.NewPCG(seed, worker<<32|0xc0ffee)), clock: clock, seats: map[suite.Setup]*seat{}, onSend: func() {}}
}

// do carries one exchange out. The error says why that could not be done; it is
// never the target's fault.
func (b *bench) do(ctx context.Context, e Exchange) (Trial, error) {
	s, err := b.seat(ctx, e)
	if err != nil {
		return Trial{}, err
	}
	w := b.world(s, e)
	if e.NeedsAnswer() && (s.captured.Signature == "" || w.Now.Sub(s.at) > fresh) {
		if _, err := b.do(ctx, Exchange{Kind: b.answering(e), Rotating: e.Rotating}); err != nil {
			return Trial{}, err
		}
		if s, err = b.seat(ctx, e); err != nil {
			return Trial{}, err
		}
	}
	w.Captured = s.captured
	return b.send(ctx, s, e, w)
}

// answering is a kind whose answers are signed.
func (b *bench) answering(e Exchange) Kind {
	if b.lab.Visibility() != suite.Full {
		return e.Kind
	}
	return Call
}

func (b *bench) world(s *seat, e Exchange) World {
	elsewhere := "elsewhere.invalid"
	if standIn := s.target.StandIn(); standIn != nil {
		elsewhere = standIn.ElsewhereHost()
	}
	return World{
		Elsewhere: elsewhere, Keys: b.lab.Keys(), Now: s.target.Now(), Nonce: suite.NewNonce(b.random), Path: s.target.Path(), Host: s.target.Host(),
		Sight: b.lab.Visibility(), Rotating: e.Rotating, Once: b.onceOnly,
	}
}

func (b *bench) send(ctx context.Context, s *seat, e Exchange, w World) (Trial, error) {
	sent := e.Make(w)
	t := Trial{Exchange: e, Sent: sent, Owed: Judge(sent, e, w)}
	t.signed, t.ahead = plainlySigned(sent, w)
	standIn, mark := s.target.StandIn(), 0
	if standIn != nil {
		mark = standIn.Mark()
	}
	limit := exchangeLimit
	if sent.Lying {
		limit = lyingLimit
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	anonymous := s.anonymous()
	started := b.clock()
	got, err := s.target.Send(limited, sent.Request)
	t.Took = b.clock().Sub(started)
	s.used++
	b.onSend()
	if ctx.Err() != nil {
		return t, ctx.Err()
	}
	t.Seen = b.see(got, err)
	t.Seen.RightMAC = t.Owed.forged && tellsMAC(t.Seen.text(), sent, w)
	t.Seen.Late = errors.Is(limited.Err(), context.DeadlineExceeded)
	t.Seen.Runs, t.Seen.Died = s.target.Runs(w.Nonce)+s.anonymous()-anonymous, engine.Redact(b.lab.Keys(), s.target.Died())
	if standIn != nil {
		t.Seen.Heard = standIn.Since(mark)
		t.Seen.Asked = about(t.Seen.Heard, w.Nonce)
	}
	t.Broken = Violations(t.Owed, e, sent, t.Seen)
	s.note(t, got, w, mark)
	t.Suspect, s.previous = s.previous, &e
	return t, nil
}

// await waits until nothing late can happen to a target, and looks again whether
// it died.
func (b *bench) await(ctx context.Context, t *Trial) {
	s := b.seats[t.Exchange.Setup()]
	if s == nil {
		return
	}
	s.target.Settle(ctx)
	t.Seen.Died = engine.Redact(b.lab.Keys(), s.target.Died())
	t.Broken = Violations(t.Owed, t.Exchange, t.Sent, t.Seen)
}

// naming are those in which a nonce stands.
func naming(asked []suite.APIRequest, nonce string) (own []suite.APIRequest) {
	for _, a := range asked {
		if strings.Contains(a.Path+a.Query+a.Body, nonce) {
			own = append(own, a)
		}
	}
	return own
}

// anonymous is how often something ran without a nonce.
func (s *seat) anonymous() int { return s.target.Runs("") + s.target.Runs("-") }

// macForm is what a MAC in hex looks like, whatever its case.
var macForm = regexp.MustCompile(`[0-9A-Fa-f]{64}`)

// tellsMAC: the answer to a forgery holds the MAC that the forger lacked.
func tellsMAC(text string, sent Sent, w World) bool {
	if !macForm.MatchString(text) {
		return false
	}
	message, ok := signedMessage(sent.Method, sent.Entity)
	if !ok {
		return false
	}
	for _, value := range valuesOf(sent.Request, reference.HeaderSignature) {
		for _, p := range pairsOf(value) {
			right := w.Keys.Primary.MAC(message, p.t)
			if digits := hex.EncodeToString(right[:]); right != p.mac && strings.Contains(strings.ToLower(text), digits) {
				return true
			}
		}
	}
	return false
}

// about leaves out what an earlier request set off, and only now is heard.
func about(asked []suite.APIRequest, nonce string) (own []suite.APIRequest) {
	for _, a := range asked {
		if strings.HasPrefix(a.Path, "/e/") || a.Path == "/fn/register" || strings.Contains(a.Path+a.Query+a.Body, nonce) {
			own = append(own, a)
		}
	}
	return own
}

func (b *bench) see(got suite.Response, err error) Seen {
	keys := b.lab.Keys()
	seen := Seen{Status: got.Status, Reason: engine.Redact(keys, got.Reason), Header: map[string][]string{}, Body: engine.Redact(keys, string(plainBody(got)))}
	for name, values := range got.Header {
		name = engine.Redact(keys, name)
		for _, value := range values {
			seen.Header[name] = append(seen.Header[name], engine.Redact(keys, value))
		}
	}
	if err != nil {
		seen.NoAnswer = engine.Redact(keys, err.Error())
	}
	return seen
}

// plainBody is an answer's body without its compression.
func plainBody(got suite.Response) []byte {
	if !strings.EqualFold(got.Header.Get("Content-Encoding"), "gzip") {
		return got.Body
	}
	if texts := unpacked(got.Body); len(texts) > 0 {
		return texts[len(texts)-1]
	}
	return got.Body
}

// note keeps a signed answer for later, and what may still be heard of.
func (s *seat) note(t Trial, got suite.Response, w World, mark int) {
	if value := got.Header.Get(reference.HeaderSignature); value != "" && t.Owed.Answer == MustAccept {
		s.captured, s.at = Answered{value, got.Body}, w.Now
	}
	if t.Owed.Answer == MustRefuse && t.Seen.Runs == 0 {
		s.pending = append(s.pending, pending{w.Nonce, t, mark})
	}
}

// late gives the trials whose request was heard of only after its answer. Those
// that are still too young are kept for the next time, unless all are asked for.
func (s *seat) late(all bool) (late []Trial) {
	keep := 64
	if all {
		keep = 0
	}
	for len(s.pending) > keep {
		p := s.pending[0]
		s.pending = s.pending[1:]
		p.trial.Seen.Runs = s.target.Runs(p.nonce)
		if standIn := s.target.StandIn(); standIn != nil && p.trial.Owed.status {
			p.trial.Seen.Asked = naming(standIn.Since(p.mark), p.nonce)
		}
		p.trial.Broken = Violations(p.trial.Owed, p.trial.Exchange, p.trial.Sent, p.trial.Seen)
		if p.trial.shows(FalseAccept) != nil {
			late = append(late, p.trial)
		}
	}
	return late
}

// seat makes sure that the target of an exchange is up.
func (b *bench) seat(ctx context.Context, e Exchange) (*seat, error) {
	setup := e.Setup()
	if s := b.seats[setup]; s != nil {
		if s.target.Died() == "" && s.used < uses {
			return s, nil
		}
		s.target.Stop()
		delete(b.seats, setup)
	}
	starting, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	target, err := b.lab.Start(starting, setup)
	if err != nil {
		return nil, fmt.Errorf("starting the target (%s): %w", setup, err)
	}
	s := &seat{target: target}
	b.seats[setup] = s
	return s, nil
}

// leave waits for what is late and gives the targets back.
func (b *bench) leave(ctx context.Context) (late []Trial) {
	for _, s := range b.seats {
		if ctx.Err() == nil && s.target.Died() == "" {
			s.target.Settle(ctx)
		}
		late = append(late, s.late(true)...)
		s.target.Stop()
	}
	b.seats = map[suite.Setup]*seat{}
	return late
}
