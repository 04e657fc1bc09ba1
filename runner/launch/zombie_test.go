package launch

import (
	"fmt"
	"os"
	"strings"
)

// isZombie: where nobody collects ended processes, they stay listed.
func isZombie(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(status), ") Z ")
}
