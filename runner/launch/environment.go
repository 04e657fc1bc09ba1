package launch

import (
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// surroundings are what a process needs to know besides its set-up.
type surroundings struct {
	home   string // a folder of its own, for HOME and TMPDIR
	port   string
	origin string // of the stand-in API
	beacon string
}

// environment returns all variables of a target's process. Of this process's own
// environment only PATH is passed on.
func (l *Lab) environment(s suite.Setup, around surroundings) []string {
	env := map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": around.home, "TMPDIR": around.home, "LANG": "C.UTF-8",
		"PORT": around.port, suite.EnvBeacon: around.beacon,
	}
	maps.Copy(env, s.Platform.Variables()) // first: what is said on purpose counts more
	if s.Mode == suite.Cloud {
		for _, variable := range l.target.Cloud {
			if has(l.version, variable.Since, variable.Before) {
				env[variable.Name] = variable.Value
			}
		}
	}
	for name, value := range l.target.Set {
		env[name] = l.fill(value, l.cache)
	}
	stated := s.Environment(l.keys, around.origin)
	for _, name := range sorted(stated) {
		if _, renamed := l.target.Env[name]; !renamed {
			env[name] = stated[name]
		}
	}
	for _, name := range sorted(stated) { // the target's own names override others
		for _, own := range l.target.Env[name] {
			env[own] = stated[name]
		}
	}
	var variables []string
	for _, name := range sorted(env) {
		variables = append(variables, name+"="+env[name])
	}
	return variables
}

// fill puts values into the placeholders of a text.
func (l *Lab) fill(text, cache string) string {
	version := ""
	if l.version != nil {
		version = l.version.String()
	}
	return strings.NewReplacer("{version}", version, "{variant}", l.target.variant, "{cache}", cache, "{app}", l.app).Replace(text)
}

func (l *Lab) fillAll(texts []string, cache string) []string {
	var filled []string
	for _, text := range texts {
		filled = append(filled, l.fill(text, cache))
	}
	return filled
}

// ownEnvironment is this process's environment without the INNGEST_ variables,
// which may be keys.
func ownEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "INNGEST_") })
}
