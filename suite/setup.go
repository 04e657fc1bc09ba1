package suite

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// Setup is the environment that a case needs its target to run in. The zero Setup
// is cloud mode with a primary key and nothing else. Setups are comparable: one
// process serves all cases with equal set-ups.
type Setup struct {
	Key         KeyForm // INNGEST_SIGNING_KEY; the zero value is Present
	Fallback    KeyForm // INNGEST_SIGNING_KEY_FALLBACK; the zero value is Absent
	Mode        ModeSetting
	Env         string // INNGEST_ENV
	ServeOrigin string // INNGEST_SERVE_ORIGIN
	Unreachable bool   // nothing listens at the API's address

	// Passed to the SDK's constructor, not in the environment.
	CodeKey, CodeFallback KeyForm
	CodeDev               string // "1" or "0"

	Platform Platform // where the app runs

	Worker bool // the app can be made to connect to a gateway (SPEC 8)
}

// KeyForm is the form of a key in the environment.
type KeyForm string

// The key forms.
const (
	Present     KeyForm = "present"            // signkey-prod-<hex>
	Absent      KeyForm = "absent"             // the variable is not set
	Empty       KeyForm = "empty"              // the variable is an empty string
	Blank       KeyForm = "blank"              // only white space
	PrefixOnly  KeyForm = "a prefix only"      // signkey-prod-
	Bare        KeyForm = "without a prefix"   // <hex>
	Branch      KeyForm = "a branch key"       // signkey-branch-<hex>
	TestKey     KeyForm = "a test key"         // signkey-test-<hex>
	Padded      KeyForm = "between blanks"     // a space before it, a newline after it
	Repeated    KeyForm = "the primary key"    // of the fallback: the text of the primary key
	TwoDashes   KeyForm = "of two words"       // signkey-prod-eu-<hex>: not a prefix of the specification
	NotHex      KeyForm = "not hex"            // signkey-prod-<letters>
	Long        KeyForm = "very long"          // signkey-prod-<the hex digits, 64 times>
	Quoted      KeyForm = "in quotation marks" // "signkey-prod-<hex>", quotation marks included
	Placeholder KeyForm = "a placeholder"      // ***
	Former      KeyForm = "the key before"     // before a rotation: only the fallback key, as the primary
)

// nowhere is an address on loopback where nothing listens: the discard port.
const nowhere = "http://127.0.0.1:9"

// ModeSetting is the value of INNGEST_DEV, as INNGEST_DEV=value.
type ModeSetting string

// The modes that are not a fixed value of INNGEST_DEV.
const (
	Cloud    ModeSetting = ""         // cloud mode, with the variables that the target's description names
	Unstated ModeSetting = "unstated" // neither INNGEST_DEV nor another variable that selects a mode
	// DevHere sets INNGEST_DEV to the origin of the stand-in API.
	DevHere ModeSetting = "INNGEST_DEV={{origin}}"
)

// Dev sets INNGEST_DEV to a value: Dev("1") selects dev mode.
func Dev(text string) ModeSetting { return ModeSetting(reference.EnvDev + "=" + text) }

// States returns the value of INNGEST_DEV, and whether the mode sets it.
func (m ModeSetting) States() (text string, stated bool) {
	return strings.CutPrefix(string(m), reference.EnvDev+"=")
}

// Environment returns the variables of the set-up. origin is the origin of the
// stand-in API. Variables that are not in the map are not set. What selects [Cloud]
// depends on the target and is not included.
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
	put(EnvConnect, "1", s.Worker)
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
	case TestKey:
		return "signkey-test-" + secret, true
	case Padded:
		return " signkey-prod-" + secret + "\n", true
	case Repeated:
		return primary, true
	case TwoDashes:
		return "signkey-prod-eu-" + secret, true
	case Quoted:
		return `"signkey-prod-` + secret + `"`, true
	case Placeholder:
		return "***", true
	case NotHex:
		return "signkey-prod-" + strings.Repeat("z", len(secret)), true
	case Long:
		return "signkey-prod-" + strings.Repeat(secret, 64), true
	}
	return "", false
}

// holdsKey reports whether a form is a usable key.
func (f KeyForm) holdsKey() bool {
	switch f {
	case Present, Bare, Branch, TestKey, Padded, Repeated:
		return true
	}
	return false
}

// hasPrimary reports whether the target should have a usable primary key.
func (s Setup) hasPrimary() bool {
	return s.Key == "" || s.Key.holdsKey() || s.CodeKey.holdsKey()
}

// hasFallback reports whether the target should have a usable fallback key.
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

// Control returns the control set-up: it differs in the one variable because of
// which a target in this set-up need not accept valid requests. ok is false if
// there is no such variable.
func (s Setup) Control() (control Setup, ok bool) {
	if s.Dev() || s.Key == "" || s.Key == Former || s.hasPrimary() && s.Key != Padded {
		return s, false
	}
	s.Key = ""
	return s, true
}

// String describes how the set-up differs from the zero Setup.
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
	say(s.Platform != "", "%s", s.Platform)
	say(s.Worker, "an app that can connect")
	if len(unusual) == 0 {
		return "cloud mode, one key"
	}
	return strings.Join(unusual, ", ")
}
