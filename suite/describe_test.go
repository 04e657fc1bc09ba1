package suite

import (
	"reflect"
	"testing"
	"time"
)

func TestEveryFieldOfAStimulusHasAPhrase(t *testing.T) {
	fields := reflect.TypeFor[Fields]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		if _, said := phrases[name]; !said && name != "Unsigned" {
			t.Errorf("what %s does is not described", name)
		}
	}
	if len(phrases) != fields.NumField()-1 {
		t.Errorf("%d phrases for %d fields", len(phrases), fields.NumField())
	}
}

func TestDescribe(t *testing.T) {
	for want, s := range map[string]Stimulus{
		"a call":                                                      Call{},
		"an unsigned call":                                            Call{Unsigned: true},
		"a call signed 5m5s ago":                                      Call{Age: 5*time.Minute + 5*time.Second},
		"a call signed 3m in the future":                              Call{Age: -3 * time.Minute},
		"an introspection signed with an empty key":                   Introspect{Key: EmptyKey},
		"an out-of-band sync while the API rejects both keys":         Sync{APIRefuses: Both},
		"an unsigned DELETE":                                          OtherMethod{Method: "DELETE", Unsigned: true},
		"a call whose signature header is `t={t}` and `s={s}`":        Call{Header: "t={t}\ns={s}"},
		"a call whose body was modified after signing: in the middle": Call{Tamper: InMiddle},
		"a call signed with an unknown key":                           Call{Key: UnknownKey},
		"a call signed 30s ago":                                       Call{Age: 30 * time.Second},
		"a call signed 1h ago":                                        Call{Age: time.Hour},
	} {
		if got := Describe(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestDescribeAs(t *testing.T) {
	for want, as := range map[string]Kind{
		"a call signed with an unknown key":                              KindCall,
		"a trust probe in place of a call signed with an unknown key":    KindProbe,
		"an introspection in place of a call signed with an unknown key": KindIntrospect,
	} {
		if got := DescribeAs(Call{Key: UnknownKey}, as); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestArticles(t *testing.T) {
	for noun, want := range map[string]string{
		"call": "a call", "introspection": "an introspection", "unsigned call": "an unsigned call", "URL": "a URL", "unit": "a unit", "user": "a user",
		"HTTP response": "an HTTP response", "HMAC": "an HMAC", "MAC": "a MAC", "OPTIONS": "an OPTIONS", "HEAD": "a HEAD", "Internal Server Error": "an Internal Server Error", "500": "a 500", "": "a ",
	} {
		if got := Article(noun); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
