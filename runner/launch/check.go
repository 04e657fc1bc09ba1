package launch

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
)

var (
	targetName   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	placeholder  = regexp.MustCompile(`\{[a-z]+\}`)
)

var placeholders = []string{"{version}", "{variant}", "{cache}", "{app}"}

// checker keeps the first error in a description.
type checker struct {
	text  []byte
	file  string
	wrong error
}

// want records an error at a place, "$.cloud[0].name", unless a condition holds.
func (c *checker) want(holds bool, place, format string, args ...any) {
	if !holds && c.wrong == nil {
		c.wrong = page.Usage(readmeHint, "%s%s: %s", c.file, c.position(place), fmt.Sprintf(format, args...))
	}
}

// oneOf records a word that is none of the known ones, with the nearest of them.
func (c *checker) oneOf(place, what, word string, known []string) {
	unknown := page.NoSuch(what, word, known)
	c.want(slices.Contains(known, word), place, "%s; %s", unknown.Sentence, unknown.Hint)
}

// position is ":line:column" of a place, or of the nearest member that contains it.
func (c *checker) position(place string) string {
	parsed, err := parser.ParseBytes(c.text, 0)
	for err == nil && place != "" {
		if path, err := yaml.PathString(place); err == nil {
			if node, err := path.FilterFile(parsed); err == nil && node != nil {
				at := node.GetToken().Position
				return fmt.Sprintf(":%d:%d", at.Line, at.Column)
			}
		}
		place = place[:max(0, strings.LastIndexAny(place, ".["))]
		if place == "$" {
			break
		}
	}
	return ""
}

// check finds errors in a well-formed description.
func (d Description) check(text []byte, file string) error {
	c := &checker{text: text, file: file}
	c.want(targetName.MatchString(d.Name), "$.name", "name must be lower-case words joined by hyphens, not %q", d.Name)
	c.want(d.Title != "", "$.title", "title is missing")
	c.want(len(d.Start) > 0 && d.Start[0] != "", "$.start", "start is missing: the command that starts the app")
	c.want(strings.HasPrefix(d.Path, "/") && !strings.ContainsAny(d.Path, "?# "), "$.path", "path must be an absolute path, like /api/inngest, not %q", d.Path)
	d.checkVersions(c)
	d.checkCommands(c)
	d.checkVariables(c)
	c.claims("$.capabilities", d.Capabilities, false)
	d.checkLimits(c)
	d.checkReads(c)
	d.checkVariants(c)
	return c.wrong
}

func (d Description) checkVersions(c *checker) {
	c.version("$.defaultVersion", d.DefaultVersion)
	if d.Versions != "" {
		_, err := semver.NewConstraint(d.Versions)
		c.want(err == nil, "$.versions", "%q is not a range of versions: %v", d.Versions, err)
		c.want(d.DefaultVersion != "", "$.versions", "a range of versions needs a defaultVersion")
	}
	if c.wrong == nil && d.DefaultVersion != "" {
		_, err := d.version("")
		c.want(err == nil, "$.defaultVersion", "the default is not one of the supported versions: %v", err)
	}
	for _, version := range sorted(d.Says) {
		c.version("$.says", version)
	}
	for i, word := range d.Published { // it runs before a version is chosen
		c.want(!placeholder.MatchString(word), fmt.Sprintf("$.published[%d]", i), "published is one command for all versions and must not contain %s", placeholder.FindString(word))
	}
	for i, program := range d.Requires {
		place := fmt.Sprintf("$.requires[%d]", i)
		c.want(program.Command != "", place, "a requirement needs a command")
		_, err := semver.NewVersion(program.Minimum)
		c.want(program.Minimum == "" || err == nil, place+".minimum", "%q is not a version", program.Minimum)
		c.between(place, program.Since, program.Before)
	}
}

// version checks a text that is empty or a whole version.
func (c *checker) version(place, text string) {
	_, err := semver.StrictNewVersion(text)
	c.want(text == "" || err == nil, place, "%q is not a whole version like 1.2.3", text)
}

// between checks the range of versions that has something.
func (c *checker) between(place, since, before string) {
	c.version(place+".since", since)
	c.version(place+".before", before)
}

// claims checks claimed capabilities; only those of a variant may be absent.
func (c *checker) claims(place string, claims []Claim, ofVariant bool) {
	for i, claim := range claims {
		place := fmt.Sprintf("%s[%d]", place, i)
		c.oneOf(place+".name", "capability", string(claim.Name), texts(suite.Capabilities))
		c.version(place+".since", claim.Since)
		c.want(ofVariant || !claim.Absent, place+".absent", "only a variant can lack a claimed capability; leave the claim out")
		c.want(!claim.Absent || claim.Since == "", place+".since", "%s is absent, so it has no first version", claim.Name)
	}
}

// checkCommands checks the placeholders in commands and variables.
func (d Description) checkCommands(c *checker) {
	texts := func(place string, texts []string) {
		for i, text := range texts {
			d.checkPlaceholders(c, fmt.Sprintf("%s[%d]", place, i), text)
		}
	}
	texts("$.setup", d.Setup)
	texts("$.start", d.Start)
	d.checkSet(c, "$.set.", d.Set)
}

// checkSet checks variables that are set and the placeholders in their values.
func (d Description) checkSet(c *checker, place string, set map[string]string) {
	for _, name := range sorted(set) {
		c.variable(place+name, name)
		d.checkPlaceholders(c, place+name, set[name])
	}
}

func (d Description) checkPlaceholders(c *checker, place, text string) {
	for _, found := range placeholder.FindAllString(text, -1) {
		c.oneOf(place, "placeholder", found, placeholders)
		c.want(found != "{version}" || d.DefaultVersion != "", place, "{version} needs a defaultVersion")
		c.want(found != "{cache}" || len(d.Setup) > 0, place, "{cache} needs a setup that fills it")
		c.want(found != "{variant}" || len(d.Variants) > 0, place, "{variant} needs variants")
	}
}

// variable checks the name of a variable.
func (c *checker) variable(place, name string) {
	c.want(variableName.MatchString(name), place, "%q is not the name of a variable", name)
}

func (d Description) checkVariables(c *checker) {
	for _, name := range sorted(d.Env) {
		c.variable("$.env."+name, name)
		c.want(strings.HasPrefix(name, "INNGEST_"), "$.env."+name, "%s is not a variable of the specification", name)
		c.want(len(d.Env[name]) > 0, "$.env."+name, "%s is mapped to no name", name)
		for i, own := range d.Env[name] {
			c.variable(fmt.Sprintf("$.env.%s[%d]", name, i), own)
		}
	}
	for i, cloud := range d.Cloud {
		place := fmt.Sprintf("$.cloud[%d]", i)
		c.variable(place+".name", cloud.Name)
		c.between(place, cloud.Since, cloud.Before)
	}
}

func list[T ~string](words []T) string { return strings.Join(texts(words), ", ") }

func texts[T ~string](words []T) (texts []string) {
	for _, word := range words {
		texts = append(texts, string(word))
	}
	return texts
}

func sorted[V any](of map[string]V) []string {
	var names []string
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
