package launch

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Requirement is a program that a target needs, and the version that was found.
type Requirement struct {
	Name    string
	Found   string // its version; empty where the program does not run or prints none
	Minimum string
	OK      bool
	Problem string // why the program does not run; empty where it does

	printed string // what it printed as its version
}

// CheckRequirements checks every program that a target needs, in its default
// version.
func CheckRequirements(ctx context.Context, d Description) []Requirement {
	version, err := d.version("")
	if err != nil {
		version = nil
	}
	return check(ctx, d.requires(version))
}

// check looks for programs, all at the same time.
func check(ctx context.Context, programs []Program) []Requirement {
	found := make([]Requirement, len(programs))
	var looking sync.WaitGroup
	for i, program := range programs {
		looking.Go(func() { found[i] = program.look(ctx) })
	}
	looking.Wait()
	return found
}

var versionText = regexp.MustCompile(`\d+(\.\d+){0,2}`)

func (p Program) look(ctx context.Context) Requirement {
	r := Requirement{Name: p.Command, Minimum: p.Minimum}
	if r.printed, r.Problem = p.run(ctx); r.Problem != "" {
		return r
	}
	r.Found = versionText.FindString(r.printed)
	found, err := semver.NewVersion(r.Found)
	minimum, unlimited := semver.NewVersion(p.Minimum)
	r.OK = p.Minimum == "" || err == nil && unlimited == nil && !found.LessThan(minimum)
	return r
}

// run lets a program print its version, without colours. Some print it to standard
// error.
func (p Program) run(ctx context.Context) (printed, problem string) {
	limited, cancel := context.WithTimeout(ctx, limits.Requirement)
	defer cancel()
	command := exec.CommandContext(limited, p.Command, p.Args...)
	var out, errors bytes.Buffer
	command.Stdout, command.Stderr, command.Env, command.WaitDelay = &out, &errors, ownEnvironment(), limits.Drain
	err := command.Run()
	printed = strings.TrimSpace(page.Uncoloured(out.String()))
	complaint := strings.TrimSpace(page.Uncoloured(errors.String()))
	switch {
	case err == nil:
		return cmp.Or(printed, complaint), ""
	case limited.Err() != nil:
		return "", fmt.Sprintf("`%s` did not end within %s", p, limits.Requirement)
	case complaint != "":
		return "", fmt.Sprintf("`%s`: %v: %s", p, err, lastLinesInOne(complaint))
	}
	return "", fmt.Sprintf("`%s`: %v", p, err)
}

// String is the command that prints the version.
func (p Program) String() string { return strings.Join(append([]string{p.Command}, p.Args...), " ") }

// missing is the error for a requirement that is not met.
func (r Requirement) missing(name string) error {
	hint := "install it, or start Countersign where it is on the PATH; `countersign doctor` checks what the targets need"
	wanted := r.Name
	if r.Minimum != "" {
		wanted += " " + r.Minimum + " or newer"
	}
	switch {
	case r.Problem != "":
		return page.Usage(hint, "%s needs %s, but %s does not run here: %s", name, wanted, r.Name, r.Problem)
	case r.Found == "":
		return page.Usage("`args` in target.yaml must make it print its version", "%s needs %s, but %s printed no version: %q", name, wanted, r.Name, r.printed)
	}
	return page.Usage(hint, "%s needs %s, but found %s", name, wanted, r.Found)
}
