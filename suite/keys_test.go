package suite

import (
	"math/rand/v2"
	"testing"
)

// A part of twelve characters of a secret is looked for in whatever a target sends.
// So no such part may occur by chance, or two keyrings would have it.
func TestKeyringsHaveNothingInCommon(t *testing.T) {
	const part = 12
	secrets := func(seed uint64) []string {
		k := NewKeyring(rand.New(rand.NewPCG(seed, 2)))
		return []string{k.Primary.Secret(), k.Fallback.Secret(), k.Unknown.Secret(), k.EventKey, k.Canary}
	}
	seen := map[string]bool{}
	for seed := range uint64(64) {
		for _, secret := range secrets(seed) {
			for i := 0; i+part <= len(secret); i++ {
				if seen[secret[i:i+part]] {
					t.Fatalf("two secrets contain %q", secret[i:i+part])
				}
				seen[secret[i:i+part]] = true
			}
		}
	}
}
