package launch

import "github.com/countersign-dev/countersign/suite/inprocess"

// Embedded makes a lab of the reference, or of what o.Break makes of it, that
// serves it in this process, over loopback.
func Embedded(o Options) *inprocess.Lab {
	return inprocess.NewReference(inprocess.Options{Keys: drawKeys(o.Seed), KeepAlive: o.KeepAlive}, o.Break)
}
