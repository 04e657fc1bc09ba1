package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"reflect"
)

// Fingerprint identifies what a case sends and in which circumstances, to the byte:
// what was observed of a case with another fingerprint is no evidence for this one.
// It is 64 hexadecimal digits. What the case expects is not part of it.
func (c Case) Fingerprint() string {
	f := fingerprint{sha256.New(), VectorScene()}
	f.scene.ServerKind = c.Given.ServerKind()
	f.add("set-up", settings(c.Given))
	f.add("state", fmt.Sprint(c.State.Cold, c.State.Idle, c.State.Last, c.State.Beside))
	for _, e := range c.State.After {
		f.add("times", fmt.Sprint(e.Times))
		f.scene.Before = f.request(e.Send)
	}
	f.request(c.When)
	for _, s := range c.Also {
		f.request(s)
	}
	for _, deviation := range c.Facets.deviations() {
		f.add("deviation", settings(deviation))
	}
	f.scene.Before = nil
	f.request(ControlOf(c, c.Given))
	return hex.EncodeToString(f.Sum(nil))
}

// CatalogueDigest identifies cases with all that they send and require. It is 64
// hexadecimal digits.
func CatalogueDigest(cases []Case) string {
	f := fingerprint{Hash: sha256.New()}
	for _, c := range cases {
		f.add(c.ID, c.Fingerprint())
		f.add(string(c.Level), c.Then.Requirement)
		for _, check := range c.Then.Checks {
			f.add("check", check.Says)
		}
	}
	return hex.EncodeToString(f.Sum(nil))
}

// deviations are those of a case with facets, and none of one without.
func (f Facets) deviations() []Fields {
	if f.Of == "" {
		return nil
	}
	return f.Deviations()
}

// fingerprint hashes named texts.
type fingerprint struct {
	hash.Hash
	scene Scene
}

func (f fingerprint) add(name, text string) {
	_, _ = fmt.Fprintf(f, "%d %s %d %s\n", len(name), name, len(text), text) // a hash never fails
}

// request adds a request as it is sent in a fixed scene, and how the stand-in API
// responds meanwhile.
func (f fingerprint) request(s Stimulus) *Sent {
	made, in := Make(s, f.scene), s.Fields()
	r := made.Request
	f.add(r.Method, r.Target)
	f.add(r.Version, r.Connection)
	for _, field := range r.Header {
		f.add(field.Name, field.Value)
	}
	f.add("body", string(r.Body))
	f.add("api", settings(Fields{APIRefuses: in.APIRefuses, APIStatus: in.APIStatus, APIResponds: in.APIResponds, APIConduct: in.APIConduct}))
	return &Sent{Made: made, Scene: f.scene}
}

// settings lists the fields of a struct that are set, so that a new kind of field
// changes nothing where it is not.
func settings(of any) (text string) {
	value := reflect.ValueOf(of)
	for i := range value.NumField() {
		if !value.Field(i).IsZero() {
			text += fmt.Sprintf("%s=%v;", value.Type().Field(i).Name, value.Field(i))
		}
	}
	return text
}
