package native

import (
	"bytes"
	"errors"
	"testing"

	"github.com/gowebpki/jcs"

	"github.com/countersign-dev/countersign/reference"
)

// Two independent libraries give the same canonical bytes, or both give none; the
// canonical form is its own canonical form; and the argument is not changed.
func FuzzCanonical(f *testing.F) {
	for _, body := range bodies() {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		ours, err := reference.Canonicalise(body)
		if !bytes.Equal(body, before) {
			t.Fatalf("%q became %q", before, body)
		}
		if err != nil && (ours != nil || !errors.Is(err, reference.ErrNoCanonicalForm)) {
			t.Errorf("%q gives %q and an error that is not the documented one: %v", body, ours, err)
		}
		if err != nil && mayBeTooDeep(body) && depth(body) > reference.MaxDepth {
			return // only ours has a limit
		}
		theirs, theirErr := jcs.Transform(body)
		if (err == nil) != (theirErr == nil) || err == nil && !bytes.Equal(ours, theirs) {
			t.Fatalf("%q: ours is %q, %v; theirs is %q, %v", body, ours, err, theirs, theirErr)
		}
		if err != nil {
			return
		}
		if again, err := reference.Canonicalise(ours); err != nil || !bytes.Equal(again, ours) {
			t.Errorf("the canonical form %q has another: %q, %v", ours, again, err)
		}
	})
}
