package sweep

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/page"
)

// spec is a request for versions: a list, a range, or a constraint.
type spec struct {
	listed   []*semver.Version
	from, to *semver.Version // nil: open
	within   *semver.Constraints
}

const specHint = "write 3.16.0..3.20.0, or 3.16.0,3.18.0, or '>=3.16.0 <3.20.0'"

// parse reads a list "a,b,c", a range "a..b", "a.." or "..b", or a constraint.
func parse(text string) (spec, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return spec{}, page.Usage(specHint, "--versions is empty")
	}
	if from, to, isRange := strings.Cut(text, ".."); isRange {
		return parseRange(text, from, to)
	}
	if listed, isList := parseList(text); isList {
		return spec{listed: listed}, checkHyphen(text, listed)
	}
	within, err := semver.NewConstraint(text)
	if err != nil {
		return spec{}, page.Usage(specHint, "%q is not a list, range or constraint of versions", text)
	}
	return spec{within: within}, nil
}

func parseRange(text, from, to string) (s spec, err error) {
	for _, end := range []struct {
		text string
		into **semver.Version
	}{{from, &s.from}, {to, &s.to}} {
		word := strings.TrimSpace(end.text)
		if word == "" {
			continue
		}
		if *end.into, err = semver.StrictNewVersion(word); err != nil {
			return s, page.Usage("both ends must be whole versions, like 3.16.0..3.20.0", "%q in %q is not a version", word, text)
		}
	}
	switch {
	case s.from == nil && s.to == nil:
		return s, page.Usage("write 3.16.0.. for every version from 3.16.0 on", "%q names no version", text)
	case s.from != nil && s.to != nil && s.to.LessThan(s.from):
		return s, page.Usage(fmt.Sprintf("did you mean %s..%s?", s.to, s.from), "the range %q is empty: it starts with the newer version", text)
	}
	return s, nil
}

// parseList reads a list of whole versions, and sorts it. isList is false where
// the text is something else.
func parseList(text string) (listed []*semver.Version, isList bool) {
	for word := range strings.SplitSeq(text, ",") {
		version, err := semver.StrictNewVersion(strings.TrimSpace(word))
		if err != nil {
			return nil, false
		}
		listed = append(listed, version)
	}
	return tidy(listed), true
}

// checkHyphen refuses 3.16.0-3.20.0: it is a pre-release of 3.16.0, but was most
// likely meant as a range.
func checkHyphen(text string, listed []*semver.Version) error {
	if before, after, found := strings.Cut(text, "-"); found && len(listed) == 1 {
		if _, err := semver.StrictNewVersion(after); err == nil {
			return page.Usage("did you mean "+before+".."+after+"?", "%q reads as a pre-release of %s", text, before)
		}
	}
	return nil
}

// takes reports whether a published version is requested.
func (s spec) takes(v *semver.Version) bool {
	if s.within != nil {
		s.within.IncludePrerelease = true // [sift] decides about pre-releases
		return s.within.Check(v)
	}
	return (s.from == nil || !v.LessThan(s.from)) && (s.to == nil || !v.GreaterThan(s.to))
}

// tidy sorts versions, oldest first, and drops repeated ones.
func tidy(versions []*semver.Version) []*semver.Version {
	slices.SortFunc(versions, func(a, b *semver.Version) int { return a.Compare(b) })
	return slices.CompactFunc(versions, func(a, b *semver.Version) bool { return a.String() == b.String() })
}
