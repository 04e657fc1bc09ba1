package suite

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// payload is the body before tampering, and its canonical form. Both are nil if
// there is no body.
func (in Fields) payload(kind Kind, scene Scene) (body, canonical []byte) {
	if in.Bodiless || kind == KindIntrospect || kind == KindConnect || in.Tamper == CallOnlyInQuery {
		return nil, nil
	}
	if text, literal := literalBodies[in.Body]; literal {
		return []byte(text), CanonicalOf([]byte(text))
	}
	switch {
	case kind == KindOtherMethod && (in.Method == http.MethodHead || in.Method == http.MethodOptions):
		return nil, nil
	case kind == KindSync || kind == KindInBandSync:
		return in.Body.encode(in.Body.syncOf(in.syncURL(scene)))
	}
	return in.callBody(scene)
}

// Placeholders in cached bodies for what differs from call to call.
const (
	someNonce  = "00000000000000000000000000"
	someMillis = 1111111111111
)

// encodedBody is a body with its canonical form.
type encodedBody struct{ body, canonical []byte }

// callForm is what the body of a call depends on besides its nonce and time.
type callForm struct {
	event  string
	added  string
	body   BodyForm
	size   int
	useAPI bool
}

// callBodies caches encoded calls: those of one form differ only in nonce and time.
var callBodies sync.Map

// callBody encodes a call for a scene.
func (in Fields) callBody(scene Scene) (body, canonical []byte) {
	kind := callForm{in.eventName(scene), in.Members, in.Body, in.Size, in.UseAPI}
	cached, known := callBodies.Load(kind)
	if !known {
		var e encodedBody
		e.body, e.canonical = in.Body.encode(in.call(Scene{Nonce: someNonce, Now: time.UnixMilli(someMillis), Visibility: scene.Visibility}))
		e.body, e.canonical = filledUp(e.body, in.Size), filledUp(e.canonical, in.Size)
		if change, changes := changedCalls[in.Body]; changes {
			e.body = bytes.ReplaceAll(e.body, []byte(change[0]), []byte(change[1]))
			e.canonical = CanonicalOf(e.body)
		}
		cached, _ = callBodies.LoadOrStore(kind, e)
	}
	fill := func(text []byte) []byte {
		if scene.Run != "" {
			text = bytes.ReplaceAll(text, []byte(`"run_id":"`+someNonce), []byte(`"run_id":"`+scene.Run))
		}
		text = bytes.ReplaceAll(text, []byte(someNonce), []byte(scene.Nonce))
		text = bytes.ReplaceAll(text, []byte(jobOf(someNonce)), []byte(jobOf(scene.Nonce)))
		text = bytes.ReplaceAll(text, []byte(queueItemOf(someNonce)), []byte(queueItemOf(scene.Nonce)))
		return bytes.ReplaceAll(text, []byte(strconv.Itoa(someMillis)), []byte(strconv.FormatInt(scene.Now.UnixMilli(), 10)))
	}
	encoded := cached.(encodedBody)
	body = fill(encoded.body)
	if odd, is := oddCalls[in.Body]; is {
		made := []byte(odd(string(body)))
		if canonical := CanonicalOf(made); canonical != nil {
			return made, canonical
		}
		return made, body
	}
	if in.Body.isCanonical() {
		return body, body
	}
	return body, fill(encoded.canonical)
}

func (in Fields) syncURL(scene Scene) string {
	switch {
	case in.NamesURL != "":
		return in.placed(in.NamesURL, scene)
	case in.Body == ServerEncoded:
		return "http://" + scene.Host + scene.Path + "?a=1&b=<2>"
	}
	return "http://" + scene.Host + scene.Path
}

// call is the payload of a call, with all members that the server sends.
func (in Fields) call(scene Scene) map[string]any {
	data := map[string]any{"nonce": scene.Nonce, "pad": "a"}
	in.Body.addTo(data)
	if in.Body == Rich || in.Body == ServerEncoded {
		data["text"] = "é € 😀 & < > \u2028 \" \\ / \t \u0001"
		data["numbers"] = []any{0, -1, 0.1, 1e21, 1e-7, 123456789012, 5e-324, 1.7976931348623157e308}
		data["\u20ac"], data["\ufb33"], data["😀"] = nil, true, false
	}
	if in.Body == Large {
		data["filler"] = strings.Repeat("0123456789abcdef", (reference.MaxBody-64<<10)/16/2) // both event and events contain it
	}
	event := map[string]any{
		"id": scene.Nonce, "name": in.eventName(scene), "data": data, "ts": scene.Now.UnixMilli(), "user": map[string]any{},
	}
	run := map[string]any{
		"attempt": 0, "max_attempts": 4, "disable_immediate_execution": false, "env": "", "fn_id": functionUUID,
		"generation_id": 1, "job_id": jobOf(scene.Nonce), "qi_id": queueItemOf(scene.Nonce), "request_id": scene.Nonce,
		"run_id": scene.Nonce, "step_id": "step", "stack": map[string]any{"current": 0, "stack": []any{}}, "use_api": in.UseAPI,
	}
	payload := map[string]any{
		"ctx": run, "defers": map[string]any{}, "event": event, "events": []any{event}, "steps": map[string]any{},
		"use_api": in.UseAPI, "version": -1,
	}
	addMembers(payload, in.Members)
	return payload
}

// eventName is the event that triggers the called function. An SDK may check it.
func (in Fields) eventName(scene Scene) string {
	switch {
	case in.Event != "":
		return in.Event
	case scene.Visibility == ByCall:
		return InvokedEvent
	case in.Function == SendID, in.Function == StepID:
		return AppID + "/" + strings.TrimPrefix(in.Function, AppID+"-")
	}
	return EchoEvent
}

// encode encodes a value in a form, and in canonical form.
func (f BodyForm) encode(value any) (body, canonical []byte) {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic("a payload can be encoded: " + err.Error())
	}
	canonical = CanonicalOf(encoded)
	switch f {
	case ServerEncoded:
		return encoded, canonical
	case Respaced:
		var spaced bytes.Buffer
		_ = json.Indent(&spaced, canonical, "", "  ") // valid JSON never fails
		return spaced.Bytes(), canonical
	case Reordered:
		return reversed(canonical), canonical
	}
	return canonical, canonical
}

func (f BodyForm) isCanonical() bool {
	return f == Canonical || f == Rich || f == Large || len(f.Kinds()) > 0
}

// placed fills in the host of an origin other than the API's.
func (in Fields) placed(text string, scene Scene) string {
	return strings.ReplaceAll(text, "{elsewhere}", scene.Elsewhere)
}
