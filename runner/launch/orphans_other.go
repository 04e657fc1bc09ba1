//go:build !linux

package launch

// The variables of other processes cannot be read here: a process that left its
// group keeps running.
func killOrphans(string) {}
func endOrphans(string)  {}

// When a process began is not known here.
func beganAt(int) string        { return "" }
func killLeftGroup(int, string) {}
