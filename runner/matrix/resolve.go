package matrix

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/runner/sweep"
)

// Reference names the embedded reference among targets.
const Reference = "reference"

// newest stands for the newest release that a target supports.
const newest = "newest"

// Target is the target that a text names: NAME[/VARIANT][@VERSION], the path of a
// target's folder, or [Reference].
func Target(text string, limits launch.Limits) run.TargetSpec {
	if text == Reference {
		return run.TargetSpec{}
	}
	return run.TargetSpec{Name: text, Limits: limits}
}

// resolve turns what the user wrote into columns without verdicts. A text may
// name several versions: "inngest-js@3.18.0,newest".
func resolve(ctx context.Context, texts []string) ([]Column, error) {
	var columns []Column
	for _, text := range texts {
		found, err := resolveOne(ctx, text)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if slices.ContainsFunc(columns, func(other Column) bool { return other.Target == c.Target }) {
				return nil, page.Usage("name each target and version once", "%s is named twice", c.Target)
			}
			columns = append(columns, c)
		}
	}
	return columns, nil
}

func resolveOne(ctx context.Context, text string) ([]Column, error) {
	if text == Reference {
		return []Column{{Target: Reference, Name: Reference}}, nil
	}
	name, versions := run.SplitVersion(text)
	if versions == "" && strings.HasSuffix(text, "@") {
		return nil, page.Usage("leave out the @ for the default version", "%s has no version after its @", text)
	}
	d, err := launch.Find(name)
	if err != nil {
		return nil, err
	}
	var columns []Column
	for version := range strings.SplitSeq(versions, ",") {
		if version == newest {
			if version, err = sweep.Newest(ctx, d); err != nil {
				return nil, err
			}
		}
		c, err := column(name, d, version)
		var described *page.Error
		if errors.As(err, &described) {
			described.Hint = page.DidYouMean(version, []string{newest}, described.Hint)
		}
		if err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, nil
}

// column is one version of a target, before it is judged.
func column(name string, d launch.Description, version string) (Column, error) {
	lab, err := launch.New(d, version, launch.Options{})
	if err != nil {
		return Column{}, err
	}
	defer lab.Close()
	c := Column{Target: name, Name: lab.Target(), Version: lab.Version()}
	if c.Version != "" {
		c.Target += "@" + c.Version
	}
	c.Digest, err = d.Digest()
	return c, err
}
