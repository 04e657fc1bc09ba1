package suite

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
)

// The further requests of a case differ from its first one, and rest on the same.
func TestFurtherRequestsAreOfTheSameKind(t *testing.T) {
	further := 0
	for _, c := range Catalogue() {
		seen := map[Stimulus]bool{c.When: true}
		for _, stimulus := range c.Also {
			one := c
			one.When = stimulus
			if seen[stimulus] || stimulus.Kind() != c.When.Kind() || stimulus.Fields().Scripts() {
				t.Errorf("%s: it is sent twice, or is of another kind, or scripts the API: %s", c.ID, Describe(stimulus))
			}
			if c.Then.Negative && len(one.Faults()) != len(c.Faults()) {
				t.Errorf("%s: %s has the faults %v", c.ID, Describe(stimulus), one.Faults())
			}
			seen[stimulus] = true
			further++
		}
	}
	if further < 50 {
		t.Errorf("there are only %d further requests", further)
	}
}

// Each modification that adds a second event keeps the signed one, and adds the one
// of the scene.
func TestInjectionsAddTheNonceOfTheScene(t *testing.T) {
	for tamper := range injections {
		scene := testScene()
		scene.Visibility = Full
		r := Make(Call{Tamper: tamper}, scene).Request
		signed := strings.Contains(string(r.Body), signedNonce(scene.Nonce)) || tamper == CallOnlyInQuery
		if !signed || !strings.Contains(r.Target+string(r.Body), scene.Nonce) {
			t.Errorf("%s: %s\n%s", tamper, r.Target, r.Body)
		}
	}
}

// Each difference that a careless canonicaliser does not see is in the body, which the
// signature does not cover.
func TestEveryDifferenceIsInTheBody(t *testing.T) {
	for tamper, texts := range differences {
		made := Make(Call{Tamper: tamper}, testScene())
		if body := string(made.Request.Body); !strings.Contains(body, texts[1]) || !json.Valid(made.Request.Body) || strings.Contains(string(made.Signed), texts[1]) {
			t.Errorf("%s: %s", tamper, body)
		}
	}
}

// A call has exactly the size that is asked for.
func TestSizesAreExact(t *testing.T) {
	for _, size := range []int{4 << 10, 4<<10 + 1, 64 << 10} {
		if got := len(Make(Call{Size: size}, testScene()).Request.Body); got != size {
			t.Errorf("%d bytes, not %d", got, size)
		}
	}
}

// Every kind of content is in canonical form, is different, and leaves the nonce alone.
func TestEveryKindOfContent(t *testing.T) {
	for form, kinds := range contents {
		whole := objectOf(string(Make(Call{Body: form}, testScene()).Request.Body))
		data := whole["event"].(map[string]any)["data"].(map[string]any)
		if data["nonce"] != testScene().Nonce {
			t.Errorf("%s: the nonce is %v", form, data["nonce"])
		}
		for _, kind := range kinds {
			scene := testScene()
			body := Make(Call{Body: kind.form}, scene).Request.Body
			canonical, err := reference.Canonicalise(body)
			if err != nil || string(canonical) != string(body) {
				t.Errorf("%s: it is not in canonical form: %v", kind.form, err)
			}
			members := objectOf("{" + kind.members + "}")
			for name, value := range members {
				if !reflect.DeepEqual(data[name], value) {
					t.Errorf("%s: %q is %v in the whole", kind.form, name, data[name])
				}
			}
			if len(members) == 0 {
				t.Errorf("%s has no members", kind.form)
			}
		}
	}
}

// Bodies of every form are really different, and none but the usual ones is in
// canonical form with its MAC.
func TestFormlessBodiesDiffer(t *testing.T) {
	seen := map[string]BodyForm{}
	for _, form := range slices.Concat(unusual, illFormed) {
		body := string(Make(Call{Body: form}, testScene()).Request.Body)
		if other, known := seen[body]; known || body == "" {
			t.Errorf("%s and %s are the same", form, other)
		}
		seen[body] = form
	}
}
