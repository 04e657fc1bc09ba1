package suite

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// Setup is the world that a case needs: the environment of the target's
// process. The zero Setup is cloud mode with a primary key and nothing else.
// Setups are compared: one process serves all cases with equal ones.
type Setup struct {
	Key         KeyForm // INNGEST_SIGNING_KEY; the zero value is Present
	Fallback    KeyForm // INNGEST_SIGNING_KEY_FALLBACK; the zero value is Absent
	Mode        Mode
	Env         string // INNGEST_ENV
	ServeOrigin string // INNGEST_SERVE_ORIGIN
	Unreachable bool   // the API is at an address where nothing listens

	// Passed to the SDK's constructor instead of standing in the environment.
	CodeKey, CodeFallback KeyForm
	CodeDev               string // "1" or "0"
}

// KeyForm is how a key stands in the environment.
type KeyForm string

// The forms.
const (
	Present    KeyForm = "present"          // signkey-prod-<hex>
	Absent     KeyForm = "absent"           // the variable is not set
	Empty      KeyForm = "empty"            // the variable is set to nothing
	Blank      KeyForm = "blank"            // only white space
	PrefixOnly KeyForm = "a prefix only"    // signkey-prod-
	Bare       KeyForm = "without a prefix" // <hex>
	Branch     KeyForm = "a branch key"     // signkey-branch-<hex>
	Padded     KeyForm = "between blanks"   // white space before, a newline behind
	Repeated   KeyForm = "the primary key"  // for the fallback: the primary's text
	TwoDashes  KeyForm = "of two words"     // signkey-prod-eu-<hex>: no prefix that SPEC knows
	NotHex     KeyForm = "not hex"          // signkey-prod-<letters>
	Long       KeyForm = "very long"        // signkey-prod-<hex, 64 times over>
	Former     KeyForm = "the key before"   // of a rotation: the fallback's text stands alone
)

// nowhere is an address on loopback where nothing listens: the discard port.
const nowhere = "http://127.0.0.1:9"

// Mode is what INNGEST_DEV says.
type Mode string

// The modes that are not a text of INNGEST_DEV.
const (
	Cloud    Mode = ""         // cloud, by the variables that the target's description names
	Unstated Mode = "unstated" // neither INNGEST_DEV nor any other variable that selects a mode
	// DevHere is INNGEST_DEV with the origin of the stand-in API.
	DevHere Mode = "INNGEST_DEV={{origin}}"
)

// Dev is INNGEST_DEV with a text: Dev("1") forces development mode.
func Dev(text string) Mode { return Mode(reference.EnvDev + "=" + text) }

// States reports whether the mode sets INNGEST_DEV, and to what.
func (m Mode) States() (text string, stated bool) {
	return strings.CutPrefix(string(m), reference.EnvDev+"=")
}

// Environment gives the INNGEST_* variables of the set-up. origin is where the
// stand-in API listens. Variables that are not set are not in the map; how a
// target selects [Cloud] is the target's to say.
func (s Setup) Environment(keys Keyring, origin string) map[string]string {
	if s.Unreachable {
		origin = nowhere
	}
	env := map[string]string{
		EnvCanary: keys.Canary, reference.EnvBaseURL: origin, reference.EnvAPIBaseURL: origin, reference.EnvEventBaseURL: origin,
		reference.EnvEventKey: keys.EventKey,
	}
	put := func(name, value string, set bool) {
		if set {
			env[name] = value
		}
	}
	text, set := s.keyText(keys)
	put(reference.EnvSigningKey, text, set)
	text, set = s.fallbackText(keys)
	put(reference.EnvFallback, text, set)
	text, set = s.CodeKey.text(keys.secret(Primary), "")
	put(EnvCodeKey, text, set)
	text, set = s.CodeFallback.text(keys.secret(Fallback), "")
	put(EnvCodeFallback, text, set)
	put(EnvCodeDev, s.CodeDev, s.CodeDev != "")
	put(reference.EnvEnvironment, s.Env, s.Env != "")
	put(reference.EnvServeOrigin, s.ServeOrigin, s.ServeOrigin != "")
	text, set = s.Mode.States()
	put(reference.EnvDev, strings.ReplaceAll(text, "{{origin}}", origin), set)
	return env
}

func (s Setup) keyText(keys Keyring) (string, bool) {
	form := s.Key
	switch form {
	case "":
		form = Present
	case Former:
		return Present.text(keys.secret(Fallback), "")
	}
	return form.text(keys.secret(Primary), "")
}

func (s Setup) fallbackText(keys Keyring) (string, bool) {
	primary, _ := s.keyText(keys)
	return s.Fallback.text(keys.secret(Fallback), primary)
}

func (f KeyForm) text(secret, primary string) (text string, set bool) {
	switch f {
	case Present:
		return "signkey-prod-" + secret, true
	case Empty:
		return "", true
	case Blank:
		return "   ", true
	case PrefixOnly:
		return "signkey-prod-", true
	case Bare:
		return secret, true
	case Branch:
		return "signkey-branch-" + secret, true
	case Padded:
		return " signkey-prod-" + secret + "\n", true
	case Repeated:
		return primary, true
	case TwoDashes:
		return "signkey-prod-eu-" + secret, true
	case NotHex:
		return "signkey-prod-" + strings.Repeat("z", len(secret)), true
	case Long:
		return "signkey-prod-" + strings.Repeat(secret, 64), true
	}
	return "", false
}

// holdsKey reports whether a form gives the target a key at all.
func (f KeyForm) holdsKey() bool {
	switch f {
	case Present, Bare, Branch, Padded, Repeated:
		return true
	}
	return false
}

// hasPrimary and hasFallback report which keys the target ought to hold.
func (s Setup) hasPrimary() bool {
	return s.Key == "" || s.Key.holdsKey() || s.CodeKey.holdsKey()
}
func (s Setup) hasFallback() bool {
	return s.Fallback.holdsKey() || s.CodeFallback.holdsKey() || s.Key == Former
}

// Dev reports whether the set-up selects dev mode.
func (s Setup) Dev() bool {
	if s.CodeDev != "" {
		return s.CodeDev == "1"
	}
	text, stated := s.Mode.States()
	return stated && text != "" && text != "0" && text != "false"
}

// Control is the set-up that differs in the one variable that makes this one
// deliberately unfit to accept what is authentic. ok is false where nothing is.
func (s Setup) Control() (healthy Setup, ok bool) {
	if s.Dev() || s.Key == "" || s.Key == Former || s.hasPrimary() && s.Key != Padded {
		return s, false
	}
	s.Key = ""
	return s, true
}

// String says what is unusual about the set-up.
func (s Setup) String() string {
	var unusual []string
	say := func(when bool, format string, args ...any) {
		if when {
			unusual = append(unusual, fmt.Sprintf(format, args...))
		}
	}
	text, stated := s.Mode.States()
	say(s.Key != "", "key %s", s.Key)
	say(s.Fallback != "", "fallback %s", s.Fallback)
	say(stated, "%s=%s", reference.EnvDev, text)
	say(s.Mode == Unstated, "no %s", reference.EnvDev)
	say(s.Env != "", "%s=%s", reference.EnvEnvironment, s.Env)
	say(s.Unreachable, "an API that cannot be reached")
	say(s.CodeKey != "", "key %s, in code", s.CodeKey)
	say(s.CodeFallback != "", "fallback %s, in code", s.CodeFallback)
	say(s.CodeDev != "", "development mode %s, in code", s.CodeDev)
	say(s.ServeOrigin != "", "%s=%s", reference.EnvServeOrigin, s.ServeOrigin)
	if len(unusual) == 0 {
		return "cloud mode, one key"
	}
	return strings.Join(unusual, ", ")
}
