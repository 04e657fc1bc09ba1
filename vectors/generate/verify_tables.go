package main

import (
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// windowTable adds both limits of the window, to the second, for every kind of
// request and for the fallback key.
func windowTable(b *verifyBuilder) {
	row := func(name string, given suite.Setup, when func(age time.Duration) suite.Stimulus, seconds ...int) {
		for _, s := range seconds {
			age := time.Duration(s) * time.Second
			c := about(fmt.Sprintf("window.%s.%s", name, ageWord(s)), "4.1.3", 4, must, replay, "", "Window")
			c.Ambiguity = "R6"
			stance := suite.Accepts
			switch {
			case s > 300:
				stance, c.Flags, c.Comment = suite.Refuses, []string{"Expired"}, inSeconds(s)+" old: more than five minutes"
			case s > 60:
				c.Level, c.Comment = should, inSeconds(s)+" old: within five minutes"
			case s >= 0:
				c.Comment = inSeconds(s) + " old: within the last minute"
			case s >= -60:
				c.Level, c.Comment, c.Ambiguity = should, inSeconds(-s)+" ahead: clock skew", "R5"
			case s >= -300:
				stance, c.Level, c.Flags, c.Ambiguity = suite.Unspecified, may, []string{"Future"}, "R5"
				c.Comment = inSeconds(-s) + " ahead: unspecified"
			default:
				stance, c.Flags, c.Ambiguity = suite.Refuses, []string{"Future"}, "R5"
				c.Comment = inSeconds(-s) + " ahead: more than five minutes"
			}
			if c.Risk = replay; stance == suite.Accepts {
				c.Risk = lockout
			}
			b.addRequest(c, suite.Case{Given: given, When: when(age)}, stance)
		}
	}
	rotating := suite.Setup{Fallback: suite.Present}
	row("call", suite.Setup{}, func(age time.Duration) suite.Stimulus { return suite.Call{Age: age} },
		1, 30, 59, 60, 61, 120, 299, 300, 301, 302, 330, 600, 1800, 86400, 30*86400, -1, -30, -59, -60, -61, -120, -299, -300, -301, -330, -600, -3600, -30*86400)
	row("introspection", suite.Setup{}, func(age time.Duration) suite.Stimulus { return suite.Introspect{Age: age} }, 60, 300, 301, -60, -301)
	row("in-band-sync", suite.Setup{}, func(age time.Duration) suite.Stimulus { return suite.InBandSync{Age: age} }, 60, 300, 301, -60, -301)
	row("probe", suite.Setup{}, func(age time.Duration) suite.Stimulus { return suite.Probe{Age: age} }, 60, 300, 301, -60, -301)
	row("fallback", rotating, func(age time.Duration) suite.Stimulus { return suite.Call{Age: age, Key: suite.Fallback} }, 60, 300, 301, -60, -301)
}

func inSeconds(n int) string {
	if n == 1 {
		return "1 second"
	}
	return fmt.Sprintf("%d seconds", n)
}

func ageWord(seconds int) string {
	if seconds < 0 {
		return fmt.Sprintf("ahead-%d", -seconds)
	}
	return fmt.Sprintf("age-%d", seconds)
}

// keyTable adds every form of key, as the primary and as the fallback, with every signer.
func keyTable(b *verifyBuilder) {
	forms := []struct {
		name  string
		form  suite.KeyForm
		level string // of accepting its signatures; empty where there is no key
		why   string
	}{
		{"present", suite.Present, must, ""}, {"bare", suite.Bare, should, "R24"}, {"branch", suite.Branch, must, ""}, {"padded", suite.Padded, should, "R18"},
		{"absent", suite.Absent, "", ""}, {"empty", suite.Empty, "", ""}, {"blank", suite.Blank, "", ""}, {"prefix-only", suite.PrefixOnly, "", ""},
	}
	add := func(id string, given suite.Setup, signer suite.KeyName, level, why, comment string) {
		stance, risk := suite.Accepts, lockout
		if level == "" {
			stance, level, risk = suite.Refuses, must, forgery
		} else if level == may {
			stance = suite.Unspecified
		}
		call := suite.Call{Key: signer}
		if signer == suite.Primary {
			call.Key = "" // the zero value is the primary key
		}
		from := suite.Case{Given: given, When: call}
		c := about("keys-table."+id, "3.1", 3, level, risk, comment)
		c.Ambiguity, c.Flags = why, flagsOf(from)
		b.addRequest(c, from, stance)
	}
	words := map[suite.KeyName]string{suite.Primary: "primary", suite.Fallback: "fallback", suite.EmptyKey: "empty", suite.UnknownKey: "stranger"}
	for _, f := range forms {
		alone, second := suite.Setup{Key: f.form}, suite.Setup{Fallback: f.form}
		rest := suite.Setup{Key: f.form, Fallback: suite.Present}
		names := []suite.KeyName{suite.Primary, suite.EmptyKey, suite.UnknownKey, suite.Fallback}
		if f.level == "" {
			names = names[:2] // without a key, another signer would be a second fault
		}
		for _, signer := range names {
			level := ""
			if signer == suite.Primary {
				level = f.level
			}
			add("primary-"+f.name+"."+words[signer], alone, signer, level, ifAny(level, f.why), fmt.Sprintf("key %s, no fallback; signed with %s", f.form, signers[signer]))
		}
		for _, signer := range []suite.KeyName{suite.Primary, suite.Fallback, suite.EmptyKey, suite.UnknownKey} {
			level, why := "", ""
			switch signer {
			case suite.Primary:
				level = must
			case suite.Fallback:
				level, why = f.level, f.why
			}
			add("fallback-"+f.name+"."+words[signer], second, signer, level, ifAny(level, why), fmt.Sprintf("a primary key, fallback %s; signed with %s", f.form, signers[signer]))
		}
		if f.level == "" {
			add("only-fallback-"+f.name+".fallback", rest, suite.Fallback, may, "R17", fmt.Sprintf("key %s, with a fallback; signed with the fallback key", f.form))
			add("only-fallback-"+f.name+".empty", rest, suite.EmptyKey, "", "", fmt.Sprintf("key %s, with a fallback; signed with the empty key", f.form))
		}
	}
}

func ifAny(level, why string) string {
	if level == "" {
		return ""
	}
	return why
}

// signers are the keys that sign, as the comments name them.
var signers = map[suite.KeyName]string{
	suite.Primary: "the primary key", suite.Fallback: "the fallback key", suite.EmptyKey: "the empty key", suite.UnknownKey: "an unknown key",
}
