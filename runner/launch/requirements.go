package launch

import (
	"context"
	"os/exec"
	"regexp"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/page"
)

// Requirement is a program that a target needs, and the version that was found.
type Requirement struct {
	Name    string
	Found   string // its version; empty where the program does not run
	Minimum string
	OK      bool
}

// CheckRequirements checks every program that a target needs.
func CheckRequirements(ctx context.Context, d Description) []Requirement {
	return check(ctx, d.Requires)
}

func check(ctx context.Context, programs []Program) []Requirement {
	var found []Requirement
	for _, program := range programs {
		found = append(found, program.look(ctx))
	}
	return found
}

var versionText = regexp.MustCompile(`\d+(\.\d+){0,2}`)

func (p Program) look(ctx context.Context) Requirement {
	r := Requirement{Name: p.Command, Minimum: p.Minimum}
	ctx, cancel := context.WithTimeout(ctx, requirementLimit)
	defer cancel()
	command := exec.CommandContext(ctx, p.Command, p.Args...)
	command.WaitDelay = drainLimit
	output, err := command.CombinedOutput()
	if err != nil {
		return r
	}
	r.Found = versionText.FindString(string(output))
	found, err := semver.NewVersion(r.Found)
	minimum, unlimited := semver.NewVersion(p.Minimum)
	r.OK = p.Minimum == "" || err == nil && unlimited == nil && !found.LessThan(minimum)
	return r
}

// missing is the error for a requirement that is not met.
func (r Requirement) missing(d Description) error {
	const hint = "`countersign doctor` checks what the targets need"
	switch {
	case r.Found == "" && r.Minimum == "":
		return page.Usage(hint, "%s needs %s, which does not run here", d.Name, r.Name)
	case r.Found == "":
		return page.Usage(hint, "%s needs %s %s or newer, but %s does not run here", d.Name, r.Name, r.Minimum, r.Name)
	}
	return page.Usage(hint, "%s needs %s %s or newer, but found %s", d.Name, r.Name, r.Minimum, r.Found)
}
