package suite

import (
	"bytes"
	"encoding/hex"
	"net/url"
	"strings"
	"time"
)

// expiredBy is how long ago the recorded message was signed.
const expiredBy = time.Hour

// resplit makes a message that was signed expiredBy ago and splits it anew.
func (in Fields) resplit(kind Kind, scene Scene) (body []byte, made Made) {
	fresh := unix(scene.Now)
	signed := in.Split.recorded(kind, scene, fresh)
	at := unix(scene.Now.Add(-expiredBy))
	mac := scene.Keys.Key(in.Key).MAC(signed, at)
	message := append(bytes.Clone(signed), at...)
	made = Made{Canonical: CanonicalOf(signed), Signed: message, MAC: hex.EncodeToString(mac[:])}
	switch in.Split {
	case EmptyTime:
		made.Signature = "t=&s=" + made.MAC
		return message, made
	case NoTime:
		made.Signature = "s=" + made.MAC
		return message, made
	}
	cut := bytes.LastIndex(signed, []byte(fresh))
	if in.Split == FreshInEvent { // the event's ts begins with the same digits
		cut = bytes.LastIndex(signed, []byte(`"pad":"`+fresh)) + len(`"pad":"`)
	}
	made.Signature = "t=" + url.QueryEscape(string(message[cut:])) + "&s=" + made.MAC
	return message[:cut], made
}

// recorded is the body that was signed. The caller of a durable endpoint chooses
// its body, which may be a call followed by a number, or a number.
func (s Split) recorded(kind Kind, scene Scene, fresh string) []byte {
	body, _ := Fields{}.callBody(scene)
	switch s {
	case FreshBehind:
		return append(bytes.Clone(body), fresh+"!"...)
	case FreshInEvent:
		return []byte(strings.ReplaceAll(string(body), `"pad":"a"`, `"pad":"`+fresh+`"`))
	case FreshInText:
		return []byte(`"` + fresh + `"`)
	case FreshInArray:
		return []byte("[" + fresh + "]")
	case FreshInNumber:
		return []byte("1" + fresh + " ")
	}
	if kind == KindProbe {
		return []byte("1") // followed by t it is still a number
	}
	return body
}
