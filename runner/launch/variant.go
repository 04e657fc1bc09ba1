package launch

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/page"
)

// Variant is one of several ways in which a target serves its endpoint, such as
// with a web framework. Versions from Since up to, not including, Before have it.
type Variant struct {
	Name         string            `yaml:"name"`
	Since        string            `yaml:"since"`
	Before       string            `yaml:"before"`
	SetupAdds    []string          `yaml:"setupAdds"`    // arguments added to the set-up; what it installs is the variant's own
	Set          map[string]string `yaml:"set"`          // variables besides the target's, or in place of them
	Capabilities []Claim           `yaml:"capabilities"` // in place of the target's claims of the same names
}

// choose sets the variant that a target is judged in.
func (d Description) choose(name string) (Description, error) {
	known := d.VariantNames()
	switch {
	case name == "":
		return d, nil
	case len(known) == 0:
		return d, page.Usage("leave out /"+name, "%s has no variants", d.Name)
	case !slices.Contains(known, name):
		return d, page.Usage(page.DidYouMean(name, known, "write "+d.Name+"/"+known[0]), "%s has no variant %q; it has %s", d.Name, name, list(known))
	}
	d.variant = name
	return d, nil
}

// VariantNames are the variants of a target, in the order of its description.
func (d Description) VariantNames() []string {
	var names []string
	for _, v := range d.Variants {
		names = append(names, v.Name)
	}
	return names
}

// resolve applies the chosen variant, or the first that the version has.
func (d Description) resolve(version *semver.Version) (Description, error) {
	for _, v := range d.Variants {
		chosen := d.variant == v.Name
		switch available := has(version, v.Since, v.Before); {
		case chosen && !available:
			return d, page.Usage(fmt.Sprintf("%s has it %s", d.Name, v.when()), "%s %s has no variant %s", d.Name, version, v.Name)
		case chosen, d.variant == "" && available:
			return d.with(v), nil
		}
	}
	if len(d.Variants) > 0 {
		return d, page.Usage("change `since` or `before` of one of them", "%s %s has none of the variants %s", d.Name, version, list(d.VariantNames()))
	}
	return d, nil
}

// when says which versions have a variant.
func (v Variant) when() string {
	var words []string
	if v.Since != "" {
		words = append(words, "from "+v.Since+" on")
	}
	if v.Before != "" {
		words = append(words, "before "+v.Before)
	}
	return strings.Join(words, " and ")
}

// with is the description of one variant.
func (d Description) with(v Variant) Description {
	d.variant = v.Name
	d.Set = maps.Clone(d.Set)
	if d.Set == nil {
		d.Set = map[string]string{}
	}
	maps.Copy(d.Set, v.Set)
	d.Setup = slices.Concat(d.Setup, v.SetupAdds)
	d.ownSetup = len(v.SetupAdds) > 0 || mentions(d.Setup, "{variant}")
	d.Capabilities = slices.DeleteFunc(slices.Clone(d.Capabilities), func(claim Claim) bool {
		return slices.ContainsFunc(v.Capabilities, func(own Claim) bool { return own.Name == claim.Name })
	})
	for _, claim := range v.Capabilities {
		if !claim.Absent {
			d.Capabilities = append(d.Capabilities, claim)
		}
	}
	return d
}

// FullName is the name of a target with its chosen variant: "inngest-js/express".
func (d Description) FullName() string {
	if d.variant == "" {
		return d.Name
	}
	return d.Name + "/" + d.variant
}
