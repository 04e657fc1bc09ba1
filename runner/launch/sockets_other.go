//go:build !linux

package launch

// Which process listens where is not known here.
func listeners() (map[int][]string, bool)   { return nil, false }
func socketsAt(string) ([]socket, bool)     { return nil, false }
func socketsOf(int) ([]string, bool)        { return nil, false }
func holderOf(socket) (pid int, found bool) { return 0, false }
func commandOf(int) string                  { return "" }
func inGroup(int) []int                     { return nil }
func orphans(string) []int                  { return nil }
