package launch

import (
	"fmt"
	"path/filepath"
	"time"
)

// The limits that a description or a flag may set.
const (
	shortestLimit = time.Millisecond
	longestLimit  = time.Hour
)

func (d Description) checkLimits(c *checker) {
	for _, limit := range []struct {
		place string
		value time.Duration
	}{{"$.limits.setup", d.Limits.Setup}, {"$.limits.start", d.Limits.Start}} {
		err := CheckLimit(limit.value)
		c.want(limit.value == 0 || err == nil, limit.place, "%v", err)
	}
}

// CheckLimit says what is wrong with a limit for a set-up or a start.
func CheckLimit(limit time.Duration) error {
	if limit < shortestLimit || limit > longestLimit {
		return fmt.Errorf("a limit must be between %s and %s, like 90s or 10m, not %s", shortestLimit, longestLimit, limit)
	}
	return nil
}

func (d Description) checkReads(c *checker) {
	if d.SetupReads == nil {
		return
	}
	c.want(len(d.Setup) > 0, "$.setupReads", "setupReads needs a setup")
	for i, path := range *d.SetupReads {
		c.want(filepath.IsLocal(path), fmt.Sprintf("$.setupReads[%d]", i), "%q must be a path in the app's folder", path)
	}
}

func (d Description) checkVariants(c *checker) {
	seen := map[string]bool{}
	for i, v := range d.Variants {
		place := fmt.Sprintf("$.variants[%d]", i)
		c.want(targetName.MatchString(v.Name), place+".name", "the name of a variant must be lower-case words joined by hyphens, not %q", v.Name)
		c.want(!seen[v.Name], place+".name", "there are two variants %s", v.Name)
		seen[v.Name] = true
		c.between(place, v.Since, v.Before)
		d.checkSet(c, place+".set.", v.Set)
		c.want(len(v.SetupAdds) == 0 || len(d.Setup) > 0, place+".setupAdds", "setupAdds needs a setup that it adds to")
		for j, word := range v.SetupAdds {
			d.checkPlaceholders(c, fmt.Sprintf("%s.setupAdds[%d]", place, j), word)
		}
		c.claims(place+".capabilities", v.Capabilities, true)
	}
	if version, err := d.version(""); err == nil && c.wrong == nil {
		_, err = d.resolve(version)
		c.want(err == nil, "$.variants", "%v", err)
	}
}
